"""The notices about a place of service, to its person; None for a person who acted."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from accounts import unfinished_work
from accounts.acting import Actor
from accounts.models import Affiliation, BusinessAccount
from accounts.models.stored_reasons import shown
from audit.models import AuditEvent
from notices import outbox


def added(place: Affiliation, by: Actor | None, event: AuditEvent) -> outbox.NewNotice | None:
    return _notice("place_added", place, by, event)


def corrected(
    place: Affiliation, since: date | None, until: date | None, by: Actor | None, event: AuditEvent
) -> outbox.NewNotice | None:
    """`since`, `until`: the days so far."""
    moved = (since, until) != (place.since, place.until)
    return _notice("place_corrected", place, by, event, moved=moved)


def ended(
    place: Affiliation, accounts: Sequence[BusinessAccount], reason: str, by: Actor | None, event: AuditEvent
) -> outbox.NewNotice | None:
    """`accounts`: those that end with the place."""
    courses = sum(unfinished_work.of_accounts([account.pk for account in accounts]).values())
    facts = {"accounts": [account.number for account in accounts], "courses": courses}
    return _notice("place_ended", place, by, event, reason=shown(reason), **facts)


def _notice(
    kind: str, place: Affiliation, by: Actor | None, event: AuditEvent, **facts: object
) -> outbox.NewNotice | None:
    if by and by.user.pk == place.user_id:
        return None
    return outbox.NewNotice(
        kind=kind,
        to=place.user,
        about=f"place:{place.pk}",
        event=event.pk,
        path=reverse("accounts:mine"),
        context={
            "unit": place.unit.name,
            "title": place.title,
            "post": place.post,
            "since": place.since,
            "until": place.until,
            **facts,
        },
        sent_by=by.person_label if by else "",
    )
