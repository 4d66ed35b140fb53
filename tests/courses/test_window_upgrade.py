"""The upgrade swaps the ends of enrolment windows that close before they open, and lists them."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from courses.models import Course
from tests.factories import make_course

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upgrade() -> Iterator[Callable[[], None]]:
    """Go back to the release that had no such constraint; the result goes forward again."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes("courses")

    def forward() -> None:
        MigrationExecutor(connection).migrate(leaves)

    yield forward
    forward()


def test_a_window_the_wrong_way_round_is_turned(
    upgrade: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    early, late = date(2026, 12, 1), date(2026, 12, 9)
    wrong = make_course(enrol_from=early, enrol_until=late)
    right = make_course(enrol_from=early, enrol_until=late)
    open_end = make_course(enrol_from=late)
    MigrationExecutor(connection).migrate([("courses", "0013_plurals")])
    Course.objects.filter(pk=wrong.pk).update(enrol_from=late, enrol_until=early)
    upgrade()
    assert set(Course.objects.values_list("pk", "enrol_from", "enrol_until")) == {
        (wrong.pk, early, late),
        (right.pk, early, late),
        (open_end.pk, late, None),
    }
    said = capsys.readouterr().out
    assert wrong.code in said and right.code not in said
