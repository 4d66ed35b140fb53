"""The life of a business account, first form: it begins and it ends. It is never handed over."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor
from accounts.actions.numbers import next_number
from accounts.models import BusinessAccount, Unit, User
from audit import log
from inservice import clock
from inservice.errors import Refusal


class AlreadyAppointed(Refusal):
    sentence = _("%(name)s already holds an open business account of this role at this unit (%(number)s).")


class AlreadyEnded(Refusal):
    sentence = _("The business account %(number)s has already ended.")


class EndsBeforeStart(Refusal):
    sentence = _("The last day must not lie before the first day (%(start)s).")
    field = "last_day"


class MayNotAppoint(Refusal):
    sentence = _("Only the operator or the unit's lead may begin or end business accounts.")
    status = 403


def _may_appoint(by: Actor | None, unit_id: int) -> bool:
    return by is None or by.is_operator_hat or (by.is_unit_lead and by.unit_id == unit_id)


@transaction.atomic
def appoint(
    *,
    user: User,
    unit: Unit,
    role: str,
    by: Actor | None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> BusinessAccount:
    """Give a person an own numbered account at a unit. `by=None` is the import command.

    Raises MayNotAppoint, AlreadyAppointed (one open account a person, unit and role).
    """
    if not _may_appoint(by, unit.pk) or (
        by and not by.is_operator_hat and role not in ("handler", "unit_lead")
    ):
        raise MayNotAppoint
    # The unit's row serialises two appointments of the same person.
    Unit.objects.select_for_update().get(pk=unit.pk)
    held = BusinessAccount.objects.filter(user=user, unit=unit, role=role, valid_until=None).first()
    if held:
        raise AlreadyAppointed(name=user.name, number=held.number)
    serial = next_number(f"account:{unit.code}")
    account = BusinessAccount.objects.create(
        number=f"{unit.code}-{serial:03d}",
        user=user,
        unit=unit,
        role=role,
        valid_from=valid_from or clock.today(),
        valid_until=valid_until,
    )
    log.record(
        "account.appoint", account, by=by, unit_id=unit.pk, after={"role": role, "from": account.valid_from}
    )
    return account


@transaction.atomic
def end(
    *, account: BusinessAccount, by: Actor, last_day: date | None = None, reason: str = ""
) -> BusinessAccount:
    """End an account after `last_day` (default: yesterday, so it is powerless at once). Its courses stay until transferred.

    Raises MayNotAppoint, AlreadyEnded, EndsBeforeStart.
    """
    account = BusinessAccount.objects.select_for_update().get(pk=account.pk)
    if not _may_appoint(by, account.unit_id):
        raise MayNotAppoint
    if account.valid_until is not None and account.valid_until < clock.today():
        raise AlreadyEnded(number=account.number)
    day = last_day or max(clock.today() - timedelta(days=1), account.valid_from)
    if day < account.valid_from:
        raise EndsBeforeStart(start=account.valid_from)
    before = account.valid_until
    account.valid_until = day
    account.save(update_fields=["valid_until"])
    log.record(
        "account.end",
        account,
        by=by,
        unit_id=account.unit_id,
        reason=reason,
        before={"until": before},
        after={"until": day},
    )
    return account
