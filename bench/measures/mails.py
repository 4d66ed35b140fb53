"""The reminders of tomorrow's courses: how fast a nation's are prepared, and how fast mail workers send them."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as hour

import time_machine
from django.test.utils import override_settings

from bench.children import call
from bench.crowd import Crowd
from bench.harness import Bench, Result, counted, figure
from bench.loading import vacuum
from courses.actions import course_reminders
from courses.models import Session as CourseSession
from courses.queries.coming_courses import COURSES
from kit import clock, request_memo
from notices.models import Notice, TimedRun
from notices.outbox import drain_all
from notices.timed import TIMED, prepare_due
from notices.writer import ROWS_AT_ONCE, write_rows
from tests.smtp_sink import Session, sink

# 200,000 are to be prepared in about a minute, and sent at 200 a second by two workers.
PREPARED, PER_SECOND, MAILS, WANTED = 40_000, 200_000 / 60, 20_000, 200
# Of `mail_workers`: few mails, since a server across the network takes its seconds for each, and what a second worker must help.
SLOW_MAILS, DELAY, WORKERS, HELP = 1200, 0.04, (1, 2, 3, 4), 1.6
SEATS, KIND = 40, course_reminders.UPCOMING


@contextmanager
def tomorrow(people: int) -> Iterator[list[int]]:
    """Give so many people places in courses that meet tomorrow; yield the courses' primary keys and leave the set as it was."""
    crowd = Crowd(people)
    try:
        Notice.objects.unsent().update(by_mail=False)
        day = clock.today() + timedelta(days=1)
        facts = {"place": "視聽教室", "contact_name": "陳曉雯", "contact_phone": "08-8642009#12"}
        courses = crowd.courses(-(-people // SEATS), SEATS, day, seats_taken=SEATS, **facts)
        starts, ends = (clock.at_taipei(day, hour(half_past, 30)) for half_past in (13, 16))
        meetings = (CourseSession(course=row, starts_at=starts, ends_at=ends) for row in courses)
        CourseSession.objects.bulk_create(meetings)
        crowd.enrol(courses, SEATS)
        vacuum()
        yield [course.pk for course in courses]
    finally:
        crowd.clear()
        Notice.objects.filter(kind=KIND).delete()
        TimedRun.objects.all().delete()


def moment() -> datetime:
    """Return nine o'clock of today, when the reminders of tomorrow are prepared and sent."""
    return clock.at_taipei(clock.today(), hour(9))


def prepare() -> int:
    """Let the clock strike for this kind alone; return how many notices there are."""
    others = [TimedRun(kind=name, day=clock.today(), done_at=clock.now()) for name in TIMED if name != KIND]
    TimedRun.objects.all().delete()
    TimedRun.objects.bulk_create(others)
    prepare_due(moment())
    return Notice.objects.filter(kind=KIND).count()


@figure
def day_before(bench: Bench, people: int = PREPARED) -> Iterator[Result]:
    """Prepare the reminders as the clock does at nine."""
    with tomorrow(people) as courses:
        one, many = _statements(courses[-1]), _statements(courses[0])
        # 500 rows are inserted at once.
        pieces = -(-min(people, COURSES * SEATS) // ROWS_AT_ONCE)
        began = time.perf_counter()
        written = prepare()
        rate = round(written / (time.perf_counter() - began))
    more = {"notices": written, "seconds_for_200000": round(200_000 / rate)}
    more |= {"statements_of_a_batch": many, "statements_of_one_course": one}
    more["broken"] = written < people or many != one + pieces - 1
    note = "the reference is what is asked for: 200,000 in a minute"
    yield Result("day_before", rate, round(PER_SECOND), "notices/s", 1, lower=False, note=note, more=more)


def _statements(first: int) -> int:
    """Return how many statements the batch that begins with a course takes; nothing is kept."""

    def one_batch() -> None:
        with request_memo.remembering():
            write_rows(course_reminders.upcoming_batch(clock.today(), first - 1).notices)

    return counted(one_batch)


@figure
def day_before_mail(bench: Bench, people: int = MAILS) -> Iterator[Result]:
    """Send the prepared reminders by two workers into a mail server on this machine; each batch is checked again before it leaves."""
    rate, more = _sent(people, 2)
    note = "the reference is what is asked for"
    yield Result("day_before_mail", rate, WANTED, "mails/s", 1, lower=False, note=note, more=more)


class Slow(Session):
    """A mail server that takes its time for each mail, as one across the network does."""

    def take(self) -> None:
        time.sleep(DELAY)
        super().take()


@figure
def mail_workers(bench: Bench, people: int = SLOW_MAILS) -> Iterator[Result]:
    """Mails a second of 1, 2, 3 and 4 workers at once, into a mail server that takes 40 ms for each mail; beside one worker."""
    one = 0.0
    for workers in WORKERS:
        rate, more = _sent(people, workers, Slow)
        one, reach = one or rate, HELP if workers > 1 else 1
        yield Result(f"mail_workers.{workers}", rate, one, "mails/s", reach, lower=False, more=more)


def _sent(people: int, workers: int, session: type[Session] = Session) -> tuple[float, dict[str, object]]:
    """Let workers in processes of their own send the reminders of so many; return mails a second from the first one's beginning."""
    with tomorrow(people), sink(session=session) as server, ThreadPoolExecutor(workers) as pool:
        written = prepare()
        begun = [pool.submit(call, drain, server.port) for _ in range(workers)]
        done = [worker.result() for worker in begun]
        left = Notice.objects.unsent().count()
    mails = server.count["mails"]
    seconds = max(one.began + one.seconds for one in done) - min(one.began for one in done)
    more = {"mails": mails, "sent_by_each": [one.answer for one in done]}
    more |= {"peak_megabytes": max(one.megabytes for one in done), "broken": mails != written or left > 0}
    return round(mails / seconds, 1), more


def drain(port: int) -> int:
    """Do what one worker does at nine in the morning until nothing waits; return how many mails it sent."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    here = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}
    with time_machine.travel(moment()), override_settings(EMAIL_BACKEND=backend, **here):
        return drain_all(seconds=600)["sent"]
