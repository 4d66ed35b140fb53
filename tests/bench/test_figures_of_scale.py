"""Each figure of the load runs on a tiny size: the yardstick does not rot, and what it proves beside the time holds."""

from collections.abc import Iterator
from runpy import run_path
from typing import Any

import pytest

from bench.harness import Bench, Result
from bench.measures import exports, letters, people, rush, scale_out, start
from courses.models import Course, Enrolment
from notices.models import Notice
from tests.factories import (
    close,
    make_account,
    make_course,
    make_enrolment,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = [pytest.mark.postgres, pytest.mark.own_clock, pytest.mark.django_db(transaction=True)]
BENCH = Bench("test", [])


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


def test_a_rush_that_gives_a_place_too_few_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rush.Ours, "outcome", lambda self, courses: (39, 21))
    (result,) = rush.seat_rush(BENCH, people=60, goes=1)
    assert result.more["broken"] and not result.ok


def test_enrolments_are_spread_and_bystanders_are_timed() -> None:
    unbroken(rush.enrol_spread(BENCH, people=20, courses=5, goes=1))
    unbroken(rush.bystander(BENCH, people=40, asked=8, rushes=1))


def test_people_are_imported_and_taken_away() -> None:
    (result,) = unbroken(people.import_people(BENCH, rows=50, goes=1))
    assert result.more["peak_megabytes"] < people.MOST_MEGABYTES


def test_letters_are_written_and_drained() -> None:
    make_operator()
    for _ in range(4):
        make_course(ago=3)
    unbroken(letters.chase_all(BENCH, schools=4))
    unbroken(letters.outbox(BENCH, number=20))
    assert not Notice.objects.exists()


def test_a_start_is_timed() -> None:
    assert {result.name for result in unbroken(start.start(BENCH, goes=1))} == {
        "start.check",
        "start.check.libraries",
        "start.first_page",
        "start.first_page.libraries",
    }


def test_one_and_two_processes_are_compared() -> None:
    make_course(ago=-3)
    course = make_course(ago=3)
    make_enrolment(course)
    close(course)
    found = unbroken(scale_out.scale_out(BENCH, goes=1, pages=4, number=20))
    assert [result.name.partition(".")[2] for result in found] == ["web", "worker", "export"]
    assert all(result.ours > 0 for result in found)


def test_exports_are_timed_and_their_memory_compared() -> None:
    unit = make_unit()
    course = make_course(ago=3)
    for _ in range(3):
        make_enrolment(course, make_user(unit=unit))
    close(course)
    found = unbroken(exports.export_county(BENCH, goes=1, few=10, many=30))
    assert [result.name.partition(".")[2] for result in found] == ["csv", "xlsx", "ods", "memory"]
    assert found[0].more["rows"] == 3


def test_the_libraries_of_the_second_reference_are_those_that_ours_stands_on(settings: Any) -> None:
    # By its file: with its package, its Celery application would be loaded and become that of this process.
    libraries = run_path("bench/libraries/settings.py")
    own = ("inservice.", "kit.", "api.", "audit", "notices", "jobs", "accounts", "signin", "courses", "hours")
    apps = [
        "django.contrib.admin" if app == "accounts.desk_config.DeskConfig" else app
        for app in settings.INSTALLED_APPS
    ]
    assert libraries["INSTALLED_APPS"] == [app for app in apps if not app.startswith(own)]
    ours = [one for one in settings.MIDDLEWARE if not one.startswith(own)]
    # It has no page that asks for a log-in by itself.
    assert libraries["MIDDLEWARE"] == [one for one in ours if "LoginRequired" not in one]
