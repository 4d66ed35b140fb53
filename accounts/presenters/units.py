"""The register of units as a table: the columns are those of the import, so that a list can be changed and uploaded again."""

from collections.abc import Iterable, Iterator

from accounts.imports.unit_lines import KINDS, LEVELS, SCHOOL_TYPES
from accounts.models import Unit

UNITS = [
    "學校代碼", "學校級別", "類別", "學校名稱", "縣市名稱", "上級單位", "設立別", "鄉鎮市區", "地址", "電話", "網址", "聯絡人", "聯絡信箱", "起日",
]  # fmt: skip


# The words that the import reads; of two for one level the later one, which the ministry uses today.
LEVEL_WORDS: dict[str, str] = {level.value: word for word, level in LEVELS.items()}
KIND_WORDS: dict[str, str] = {kind.value: word for word, kind in KINDS.items()}
TYPE_WORDS: dict[str, str] = {kind.value: word for word, kind in SCHOOL_TYPES.items()}


def unit_rows(rows: Iterable[Unit]) -> Iterator[list[object]]:
    """The cells under UNITS; days Gregorian."""
    for row in rows:
        yield [
            row.code,
            LEVEL_WORDS.get(row.level, ""),
            KIND_WORDS[row.kind],
            row.name,
            row.county_name,
            row.parent.code if row.parent else "",
            TYPE_WORDS.get(row.school_type, ""),
            row.district,
            row.address,
            row.phone,
            row.website,
            row.contact_name,
            row.contact_mail,
            f"{row.since:%Y/%m/%d}" if row.since else "",
        ]
