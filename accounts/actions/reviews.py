"""Twice a year the unit lead looks through the unit's accounts and confirms that each is still right."""

from datetime import date

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.errors import AlreadyReviewed, MayNotAppoint
from accounts.locks import lock_actor
from accounts.models import AccountReview, BusinessAccount
from audit import log
from kit import clock


def half_of(day: date) -> str:
    """The half-year of a Taipei day: 115-1 January to June, 115-2 July to December (guess: no source names the months)."""
    return f"{clock.roc_year(day)}-{1 if day.month <= 6 else 2}"


def start_of_half(day: date) -> date:
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def is_due(unit_id: int) -> bool:
    """Whether the running half-year's review is still missing."""
    return not AccountReview.objects.filter(unit_id=unit_id, half=half_of(clock.today())).exists()


@transaction.atomic
def confirm(*, by: Actor) -> AccountReview:
    """Confirm all open accounts of the unit in their current state, as the unit lead. Raise MayNotAppoint, AlreadyReviewed."""
    by = lock_actor(by)
    if not (by.is_unit_lead and by.is_in_force):
        raise MayNotAppoint
    rows = (
        BusinessAccount.objects.open()
        .of_unit(by.appointment.unit_id)
        .select_related("user")
        .order_by("number")
    )
    seen = [{"number": r.number, "name": r.user.name, "role": r.role, "state": r.state().value} for r in rows]
    try:
        with transaction.atomic():
            review = AccountReview.objects.create(
                unit_id=by.appointment.unit_id,
                half=half_of(clock.today()),
                confirmed_by=by.appointment,
                confirmed_at=clock.now(),
                accounts=seen,
            )
    except IntegrityError:
        raise AlreadyReviewed from None
    log.record("account.review", review, by=by, unit_id=by.unit_id, after={"accounts": len(seen)})
    return review
