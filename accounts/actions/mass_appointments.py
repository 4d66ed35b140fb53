"""Business accounts of an import: the rule of `appointments.appoint`, set-wise."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.acting import Actor
from accounts.actions.numbers import next_numbers
from accounts.enums import Role
from accounts.models import BusinessAccount, Unit, User
from accounts.rules import may_appoint, roles_at
from audit import log
from inservice import clock


@dataclass(frozen=True)
class Appointment:
    user: User
    unit: Unit
    role: Role


def refuses(by: Actor | None, user: User, unit: Unit, role: Role) -> bool:
    """Whether this person may not give that account; the command (`by=None`) may give any."""
    return by is not None and (not may_appoint(by, unit, role, user) or role not in roles_at(unit))


@transaction.atomic
def appoint_all(wanted: Sequence[Appointment], *, by: Actor | None) -> None:
    """Give own numbered accounts from today. The caller has asked `refuses` and left out who holds an open one already;
    the constraint `accounts_one_open_appointment` refuses the rest. A constant number of queries and three a unit code.
    """
    # The units' rows serialise two appointments of the same person, as in `appoint`.
    list(Unit.objects.select_for_update().filter(pk__in={w.unit.pk for w in wanted}).order_by("pk"))
    per_code = Counter(w.unit.code for w in wanted)
    numbers: dict[str, Iterator[int]] = {
        code: iter(next_numbers(f"account:{code}", count)) for code, count in sorted(per_code.items())
    }
    today = clock.today()
    made = BusinessAccount.objects.bulk_create(
        [
            BusinessAccount(
                number=f"{w.unit.code}-{next(numbers[w.unit.code]):03d}",
                user=w.user,
                unit=w.unit,
                role=w.role,
                valid_from=today,
            )
            for w in wanted
        ],
        batch_size=500,
    )
    log.record_many(
        log.event(
            "account.appoint",
            account,
            by=by,
            unit_id=account.unit_id,
            subjects=[account.user_id],
            after={"role": account.role, "from": today, "until": None},
        )
        for account in made
    )
