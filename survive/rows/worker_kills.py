"""Row 7: the workers, the mail worker and beat are killed while notices are mailed and jobs run."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from accounts.models import User
from hours.jobs import UNIT_RECORDS
from jobs import actions
from jobs.enums import FINISHED, JobState
from jobs.models import SILENT_AFTER, UNSTARTED_AFTER, Job
from kit import clock
from notices.mail import Mail, headers
from notices.models import Notice
from notices.outbox import LEASE, NewNotice, write
from survive import scenes
from survive.row import Result, row
from survive.stack import Stack
from tests.factories import acting, make_lead, make_unit
from tests.servers import wait_for

# What the supervisor's own children are called on their command line.
VICTIMS = (("worker", "mail"), ("worker", "celery"), ("beat",))
ABOUT = "survive:7"
FACTS = {"year": 115, "period": "year", "format": "csv"}


@row(
    "7",
    "kill -9 of workers and beat",
    "1,000 notices: each delivered at least once, recorded once, doubles counted; jobs end or go on",
    full={"notices": 1000, "kills": 12, "jobs": 20},
    short={"notices": 60, "kills": 3, "jobs": 3},
)
def worker_kills(stack: Stack, notices: int, kills: int, jobs: int) -> Result:
    result = Result()
    people = scenes.people(notices)
    written = write_notices(people)
    started = start_jobs(jobs)
    dice = random.Random(7)
    # A mail takes a moment, so that a kill hits the middle of a batch.
    with stack.mailbox.slow(0.02):
        for number in range(kills):
            kill(stack, result, VICTIMS[number % len(VICTIMS)])
            time.sleep(dice.uniform(0.3, 1.5))
        finish(written, started, 120 + notices / 10)
    judge_notices(result, written, Counter(stack.mailbox.received))
    judge_jobs(result, started)
    result.tries += notices + jobs
    doubles = sum(max(stack.mailbox.received[message_id(n)] - 1, 0) for n in written)
    result.text = f"{kills} kills; {doubles} of {notices} notices came twice (with the same Message-ID)"
    return result


def write_notices(people: Sequence[User]) -> list[Notice]:
    facts = {"unit": "縣立測試國中", "year": clock.this_year(), "overdue": 0}
    day, about = clock.today(), f"{ABOUT}:{people[0].pk}"
    write([NewNotice("light_green", person, about, day, context=facts) for person in people])
    return list(Notice.objects.filter(object_ref=about).select_related("recipient"))


def start_jobs(number: int) -> list[Job]:
    """Exports by the leads of so many units."""
    leads = [acting(make_lead(make_unit())) for _ in range(number)]
    return [actions.start(UNIT_RECORDS, by=lead, parameters=FACTS) for lead in leads]


def kill(stack: Stack, result: Result, words: tuple[str, ...]) -> None:
    """Kill one of the supervisor's processes with what it forked, and wait until another one runs."""
    found = wait_for(lambda: stack.site.child(*words), 40)
    victim = stack.site.child(*words)
    if not result.expect(found and victim, f"{' '.join(words)} was not running"):
        return
    assert victim
    family = [victim, *victim.children(recursive=True)]
    for one in family:
        one.kill()
    result.tries += 1


def finish(written: Sequence[Notice], started: Sequence[Job], seconds: float) -> None:
    """Wait until everything has left and ended; what a dead worker holds is let go as if its time were over."""
    waiting = Notice.objects.filter(pk__in=[one.pk for one in written], mailed_at=None)
    unfinished = Job.objects.filter(pk__in=[one.pk for one in started]).exclude(state__in=FINISHED)

    def over() -> bool:
        let_time_pass()
        return not waiting.exists() and not unfinished.exists()

    wait_for(over, seconds, every=2)


def let_time_pass() -> None:
    """Put claims, messages and signs of life back by what a worker has to be silent: a quarter of an hour, ten minutes, twenty seconds.

    Only of work that has not moved for ten seconds or more, which a living worker of these rows never has.
    """
    now = clock.now()
    Notice.objects.filter(held_until__lt=now + LEASE - timedelta(seconds=15)).update(held_until=now)
    waits = Job.objects.filter(state=JobState.WAITING, sent_at__lt=now - timedelta(seconds=10))
    waits.update(sent_at=now - UNSTARTED_AFTER - timedelta(minutes=1))
    silent = Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=now - timedelta(seconds=20))
    silent.update(heartbeat_at=now - SILENT_AFTER - timedelta(minutes=1))


def message_id(notice: Notice) -> str:
    """The Message-ID under which a notice is mailed, however often."""
    return headers(Mail(notice.kind, "", "", "", "", "", key=notice.key))["Message-ID"]


def judge_notices(result: Result, written: Sequence[Notice], received: Counter[str]) -> None:
    """Each came at least once and is recorded as sent, once."""
    rows = Counter(Notice.objects.filter(key__in=[one.key for one in written]).values_list("key", flat=True))
    sent = set(
        Notice.objects.filter(key__in=list(rows)).exclude(mailed_at=None).values_list("key", flat=True)
    )
    for notice in written:
        result.expect(rows[notice.key] == 1, f"notice {notice.pk} is recorded {rows[notice.key]} times")
        result.expect(notice.key in sent, f"notice {notice.pk} is not recorded as sent")
        result.expect(received[message_id(notice)] >= 1, f"notice {notice.pk} never came")


def judge_jobs(result: Result, started: Sequence[Job]) -> None:
    states = Counter(Job.objects.filter(pk__in=[one.pk for one in started]).values_list("state", flat=True))
    result.equal("states of the jobs", dict(states), {"done": len(started)} if started else {})
