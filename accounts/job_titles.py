"""Titles at a place of service (職稱) and which of them comes first."""

import re

RANKS = {"校長": 10, "主任": 20, "組長": 30, "教師": 40}
OTHER_RANK = 50
# The usual titles, proposed where one is typed.
TITLES = (
    "校長", "主任", "組長", "教師", "導師", "代理教師", "代課教師", "兼任教師", "教學支援工作人員", "輔導教師", "特教教師",
    "教師助理員", "教保員", "護理師", "職員", "工友", "實習學生", "運動教練",
)  # fmt: skip
# A deputy, a former or an acting holder comes right after those who hold the post (副校長, 前主任, 代理教師).
BEHIND = 5
# 學前教師 teach before school age; they are no former teachers.
_NOT_IN_FULL = "副|(?<!學)前任?|卸任|代理|代課|代"
_SEVERAL = re.compile(r"[兼、,，;；/／]")


def rank_of(title: str) -> int:
    """Return the rank of a title, the lowest number first; of several titles (教師兼組長) the one that comes first."""
    return min(_rank_of_one(part.strip()) for part in _SEVERAL.split(title))


def _rank_of_one(title: str) -> int:
    for word, rank in RANKS.items():
        if word in title:
            behind = re.match(_NOT_IN_FULL, title) or re.search(f"(?:{_NOT_IN_FULL}){word}", title)
            return rank + (BEHIND if behind else 0)
    return OTHER_RANK
