"""Notices of transfers: to the requester, the colleague, those in charge of the courses. Called inside the transaction."""

from collections.abc import Sequence

from accounts.acting import Actor
from accounts.models import User
from accounts.unit_pages import unit_page
from courses.enums import TransferState
from courses.models import TransferRequest
from courses.queries import in_charge
from notices import outbox


def notify_offered(rows: Sequence[TransferRequest], by: Actor) -> None:
    """Notify the colleague to whom courses are offered, unless it is the person's own account."""
    outbox.write(
        _notice(row, row.to_account.user, "transfer_offered", by)
        for row in rows
        if row.to_account.user_id != by.user.pk
    )


def notify_requested(rows: Sequence[TransferRequest], by: Actor) -> None:
    """Notify those in charge of the courses that a colleague has requested them."""
    charge = in_charge.of_courses(row.course for row in rows)
    outbox.write(
        _notice(row, person, "transfer_requested", by)
        for row in rows
        for person in charge[row.course_id].people
        if person != by.user
    )


def notify_ended(rows: Sequence[TransferRequest], by: Actor) -> None:
    """Notify the requester and the colleague that a request has ended or was withdrawn."""
    outbox.write(
        _notice(row, person, "transfer_ended", by)
        for row in rows
        for person in {row.requested_by, row.to_account.user} - {by.user}
    )


def notify_decided(rows: Sequence[TransferRequest], by: Actor, kind: str, *, both: bool) -> None:
    """Notify the new handler of the decision; on an approval the old one too."""
    outbox.write(
        _notice(row, person, kind, by)
        for row in rows
        for person in {row.to_account.user, row.requested_by} | ({row.from_account.user} if both else set())
    )


def _notice(row: TransferRequest, person: User, kind: str, by: Actor) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=kind,
        to=person,
        about=f"transfer:{row.pk}",
        # A request is made once and ends once.
        event="asked" if row.state == TransferState.PENDING else "decided",
        path=unit_page("courses:transfers", row.to_account.unit_id),
        context={
            "course": row.stated_title,
            "code": row.stated_code,
            "to": row.to_account.user.name,
            "from": row.from_account.user.name,
            "reason": row.refusal or row.reason,
            "state": TransferState(row.state).label,
            "checks": kind == "transfer_approved" and person.pk == row.to_account.user_id,
        },
        sent_by=by.person_label,
    )
