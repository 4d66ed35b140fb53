"""Titles at a place of service (職稱): which of them comes first follows from the list that the operator keeps; and that of a unit's head."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.enums import UnitKind

# A deputy, a former or an acting holder comes right after those who hold the post (副校長, 前主任, 代理主任).
BEHIND = 5
# A title that is not in the list and contains none of it.
OTHER_RANK = 50
# 學前教師 teach before school age; they are no former teachers.
_DOES_NOT_HOLD = re.compile("副|(?<!學)前任?|卸任")
_NOT_IN_FULL = f"{_DOES_NOT_HOLD.pattern}|代理|代課|代"
_SEVERAL = re.compile(r"[兼、,，;；/／]")


def head_title(kind: str) -> str:
    """Return who signs for a unit of this kind, as papers print it: the principal of a school, the head of an office."""
    return "校長" if kind == UnitKind.SCHOOL else "首長"


@dataclass(frozen=True)
class TitleOrder:
    """The order of the titles of the list (`accounts.models.Title`), by their names."""

    orders: Mapping[str, int]

    def rank_of(self, title: str) -> int:
        """Return the rank of a title, the lowest number first; of several titles (教師兼組長) the one that comes first.

        A title of the list has its order; another one that of the longest title in it (教務主任: 主任).
        """
        return min(self._rank_of_one(part.strip()) for part in _SEVERAL.split(title))

    def names_in(self, title: str) -> frozenset[str]:
        """Return the titles of the list that a person with this title has: 教務主任 is a 主任, a 教師兼組長 both.

        A deputy or a former holder (副校長, 前主任) has the title only where the list has it in full; an acting one has it.
        """
        parts = (part.strip() for part in _SEVERAL.split(title))
        return frozenset(name for part in parts if (name := self._name_in_one(part)))

    def _name_in_one(self, title: str) -> str:
        if title in self.orders:
            return title
        word = max((name for name in self.orders if name and name in title), key=len, default="")
        return "" if _DOES_NOT_HOLD.search(title) else word

    def _rank_of_one(self, title: str) -> int:
        if title in self.orders:
            return self.orders[title]
        inside = [word for word in self.orders if word and word in title]
        if not inside:
            return OTHER_RANK
        word = max(inside, key=len)
        behind = re.match(_NOT_IN_FULL, title) or re.search(f"(?:{_NOT_IN_FULL}){re.escape(word)}", title)
        return self.orders[word] + (BEHIND if behind else 0)
