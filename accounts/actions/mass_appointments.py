"""Business accounts of an import: the rule of `appointments.appoint`, set-wise."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.acting import Actor
from accounts.actions import unit_rules
from accounts.actions.appointments import given, notice
from accounts.actions.numbering import next_numbers
from accounts.enums import Role
from accounts.errors import MayNotAppoint, PersonIsClosed, ServesNoLonger
from accounts.locks import lock_actor, lock_people, share_units
from accounts.models import BusinessAccount, Unit, User
from accounts.queries.places import last_days
from accounts.rules import may_appoint, roles_at
from audit import log
from kit import clock
from kit.batches import batches
from notices import outbox


@dataclass(frozen=True)
class Appointment:
    user: User
    unit: Unit
    role: Role
    # The first day of service at the unit, where one is known: the account does not begin before.
    since: date | None = None


def refuses(by: Actor | None, user: User, unit: Unit, role: Role) -> bool:
    """Whether this person may not give that account; the command (`by=None`) may give any."""
    return by is not None and (not may_appoint(by, unit, role, user) or role not in roles_at(unit))


@transaction.atomic
def appoint_all(wanted: Sequence[Appointment], *, by: Actor | None) -> None:
    """Create numbered accounts from today, or from a first day of service to come, and notify their people; skip those with an
    open one. Three queries per unit code.

    An import calls it last, with its units shared already: people are locked as in `appoint`, and the counters of the unit codes are locked only until its
    commit. Raise MayNotAppoint, UnitClosed, PersonIsClosed, ServesNoLonger.
    """
    units = share_units({w.unit.pk for w in wanted})
    lock_people(w.user.pk for w in wanted)
    by = lock_actor(by) if by else None
    if any(refuses(by, w.user, w.unit, w.role) for w in wanted):
        raise MayNotAppoint
    for w in wanted:
        unit_rules.require_open(units[w.unit.pk])
        if w.user.closed_at:
            raise PersonIsClosed
    wanted = _without_account(wanted)
    per_code = Counter(w.unit.code for w in wanted)
    numbers: dict[str, Iterator[int]] = {
        code: iter(next_numbers(f"account:{code}", count)) for code, count in sorted(per_code.items())
    }
    today = clock.today()
    last = last_days({w.user.pk for w in wanted}, {w.unit.pk for w in wanted})
    for w in wanted:
        if (until := last.get((w.user.pk, w.unit.pk))) and until < max(today, w.since or today):
            raise ServesNoLonger(name=w.user.name, day=until)
    made = BusinessAccount.objects.bulk_create(
        [
            BusinessAccount(
                number=f"{w.unit.code}-{next(numbers[w.unit.code]):03d}",
                user=w.user,
                unit=w.unit,
                role=w.role,
                valid_from=max(today, w.since or today),
                valid_until=last.get((w.user.pk, w.unit.pk)),
            )
            for w in wanted
        ],
        batch_size=500,
    )
    events = log.record_many(
        log.event(
            "account.appoint",
            account,
            by=by,
            unit_id=account.unit_id,
            subjects=[account.user_id],
            after={"role": account.role, "from": account.valid_from, "until": account.valid_until},
        )
        for account in made
    )
    outbox.write(
        notice("account_given", account, account.user, by, event, **given(account))
        for account, event in zip(made, events, strict=True)
    )


def _without_account(wanted: Sequence[Appointment]) -> list[Appointment]:
    """Each person, unit and role once, and only where no open account is held under the lock."""
    by_key = {(w.user.pk, w.unit.pk, w.role.value): w for w in wanted}
    known: set[tuple[int, int, str]] = set()
    for people in batches(sorted({w.user.pk for w in wanted}), 500):
        held = BusinessAccount.objects.open().filter(user_id__in=people)
        known.update(held.values_list("user_id", "unit_id", "role"))
    return [w for key, w in by_key.items() if key not in known]
