"""A person as a clerk types them: e-mail, business account number, national ID or passport number; with the name."""

import re
import unicodedata
from dataclasses import dataclass

from accounts.identity import hash_of_typed, mask_cell
from kit.masking import mask
from kit.texts import tidy

LONGEST = 200
ACCOUNT = re.compile(r"^[A-Z0-9]{6}-[0-9]{1,5}\Z")


@dataclass(frozen=True)
class Typed:
    """A typed identity. With a `name` only the person of that name matches, and nothing new is disclosed.

    `chosen`: the person was ticked on a list; the clerk has not typed the text and is not shown it.
    """

    text: str
    name: str = ""
    chosen: bool = False

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
    def is_name(self) -> bool:
        """Whether it is a name alone, which finds only people of the clerk's own unit."""
        return not may_identify(self._folded)

    @property
    def shown(self) -> str:
        """The text as a refusal may repeat it: whole for an e-mail or an account number, otherwise masked."""
        text = self._folded
        return (mask(text) if "@" in text or ACCOUNT.match(self.number) else mask_cell(text))[:60]

    @property
    def echo(self) -> str:
        """The line as the page gives it back in its field."""
        return self.name if self.chosen else f"{self.name} {self.shown}".strip()


def may_identify(text: str) -> bool:
    """Return whether a text may hold an e-mail or a number: a name has neither a digit nor an @."""
    return any(character.isdigit() or character == "@" for character in text)


def read_typed(line: str) -> Typed:
    """`王小明 A123456789` is a name and what the person is known by; a text without a name stays whole."""
    text = tidy(line)
    words = unicodedata.normalize("NFKC", text).replace(",", " ").replace("、", " ").split()
    name, known_by = words[:-1], words[-1] if words else ""
    is_named = bool(name) and not may_identify("".join(name)) and may_identify(known_by)
    return Typed(known_by, " ".join(name)) if is_named else Typed(text)
