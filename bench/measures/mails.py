"""Reminding two hundred schools, and how fast the e-mails are sent."""

from collections.abc import Iterator
from datetime import timedelta

from django.test.utils import override_settings

from accounts.acting import Actor
from accounts.enums import Role
from accounts.models import BusinessAccount, User
from bench.children import call
from bench.harness import Bench, Result, counted, figure, timed
from bench.loading import trusted_rows
from courses.actions.reminders import chase
from courses.models import Course
from kit import clock
from notices.models import Notice
from notices.outbox import NewNotice, drain_all
from notices.outbox import write as write_notices
from tests.smtp_sink import sink

SCHOOLS, MAILS, WANTED = 200, 4000, 200

ABOUT = "bench:"


def write(letters: int) -> int:
    """Write so many notices of five courses each, in the language of their reader."""
    people = list(User.objects.order_by("pk")[:100])
    courses = [{"code": f"508{n:04}", "title": "性別平等教育研習", "ended": clock.today()} for n in range(5)]
    facts = {"unit": "屏東縣立南州國中", "courses": courses}
    day = clock.today()
    return write_notices(
        NewNotice(
            "please_close", people[n % len(people)], f"{ABOUT}{n}", day + timedelta(n % 7), "/unit/", facts
        )
        for n in range(letters)
    )


def drain(port: str) -> dict[str, int]:
    """What one worker's task does, until nothing waits."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    here = {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": int(port),
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
    }
    with override_settings(EMAIL_BACKEND=backend, **here):
        return drain_all(seconds=600)


def hold_others() -> int:
    """Hold back the notices that the set itself has waiting: they are not measured."""
    return Notice.objects.unsent().exclude(object_ref__startswith=ABOUT).update(by_mail=False)


def clear() -> None:
    with trusted_rows() as cursor:
        cursor.execute("DELETE FROM notices_notice WHERE object_ref LIKE %s", [f"{ABOUT}%"])


@figure
def chase_all(bench: Bench, schools: int = SCHOOLS) -> Iterator[Result]:
    """How many statements reminding so many schools takes, against a quarter of them: it must not grow with the schools."""
    by, units = _officer(), _units(schools)

    def remind(number: int) -> None:
        chase(by=by, unit_ids=units[:number], year=clock.this_year())

    seconds = timed(lambda: remind(schools), undo=True)
    many, few = (counted(lambda: remind(number), undo=True) for number in (schools, max(schools // 4, 1)))  # noqa: B023
    more = {"schools": len(units), "seconds": round(seconds, 3), "broken": not units}
    yield Result("chase_all", many, few, "statements", 1, more=more)


def _officer() -> Actor:
    account = BusinessAccount.objects.active().filter(role=Role.OPERATOR).select_related("user", "unit")[0]
    return Actor(account.user, account)


def _units(number: int) -> list[int]:
    """Return schools with unclosed courses."""
    due = Course.objects.closable().filter(year=clock.this_year()).order_by()
    return sorted(due.values_list("unit_id", flat=True).distinct())[:number]


@figure
def outbox(bench: Bench, number: int = MAILS) -> Iterator[Result]:
    """Mails a second of one worker, into a mail server on this machine that keeps nothing."""
    clear()
    hold_others()
    try:
        write(number)
        with sink() as server:
            done = call("bench.measures.mails:drain", server.port)
            received = server.count["mails"]
    finally:
        clear()
    more = {"mails": number, "peak_megabytes": done.megabytes, "broken": received != number}
    note, rate = "the reference is what is asked for", round(number / done.seconds)
    yield Result("outbox", rate, WANTED, "mails/s", 1, lower=False, note=note, more=more)
