"""Telling apart people of one name at one unit, without a national ID."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from accounts.models import User
from accounts.queries.guests import organisation_of

SHOWN = 3


def masked_account(user: User) -> str:
    """The personal account with its middle hidden: wan***@school.example; empty for a guest, who has none."""
    if not user.mailbox:
        return ""
    local, _at, domain = user.mailbox.partition("@")
    return f"{local[: min(SHOWN, len(local) - 1)]}***@{domain}"


def numbered(text: str, taken: Collection[str]) -> str:
    """The text, or where it is taken the text with the first free number: wan***@school.example #2. Nothing stays nothing."""
    if not text:
        return ""
    choices = (text if number == 1 else f"{text} #{number}" for number in count(1))
    return next(choice for choice in choices if choice not in taken)


def distinguish_people(people: Iterable[User]) -> dict[int, str]:
    """Return what distinguishes each of a few people, numbered where two look alike: the masked account, of a guest the organisation.

    Select `guest` with the people.
    """
    found: dict[int, str] = {}
    for person in people:
        found[person.pk] = numbered(organisation_of(person) or masked_account(person), found.values())
    return found


@dataclass(frozen=True)
class KnownBy:
    """What distinguishes a person of a list from the others: the masked `account`, which a guest lacks; `known_by` is the same, of a
    guest the organisation, or empty where the name suffices.
    """

    account: str
    known_by: str


def distinguish(rows: Iterable[Any], *, one_unit: bool = False) -> dict[int, KnownBy]:
    """Return what distinguishes the people of rows (of a `user` and a `unit_id`, unless all are of `one_unit`), by person.

    `known_by` is filled where another person of the rows has the same name and unit; the unit of a guest is the organisation that
    was written. Accounts and organisations that look alike are numbered. Select `user__guest`.
    """
    rows = list(rows)
    people = {
        row.user.pk: (row.user.name, organisation_of(row.user) or (None if one_unit else row.unit_id))
        for row in rows
    }
    names = Counter(people.values())
    found: dict[int, KnownBy] = {}
    taken: dict[object, set[str]] = {}
    for row in rows:
        if row.user.pk in found:
            continue
        who = people[row.user.pk]
        here = taken.setdefault(who, set())
        account = masked_account(row.user)
        text = numbered(account or organisation_of(row.user), here)
        here.add(text)
        found[row.user.pk] = KnownBy(text if account else "", text if names[who] > 1 else "")
    return found
