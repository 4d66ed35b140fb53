"""客服: the operator begins and ends a look at the pages of a person."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions.people import require_operator
from accounts.locks import lock_actor, queue_person
from accounts.models import BusinessAccount, SupportView, User
from audit import log
from kit import clock
from notices import outbox
from signin.errors import NotThisHat, ViewOfOneself

LASTS = timedelta(minutes=30)


@transaction.atomic
def begin(*, by: Actor, person: User, reason: str, hat: BusinessAccount | None = None) -> SupportView:
    """Let the operator see what the person sees, for half an hour; the person is notified and finds each page in the own record.

    Raise OnlyOperatorMay, ReasonNeeded, ViewOfOneself, NotThisHat.
    """
    # A second click waits here and goes on with the view that the first one has begun.
    queue_person(by.user.pk)
    by = lock_actor(by)
    require_operator(by, reason)
    if person.pk == by.user.pk:
        raise ViewOfOneself
    if hat and (hat.user_id != person.pk or not hat.is_active()):
        raise NotThisHat
    now = clock.now()
    running = SupportView.objects.filter(
        operator=by.appointment, person=person, hat=hat, ended_at=None, until__gt=now
    ).first()
    if running:
        return running
    view = SupportView.objects.create(
        operator=by.appointment,
        person=person,
        hat=hat,
        reason=reason.strip(),
        begun_at=now,
        until=now + LASTS,
    )
    after = {"hat": hat.number if hat else "teacher", "until": view.until}
    log.record("support.begin", view, by=by, unit_id=by.unit_id, reason=view.reason, after=after)
    outbox.write(
        [
            outbox.NewNotice(
                kind="support_view",
                to=person,
                about=f"support:{view.pk}",
                event=view.pk,
                path=reverse("accounts:my_record"),
                context={"reason": view.reason},
                sent_by=by.person_label,
            )
        ]
    )
    return view


@transaction.atomic
def end(*, view: SupportView, by: Actor) -> None:
    """End the look before its time; twice is once."""
    now = clock.now()
    if SupportView.objects.filter(pk=view.pk, operator__user=by.user, ended_at=None).update(ended_at=now):
        log.record("support.end", view, by=by, unit_id=by.unit_id)
