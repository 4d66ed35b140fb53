"""What the earlier lines of a file of people said. A file has hundreds of thousands of lines, and a worker the memory of a few."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.imports.report import RowRefused
from kit.texts import squeezed

if TYPE_CHECKING:
    from accounts.imports.people_lines import Person

# Kibibytes of the table below that stay in memory.
CACHE = 4096


class EarlierLines:
    """Marks of the people, e-mails and places of earlier lines, in a temporary database that SQLite keeps on the disk and deletes.

    A mark is a number of 56 bits: the file holds no name, number or address, and memory does not grow with the lines.
    """

    def __init__(self) -> None:
        # Without a name it is a private file, gone with the connection. Nothing is ever undone or read after a crash.
        self._table = sqlite3.connect("", isolation_level=None)
        self._table.execute(f"PRAGMA cache_size = -{CACHE}")
        self._table.execute("PRAGMA journal_mode = OFF")
        self._table.execute("PRAGMA synchronous = OFF")
        self._table.execute("CREATE TABLE marks (mark INTEGER PRIMARY KEY, value INTEGER)")
        self._table.execute("BEGIN")

    def note(self, person: Person) -> None:
        """Remember a line.

        Raise RowRefused for a second line of the same person and unit, another person's e-mail, or another name or e-mail.
        """
        who, mailbox = mark(f"person:{person.key}"), mark(f"mailbox:{person.email}")
        place = mark(f"place:{person.unit.pk}:{person.key}")
        facts = mark(f"{squeezed(person.name)}:{person.email}")
        known = self._values(who, mailbox, place)
        if place in known:
            sentence = _("this person stands twice in the file for the same unit")
            raise RowRefused("身分證字號", sentence, person.shown_number)
        if known.get(who, facts) != facts:
            sentence = _(
                "a line further up gives the person of this number another name or e-mail: which is right?"
            )
            raise RowRefused("姓名", sentence, f"{person.name} {person.email}")
        if known.get(mailbox, who) != who:
            raise RowRefused("電子郵件", _("this e-mail belongs to another person"), person.email)
        self._add((who, facts), (mailbox, who), (place, 0))

    def is_first_creation(self, key: str) -> bool:
        """Return whether no earlier line made the person of this key, and remember that this one does."""
        return self._add((mark(f"made:{key}"), 0)) == 1

    def _values(self, *marks: int) -> dict[int, int]:
        """Return the values of those marks that are known."""
        return dict(self._table.execute("SELECT mark, value FROM marks WHERE mark IN (?, ?, ?)", marks))

    def _add(self, *pairs: tuple[int, int]) -> int:
        """Remember marks with their values; those that are known keep theirs. Return how many are new."""
        return self._table.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", pairs).rowcount


def mark(text: str) -> int:
    """Return a number of 56 bits for a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest())
