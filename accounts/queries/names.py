"""Telling apart people of one name at one unit, without a national ID."""

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import count
from typing import Any

from accounts.models import User

SHOWN = 3


def masked_account(user: User) -> str:
    """The personal account with its middle hidden: wan***@school.example."""
    local, _at, domain = user.email.partition("@")
    return f"{local[: min(SHOWN, len(local) - 1)]}***@{domain}"


def numbered(text: str, taken: Collection[str]) -> str:
    """The text, or where it is taken the text with the first free number: wan***@school.example #2."""
    choices = (text if number == 1 else f"{text} #{number}" for number in count(1))
    return next(choice for choice in choices if choice not in taken)


def tell_apart(rows: Iterable[Any], *, one_unit: bool = False) -> None:
    """Give each row (of a `user` and a `unit_id`, unless all are of `one_unit`) `account`, the masked account, and `known_by`: that account where another
    person of the rows has the same name and unit, otherwise empty. Accounts that look alike when masked are numbered.
    """
    rows = list(rows)
    people = {row.user.pk: (row.user.name, None if one_unit else row.unit_id) for row in rows}
    names = Counter(people.values())
    accounts: dict[int, str] = {}
    taken: dict[object, set[str]] = {}
    for row in rows:
        who = people[row.user.pk]
        if row.user.pk not in accounts:
            here = taken.setdefault(who, set())
            accounts[row.user.pk] = numbered(masked_account(row.user), here)
            here.add(accounts[row.user.pk])
        row.account = accounts[row.user.pk]
        row.known_by = row.account if names[who] > 1 else ""
