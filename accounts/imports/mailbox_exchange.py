"""Mailboxes that pass from one person to another within a file: B may get A's address once A has a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.imports.earlier_lines import mark
from accounts.imports.people_lines import Person
from accounts.imports.report import RowRefused
from accounts.models import User

if TYPE_CHECKING:
    from accounts.imports.known_people import Known


class MailboxHeld(RowRefused):
    """Another person has this mailbox so far. That one may give it up further down in the file."""

    def __init__(self, owner: User, column: str, sentence: str, value: str) -> None:
        super().__init__(column, sentence, value)
        self.owner = owner


class Mailboxes:
    """The addresses that earlier rows gave up and no row has taken since."""

    def __init__(self) -> None:
        self._free: set[int] = set()

    def give_up(self, email: str) -> None:
        self._free.add(mark(email.lower()))

    def claim(self, email: str) -> None:
        self._free.discard(mark(email))

    def is_free(self, email: str) -> bool:
        return mark(email) in self._free

    def exchanged(self, waiting: list[Person], known: Known) -> list[Person]:
        """Return the rows that wait for mailboxes of people of other such rows only, and free these mailboxes."""
        holders, movers = {}, {}
        for person in waiting:
            if owner := known.holder_of(person):
                holders[person.line], movers[person.line] = owner, known.by_number(person)
        ring = [person for person in waiting if movers.get(person.line)]
        while True:
            moving = {id(movers[person.line]) for person in ring}
            inside = [person for person in ring if id(holders[person.line]) in moving]
            if len(inside) == len(ring):
                break
            ring = inside
        self._free |= {mark(person.email) for person in ring}
        return ring
