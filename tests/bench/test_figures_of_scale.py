"""Each figure of the load runs on a tiny size: the yardstick does not rot, and what it proves beside the time holds."""

from collections.abc import Iterator

import pytest

from accounts.models import Affiliation
from bench.harness import Bench, Result
from bench.measures import breach, lights, mails, one_machine, registers, rush
from courses.models import Course, Enrolment, UnitLight
from notices.models import Notice
from tests.factories import make_account, make_course, make_operator, make_unit, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.own_clock, pytest.mark.django_db(transaction=True)]
BENCH = Bench("test")


def unbroken(results: Iterator[Result]) -> list[Result]:
    found = list(results)
    assert found and all(result.ours > 0 and result.reference > 0 for result in found)
    assert not [result for result in found if result.more.get("broken")]
    return found


@pytest.fixture(autouse=True)
def handler() -> None:
    make_account(unit=make_unit())


def test_a_rush_gives_the_places_that_there_are_and_leaves_the_set_as_it_was() -> None:
    unbroken(rush.seat_rush(BENCH, people=60, goes=1))
    assert not Enrolment.objects.exists() and not Course.objects.exists()


def test_a_rush_that_gives_a_place_too_few_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rush.Ours, "outcome", lambda self, courses: (39, 21))
    (result,) = rush.seat_rush(BENCH, people=60, goes=1)
    assert result.more["broken"] and not result.ok


def test_enrolments_are_spread_over_courses() -> None:
    unbroken(rush.enrol_spread(BENCH, people=20, courses=5, goes=1))


def test_people_are_imported_and_taken_away() -> None:
    (result,) = unbroken(registers.import_people(BENCH, rows=50))
    assert result.ok and result.more["rows_per_second"] > 0


def test_people_are_moved_by_a_roster_and_back() -> None:
    make_operator()
    for _ in range(3):
        make_user(unit=make_unit())
    before = list(Affiliation.objects.order_by("pk").values_list("pk", "until"))
    for result in unbroken(registers.roster(BENCH, rows=3, moves=3)):
        assert result.more["rows"] == 3
    assert list(Affiliation.objects.order_by("pk").values_list("pk", "until")) == before


def test_reminders_are_prepared_and_sent_by_two_workers() -> None:
    (result,) = unbroken(mails.day_before(BENCH, people=90))
    assert result.more["statements_of_a_batch"] == result.more["statements_of_one_course"]
    (result,) = unbroken(mails.day_before_mail(BENCH, people=90))
    assert sum(result.more["sent_by_each"]) == 90
    assert not Notice.objects.exists() and not Course.objects.exists()


def test_the_lights_of_all_units_are_timed_and_not_kept() -> None:
    unbroken(lights.lights_all_units(BENCH))
    assert not UnitLight.objects.exists()


def test_the_list_of_a_breach_is_timed() -> None:
    assert [result.note for result in breach.breach_list(BENCH)] == ["1 people", "0 people"]


def test_pages_at_once_and_the_memory_of_their_workers_are_measured() -> None:
    make_course()
    speed, memory = unbroken(one_machine.one_machine(BENCH, number=40))
    assert set(speed.more["statuses"]) == {"200"} and len(memory.more["each"]) == 2
