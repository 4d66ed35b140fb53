"""What waits, how much of it and since when: any number of queues in one query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet, Value

from accounts.acting import Actor
from accounts.enums import RequestState
from accounts.models import AccountApplication, IdentityChange
from accounts.queries.people import applications_in_reach, join_requests_to_decide, proposals_to_decide
from courses.enums import TransferState
from courses.models import Course, TransferRequest
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


# Queues of a unit's hat that other apps bring: the apps to the right register theirs when they are ready.
UNIT_SOURCES: dict[str, Callable[[Actor], Source]] = {}


def of_unit(by: Actor) -> dict[str, Queue]:
    """What waits for a unit's hat, and what it waits for."""
    pending = TransferRequest.objects.filter(to_account__unit=by.unit_id, state=TransferState.PENDING)
    postponed = Course.objects.of_unit(by.appointment.unit_id).postponed()
    sources: dict[str, Source] = {
        "transfers": (pending, "requested_at"),
        "postponed": (postponed, "postponed_at"),
    }
    if by.is_unit_lead:
        applications = applications_in_reach(by).filter(state=RequestState.PENDING)
        sources["applications"] = (applications, "requested_at")
        sources |= _staff(by)
    sources |= {name: source(by) for name, source in UNIT_SOURCES.items()}
    return counted(sources)


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
