"""Finding people by what a clerk types: e-mail, business account number, national ID or passport; with the name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.identity import hash_of_typed, mask_cell
from accounts.models import Affiliation, BusinessAccount, User
from kit.masking import mask
from kit.texts import fold, tidy

LONGEST = 200
ACCOUNT = re.compile(r"^[A-Z0-9]{6}-[0-9]{1,5}\Z")


@dataclass(frozen=True)
class Typed:
    """What was typed of a person. With a `name` only the person of that name is found, and nothing new is told."""

    text: str
    name: str = ""

    @property
    def email(self) -> str:
        return self._folded.lower()

    @property
    def number(self) -> str:
        """As an account number: capitals, half width."""
        return self._folded.upper()

    @property
    def hash(self) -> str:
        """As a national ID or a passport number; empty for what has the form of neither."""
        return hash_of_typed(self._folded)

    @property
    def _folded(self) -> str:
        return unicodedata.normalize("NFKC", tidy(self.text)[:LONGEST]).strip()

    @property
    def shown(self) -> str:
        """The text as a refusal may repeat it: whole for an e-mail or an account number, otherwise masked."""
        text = self._folded
        return (mask(text) if "@" in text or ACCOUNT.match(self.number) else mask_cell(text))[:60]

    @property
    def echo(self) -> str:
        """The line as the page gives it back in its field."""
        return f"{self.name} {self.shown}".strip()


def read_typed(line: str) -> Typed:
    """`王小明 A123456789` is a name and what the person is known by; a text without a name stays whole."""
    text = tidy(line)
    words = unicodedata.normalize("NFKC", text).replace(",", " ").replace("、", " ").split()
    name, known_by = words[:-1], words[-1] if words else ""
    is_name = bool(name) and not any(c.isdigit() or c == "@" for c in "".join(name))
    is_known_by = any(c.isdigit() or c == "@" for c in known_by)
    return Typed(known_by, " ".join(name)) if is_name and is_known_by else Typed(text)


def found_by(asked: Sequence[Typed]) -> list[User | None]:
    """The active person behind each text, or None, in two queries. A name that is not the person's finds nobody."""
    mails, numbers = {one.email for one in asked}, {one.number for one in asked}
    hashes = {one.hash for one in asked} - {""}
    people = User.objects.annotate(mail=Lower("email")).filter(
        Q(mail__in=mails) | Q(id_hash__in=hashes) | Q(passport_hash__in=hashes), is_active=True
    )
    known: dict[str, User] = {}
    for person in people:
        known |= {f"mail:{person.email.lower()}": person, f"id:{person.id_hash}": person}
        known[f"id:{person.passport_hash}"] = person
    accounts = BusinessAccount.objects.filter(number__in=numbers, user__is_active=True)
    known |= {f"account:{row.number}": row.user for row in accounts.select_related("user")}
    return [_fitting(one, known) for one in asked]


def _fitting(one: Typed, known: dict[str, User]) -> User | None:
    keys = (f"mail:{one.email}", f"account:{one.number}", f"id:{one.hash}")
    person = next((known[key] for key in keys if key in known), None)
    if person is None or (one.name and _squeezed(one.name) != _squeezed(person.name)):
        return None
    return person


def _squeezed(name: str) -> str:
    return fold(name).replace(" ", "")


def serving_at(unit_id: int, people: Sequence[User], day: date | None = None) -> set[int]:
    """Which of these people serve at the unit: its own clerks know them."""
    rows = Affiliation.objects.in_force(day).filter(unit_id=unit_id)
    return set(rows.filter(user__in=people).values_list("user_id", flat=True))
