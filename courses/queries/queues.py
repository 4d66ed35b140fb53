"""What waits, how much of it and since when: any number of queues in one query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, DateTimeField, Min, QuerySet, Value

from accounts.acting import Actor
from accounts.enums import RequestState
from accounts.models import AccountApplication, IdentityChange
from accounts.queries.people import applications_in_reach, join_requests_to_decide, proposals_to_decide
from courses.enums import CourseState, TransferState
from courses.models import Course, TransferRequest
from kit.joined_rows import reader_of
from notices.models import Notice

# A queue: the waiting rows, and the name of the moment since when each waits.
Source = tuple[QuerySet[Any], str]


@dataclass(frozen=True)
class Queue:
    count: int = 0
    oldest: datetime | None = None


def counted(sources: Mapping[str, Source]) -> dict[str, Queue]:
    """Each queue's length and oldest moment: one statement for all of them."""
    parts = [
        rows.order_by().values(queue=Value(name)).annotate(count=Count("pk"), oldest=Min(since))
        for name, (rows, since) in sources.items()
    ]
    found = parts[0].union(*parts[1:], all=True) if parts else []
    queues = {row["queue"]: Queue(row["count"], row["oldest"]) for row in found}
    return {name: queues.get(name, Queue()) for name in sources}


@dataclass(frozen=True)
class UnitQueue:
    """A queue of a unit's hat: its rows, and the statement that counts them (docs/adr/0048); a test compares the two.

    The statement returns the number and the oldest moment. Its values: `unit` and `account` of the hat, `is_lead`, and the `person`.
    """

    rows: Callable[[Actor], Source]
    statement: str


def _transfers(by: Actor) -> Source:
    return TransferRequest.objects.filter(
        to_account__unit=by.unit_id, state=TransferState.PENDING
    ), "requested_at"


def _postponed(by: Actor) -> Source:
    return Course.objects.of_unit(by.appointment.unit_id).postponed(), "postponed_at"


TRANSFERS = """
SELECT COUNT(*), MIN(asked.requested_at)
FROM courses_transferrequest AS asked JOIN accounts_businessaccount AS receiver ON receiver.id = asked.to_account_id
WHERE receiver.unit_id = %(unit)s AND asked.state = '{pending}'
""".replace("{pending}", TransferState.PENDING.value)
POSTPONED = """
SELECT COUNT(*), MIN(postponed_at) FROM courses_course
WHERE unit_id = %(unit)s AND state = '{registered}' AND postponed_at IS NOT NULL
""".replace("{registered}", CourseState.REGISTERED.value)

# By name; other apps register theirs when they are ready.
UNIT_QUEUES: dict[str, UnitQueue] = {
    "transfers": UnitQueue(_transfers, TRANSFERS),
    "postponed": UnitQueue(_postponed, POSTPONED),
}


def of_unit(by: Actor) -> dict[str, Queue]:
    """What waits for a unit's hat, and what it waits for: one statement, and for a lead another one about people."""
    values = {
        "unit": by.appointment.unit_id,
        "account": by.appointment.pk,
        "is_lead": by.is_unit_lead,
        "person": by.user.pk,
    }
    counts = (
        f"SELECT '{name}', found.* FROM ({queue.statement}) AS found" for name, queue in UNIT_QUEUES.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counts), values)
        found = cursor.fetchall()
    moment = reader_of(DateTimeField()) or (lambda value: value)
    queues = {name: Queue(number, moment(oldest) if oldest else None) for name, number, oldest in found}
    return queues | (of_leads(by) if by.is_unit_lead else {})


def of_leads(by: Actor) -> dict[str, Queue]:
    """What waits for a unit's lead besides: applications for accounts, requests to be entered, proposed changes."""
    applications = applications_in_reach(by).filter(state=RequestState.PENDING)
    return counted({"applications": (applications, "requested_at"), **_staff(by)})


def of_staff(by: Actor) -> dict[str, Queue]:
    """What waits for a hat about staff lists: requests to be entered and proposed changes."""
    return counted(_staff(by))


def _staff(by: Actor) -> dict[str, Source]:
    return {
        "join_requests": (join_requests_to_decide(by), "requested_at"),
        "proposals": (proposals_to_decide(by), "requested_at"),
    }


def of_operator(by: Actor | None = None) -> dict[str, Queue]:
    """What waits for the operator, and what the outbox has not sent or has given up; with a hat also about staff lists."""
    pending = {"state": RequestState.PENDING}
    return counted(
        {
            "transfers": (TransferRequest.objects.filter(state=TransferState.PENDING), "requested_at"),
            "applications": (AccountApplication.objects.filter(**pending), "requested_at"),
            **(_staff(by) if by else {}),
            "changes": (IdentityChange.objects.filter(**pending), "requested_at"),
            "outbox": (Notice.objects.unsent().filter(failing_since=None), "created_at"),
            "retried": (Notice.objects.unsent().exclude(failing_since=None), "failing_since"),
            "failed": (Notice.objects.given_up(), "created_at"),
        }
    )
