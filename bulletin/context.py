"""The announcements on top of every page."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from accounts.acting import Actor
from bulletin.models import Announcement
from bulletin.queries.announcements import not_dismissed, shown_to

# More lines than these would hide the page; a link leads to the others.
MOST_LINES = 3


@dataclass
class Board:
    """What is announced to a person today. Nothing is looked up before a template uses it."""

    by: Actor | None

    @cached_property
    def every(self) -> list[Announcement]:
        return shown_to(self.by)

    @cached_property
    def _new(self) -> list[Announcement]:
        return not_dismissed(self.every, self.by)

    @property
    def lines(self) -> list[Announcement]:
        return self._new[:MOST_LINES]

    @property
    def further(self) -> int:
        return len(self._new) - len(self.lines)


def announcements(request: HttpRequest) -> dict[str, object]:
    return {"board": Board(getattr(request, "actor", None))}
