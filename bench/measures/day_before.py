"""The reminders of tomorrow's courses: how fast a nation's are prepared, and how fast two workers send their mail."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from datetime import time as hour

import time_machine
from django.db import connection

from accounts.models import BusinessAccount, User
from bench.children import call
from bench.harness import Bench, Result, counted, figure
from bench.loading import trusted_rows
from bench.measures import mails
from courses.actions import course_reminders
from courses.models import Course, Enrolment, Session
from courses.queries.coming_courses import COURSES
from kit import clock, request_memo
from notices.models import Notice, TimedRun
from notices.timed import TIMED, prepare_due
from notices.writer import ROWS_AT_ONCE, write_rows
from tests.smtp_sink import sink

# 200,000 are to be prepared in about a minute, and sent at 200 a second by two workers.
PREPARED, PER_SECOND, MAILS, WANTED, WORKERS = 40_000, 200_000 / 60, 20_000, 200, 2
SEATS = 40
# Codes that no set has.
FIRST_CODE = 9_200_000_000
KIND = course_reminders.UPCOMING
# Columns that the bare statement copies; the key is another one.
COPIED = (
    "kind", "category", "recipient_id", "address", "in_inbox", "language", "subject", "body", "path", "link", "object_ref", "refs",
    "sent_by", "created_at", "by_mail", "attempts", "last_error",
)  # fmt: skip


@figure
def day_before(bench: Bench, people: int = PREPARED) -> Iterator[Result]:
    """Prepare the reminders as the clock does at nine, beside the bare statement that writes the same rows."""
    clear()
    try:
        courses = make(people)
        one, many = _statements(courses[-1]), _statements(courses[0])
        # 500 rows are inserted at once.
        pieces = -(-min(people, COURSES * SEATS) // ROWS_AT_ONCE)
        began = time.perf_counter()
        prepare()
        seconds = time.perf_counter() - began
        written = Notice.objects.filter(kind=KIND).count()
        bare = _bare()
    finally:
        clear()
    rate = round(people / seconds)
    more = {
        "notices": people,
        "seconds": round(seconds, 1),
        "seconds_for_200000": round(200_000 / rate),
        "bare_seconds": round(bare, 2),
        "times_the_bare_statement": round(seconds / bare, 1),
        "statements_of_a_batch": many,
        "statements_of_one_course": one,
        "broken": written != people or many != one + pieces - 1,
    }
    note = "the reference is what is asked for: 200,000 in a minute"
    yield Result("day_before", rate, round(PER_SECOND), "notices/s", 1, lower=False, note=note, more=more)


@figure
def day_before_mail(bench: Bench, people: int = MAILS) -> Iterator[Result]:
    """Send the prepared reminders by two workers into a mail server on this machine; each batch is checked again before it leaves."""
    clear()
    Notice.objects.unsent().update(by_mail=False)
    try:
        make(people)
        prepare()
        with sink() as server, ThreadPoolExecutor(WORKERS) as pool:
            began = time.perf_counter()
            workers = [
                pool.submit(call, "bench.measures.day_before:drain", server.port) for _ in range(WORKERS)
            ]
            done = [worker.result() for worker in workers]
            seconds = time.perf_counter() - began
            received = server.count["mails"]
        unsent = Notice.objects.filter(kind=KIND).unsent().count()
    finally:
        clear()
    more = {
        "mails": people,
        "seconds": round(seconds, 1),
        "sent_by_each": [one.answer["sent"] for one in done],
        "peak_megabytes": max(one.megabytes for one in done),
        "broken": received != people or unsent > 0,
    }
    note = "the reference is what is asked for; the start of both workers is counted"
    rate = round(people / seconds)
    yield Result("day_before_mail", rate, WANTED, "mails/s", 1, lower=False, note=note, more=more)


def make(people: int) -> list[int]:
    """Make courses that meet tomorrow, in which so many people have places; return their primary keys."""
    account = BusinessAccount.objects.active().filter(role="handler").select_related("unit").order_by("pk")[0]
    day = clock.today() + timedelta(days=1)
    starts = clock.at_taipei(day, hour(13, 30))
    ends = starts + timedelta(hours=3)
    number = -(-people // SEATS)
    made = Course.objects.bulk_create(
        Course(
            code=str(FIRST_CODE + n), unit=account.unit, handler=account, state="registered", title=f"資通安全與個資保護研習{n}",
            place="視聽教室", contact_name="陳曉雯", contact_phone="08-8642009#12", capacity=SEATS, seats_taken=min(SEATS, people - n * SEATS),
            starts_on=day, ends_on=day, ends_at=ends, year=clock.roc_year(day), registered_at=clock.now(),
        )
        for n in range(number)
    )  # fmt: skip
    Session.objects.bulk_create(Session(course=row, starts_at=starts, ends_at=ends) for row in made)
    readers = list(User.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)[:people])
    # Each course with other people, as far as there are so many.
    rows = (
        Enrolment(
            course=made[n // SEATS],
            user_id=readers[n % len(readers)],
            state="admitted",
            enrolled_at=clock.now() - timedelta(days=9),
        )
        for n in range(people)
    )
    Enrolment.objects.bulk_create(rows, batch_size=2000)
    return [row.pk for row in made]


def moment() -> datetime:
    """Return nine o'clock of today, when the reminders of tomorrow are prepared and sent."""
    return clock.at_taipei(clock.today(), hour(9))


def prepare() -> None:
    """Let the clock strike for this kind alone."""
    others = [TimedRun(kind=name, day=clock.today(), done_at=clock.now()) for name in TIMED if name != KIND]
    TimedRun.objects.filter(day=clock.today()).delete()
    TimedRun.objects.bulk_create(others)
    prepare_due(moment())


def _statements(first: int) -> int:
    """Return how many statements the batch that begins with a course takes; nothing is kept."""

    def one_batch() -> None:
        with request_memo.remembering():
            write_rows(course_reminders.upcoming_batch(clock.today(), first - 1).notices)

    return counted(one_batch, undo=True)


def _bare() -> float:
    """Return the seconds of one statement that writes the same rows again under other keys."""
    columns = ", ".join(COPIED)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO notices_notice (key, {columns}) SELECT 'bare:' || key, {columns} FROM notices_notice WHERE kind = %s",  # noqa: S608
            [KIND],
        )
    return time.perf_counter() - began


def drain(port: str) -> dict[str, int]:
    """What one worker does until nothing waits, at nine in the morning."""
    with time_machine.travel(moment()):
        return mails.drain(port)


def clear() -> None:
    """Leave the set as it was."""
    courses = f"(SELECT id FROM courses_course WHERE code LIKE '{FIRST_CODE // 10**7}_______')"
    with trusted_rows() as cursor:
        for statement in (
            f"DELETE FROM notices_notice WHERE kind = '{KIND}'",
            f"DELETE FROM courses_enrolment WHERE course_id IN {courses}",
            f"DELETE FROM courses_session WHERE course_id IN {courses}",
            f"DELETE FROM courses_course WHERE id IN {courses}",
            "DELETE FROM notices_timedrun",
        ):
            cursor.execute(statement)
