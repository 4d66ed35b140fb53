"""Fixed instants, and what the site must decide at each, wherever its servers are.

`python -m survive.instants` prints what this process decides, as JSON; row 15 runs it under several time zones.
"""

import json
from datetime import date, datetime
from typing import Any, NamedTuple


class Instant(NamedTuple):
    """A moment in UTC; its Taipei day and ROC year; which courses are overdue; whether course C may still be cancelled.

    M ended on 20 December 2026 in a year that gives 120 days, at most until 31 March; J on 31 December 2027, B on 29 and L on
    30 January 2028, with 30 days. C begins on 1 January 2027, and cancelling ends with the day before.
    """

    moment: str
    day: str
    year: int
    overdue: str
    cancel: bool


# The turn of a day in Taipei, UTC and New York (with its summer time); year ends, 31 March, leap days, a year without one.
# fmt: off
TABLE = tuple(Instant(*line) for line in (
    ("2026-02-28T15:59:59Z", "2026-02-28", 115, "", True),
    ("2026-02-28T16:00:00Z", "2026-03-01", 115, "", True),
    ("2026-02-28T16:00:01Z", "2026-03-01", 115, "", True),
    ("2026-12-31T04:59:59Z", "2026-12-31", 115, "", True),
    ("2026-12-31T05:00:00Z", "2026-12-31", 115, "", True),
    ("2026-12-31T05:00:01Z", "2026-12-31", 115, "", True),
    ("2026-12-31T15:59:59Z", "2026-12-31", 115, "", True),
    ("2026-12-31T16:00:00Z", "2027-01-01", 116, "", False),
    ("2026-12-31T16:00:01Z", "2027-01-01", 116, "", False),
    ("2026-12-31T23:59:59Z", "2027-01-01", 116, "", False),
    ("2027-01-01T00:00:00Z", "2027-01-01", 116, "", False),
    ("2027-01-01T00:00:01Z", "2027-01-01", 116, "", False),
    ("2027-03-14T06:59:59Z", "2027-03-14", 116, "", False),
    ("2027-03-14T07:00:00Z", "2027-03-14", 116, "", False),
    ("2027-03-14T07:00:01Z", "2027-03-14", 116, "", False),
    ("2027-03-31T03:59:59Z", "2027-03-31", 116, "", False),
    ("2027-03-31T04:00:00Z", "2027-03-31", 116, "", False),
    ("2027-03-31T04:00:01Z", "2027-03-31", 116, "", False),
    ("2027-03-31T15:59:59Z", "2027-03-31", 116, "", False),
    ("2027-03-31T16:00:00Z", "2027-04-01", 116, "M", False),
    ("2027-03-31T16:00:01Z", "2027-04-01", 116, "M", False),
    ("2027-11-07T05:59:59Z", "2027-11-07", 116, "M", False),
    ("2027-11-07T06:00:00Z", "2027-11-07", 116, "M", False),
    ("2027-11-07T06:00:01Z", "2027-11-07", 116, "M", False),
    ("2027-12-31T15:59:59Z", "2027-12-31", 116, "M", False),
    ("2027-12-31T16:00:00Z", "2028-01-01", 117, "M", False),
    ("2027-12-31T16:00:01Z", "2028-01-01", 117, "M", False),
    ("2028-01-30T15:59:59Z", "2028-01-30", 117, "M", False),
    ("2028-01-30T16:00:00Z", "2028-01-31", 117, "JM", False),
    ("2028-01-30T16:00:01Z", "2028-01-31", 117, "JM", False),
    ("2028-02-28T15:59:59Z", "2028-02-28", 117, "JM", False),
    ("2028-02-28T16:00:00Z", "2028-02-29", 117, "BJM", False),
    ("2028-02-28T16:00:01Z", "2028-02-29", 117, "BJM", False),
    ("2028-02-29T15:59:59Z", "2028-02-29", 117, "BJM", False),
    ("2028-02-29T16:00:00Z", "2028-03-01", 117, "BJLM", False),
    ("2028-02-29T16:00:01Z", "2028-03-01", 117, "BJLM", False),
    ("2028-12-31T15:59:59Z", "2028-12-31", 117, "BJLM", False),
    ("2028-12-31T16:00:00Z", "2029-01-01", 118, "BJLM", False),
    ("2028-12-31T16:00:01Z", "2029-01-01", 118, "BJLM", False),
    ("2100-02-28T15:59:59Z", "2100-02-28", 189, "BJLM", False),
    ("2100-02-28T16:00:00Z", "2100-03-01", 189, "BJLM", False),
    ("2100-02-28T16:00:01Z", "2100-03-01", 189, "BJLM", False),
))
# fmt: on
COURSES = {"M": date(2026, 12, 20), "J": date(2027, 12, 31), "B": date(2028, 1, 29), "L": date(2028, 1, 30)}
BEGINS = date(2027, 1, 1)


def build() -> None:
    """Make the courses of the table."""
    from courses.models import YearlyPolicy
    from tests.factories import make_account, make_course

    handler = make_account()
    YearlyPolicy.objects.create(year=115, closing_days=120)
    for name, ended in COURSES.items():
        make_course(handler, day=ended, title=name)
    make_course(handler, day=BEGINS, title="C", registered_at=datetime(2026, 1, 1).astimezone())


def decided() -> list[Instant]:
    """Return what this process decides at each instant."""
    import time_machine

    found = []
    for line in TABLE:
        with time_machine.travel(datetime.fromisoformat(line.moment), tick=False):
            found.append(Instant(line.moment, *_now()))
    return found


def _now() -> tuple[str, int, str, bool]:
    """Apply the rules of the site, each by its one definition; those that Python and the database both know must agree."""
    from courses.models import Course, YearlyPolicy
    from courses.models.policy import policy_of
    from courses.queries.windows import free_window
    from kit import clock

    names = "".join(
        sorted(Course.objects.overdue().filter(title__in=COURSES).values_list("title", flat=True))
    )
    policies = YearlyPolicy.objects.current()
    by_python = "".join(
        sorted(
            name
            for name, ended in COURSES.items()
            if clock.today() > policy_of(policies, clock.roc_year(ended)).due_on(ended)
        )
    )
    course = Course.objects.prefetch_related("sessions").get(title="C")
    overdue = names if names == by_python else f"{names} by the database, {by_python} by Python"
    return str(clock.today()), clock.this_year(), overdue, free_window(course).is_open()


def main() -> None:
    import django

    django.setup()
    print(json.dumps([list(line) for line in decided()]))


def as_lines(text: str) -> list[Instant]:
    said: list[list[Any]] = json.loads(text.splitlines()[-1])
    return [Instant(*line) for line in said]


if __name__ == "__main__":
    main()
