"""Finding people by what a clerk types: e-mail, business account number, national ID or passport; with the name."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Affiliation, BusinessAccount, User
from hours.models import Typed
from kit.texts import squeezed


def found_by(typed: Sequence[Typed]) -> list[User | None]:
    """Return the active person for each text, or None, in two queries. A name that does not match finds no one."""
    mails, numbers = {one.email for one in typed}, {one.number for one in typed}
    hashes = {one.hash for one in typed} - {""}
    people = User.objects.annotate(mail=Lower("email")).filter(
        Q(mail__in=mails) | Q(id_hash__in=hashes) | Q(passport_hash__in=hashes), is_active=True
    )
    known: dict[str, User] = {}
    for person in people:
        known |= {f"mail:{person.email.lower()}": person, f"id:{person.id_hash}": person}
        known[f"id:{person.passport_hash}"] = person
    accounts = BusinessAccount.objects.filter(number__in=numbers, user__is_active=True)
    known |= {f"account:{row.number}": row.user for row in accounts.select_related("user")}
    return [_fitting(one, known) for one in typed]


def _fitting(one: Typed, known: dict[str, User]) -> User | None:
    keys = (f"mail:{one.email}", f"account:{one.number}", f"id:{one.hash}")
    person = next((known[key] for key in keys if key in known), None)
    if person is None or (one.name and squeezed(one.name) != squeezed(person.name)):
        return None
    return person


def serving_at(unit_id: int, people: Sequence[User], day: date | None = None) -> set[int]:
    """Which of these people serve at the unit: its own clerks know them."""
    rows = Affiliation.objects.serving(day).filter(unit_id=unit_id)
    return set(rows.filter(user__in=people).values_list("user_id", flat=True))
