"""Finding people by what a clerk types: e-mail, business account number, national ID or passport, with the name; within a unit by the name."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Affiliation, BusinessAccount, Guest, User
from accounts.queries.persons import survivor
from courses.models.typed import Typed
from kit.texts import squeezed


def found_by(typed: Sequence[Typed], unit_id: int) -> list[User | None]:
    """Return the active person for each text, or None, in three queries. A name that does not match finds no one.

    A record that was merged finds the person it belongs to; guests are found by the unit that entered them, by their e-mail.
    """
    mails, numbers = {one.email for one in typed}, {one.number for one in typed}
    hashes = {one.hash for one in typed} - {""}
    known: dict[str, User] = {}
    guests = Guest.objects.filter(unit_id=unit_id, email__in=mails).exclude(email="")
    guests = guests.filter(
        Q(person__closed_at=None) | Q(person__merged_into__closed_at=None, person__merged_into__isnull=False)
    )
    for guest in guests.select_related("person__merged_into"):
        known[f"mail:{guest.email}"] = guest.person
    in_use = Q(is_active=True) | Q(merged_into__is_active=True)
    people = User.objects.annotate(mail=Lower("email")).filter(
        in_use, Q(mail__in=mails) | Q(id_hash__in=hashes) | Q(passport_hash__in=hashes)
    )
    for person in people.select_related("merged_into"):
        known |= {f"mail:{person.email.lower()}": person, f"id:{person.id_hash}": person}
        known[f"id:{person.passport_hash}"] = person
    accounts = BusinessAccount.objects.filter(number__in=numbers).select_related("user__merged_into")
    accounts = accounts.filter(Q(user__is_active=True) | Q(user__merged_into__is_active=True))
    known |= {f"account:{row.number}": row.user for row in accounts}
    return [_fitting(one, known) for one in typed]


def _fitting(one: Typed, known: dict[str, User]) -> User | None:
    keys = (f"mail:{one.email}", f"account:{one.number}", f"id:{one.hash}")
    record = next((known[key] for key in keys if key in known), None)
    if record is None:
        return None
    person = survivor(record)
    names = {squeezed(record.name), squeezed(person.name)}
    return person if not one.name or squeezed(one.name) in names else None


def named_at(unit_id: int, typed: Sequence[Typed], day: date | None = None) -> dict[str, list[User]]:
    """Return the people of a unit by each of the typed names (`squeezed`), by account where several have one; no query without a name."""
    wanted = {squeezed(one.text) for one in typed if one.is_name} - {""}
    if not wanted:
        return {}
    staff = User.objects.filter(
        pk__in=Affiliation.objects.serving(day).filter(unit_id=unit_id).values("user"), is_active=True
    )
    found: dict[str, list[User]] = {}
    for person in staff.order_by("email"):
        if (key := squeezed(person.name)) in wanted:
            found.setdefault(key, []).append(person)
    return found


def serving_at(unit_id: int, people: Sequence[User], day: date | None = None) -> set[int]:
    """Which of these people serve at the unit: its own clerks know them."""
    rows = Affiliation.objects.serving(day).filter(unit_id=unit_id)
    return set(rows.filter(user__in=people).values_list("user_id", flat=True))
