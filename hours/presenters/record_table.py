"""The training records as a table, in the columns of the national export (domain.md §5)."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import QuerySet

from accounts.queries.names import masked_account, numbered
from accounts.queries.persons import survivor
from accounts.queries.unit_history import UnitNames, unit_names
from courses.enums import Participation
from courses.models import Course, Enrolment
from hours.queries.credited import home_of, net_of
from kit.tables import Cell

KIND = "時數類別"
HEADER = [
    "教師姓名",
    "課程代碼",
    "研習課程名稱",
    "主辦單位",
    "課程結束時間",
    "實核時數/學分數",
    "核准文號",
    KIND,
]
# The kinds of hours as schools write them, in every language: other people's tools read this.
KIND_WORDS = {
    Participation.PARTICIPANT: "參加",
    Participation.LECTURER: "講師",
    Participation.STAFF: "工作人員",
}
# A county has people of one name at one school: the masked account distinguishes them without a national ID.
# The kind comes last, as in every file: the columns before it stay where they were.
COUNTY_HEADER = ["服務單位代碼", "服務單位", *HEADER[:-1], "帳號（遮蔽）", KIND]


def county_rows(rows: QuerySet[Enrolment]) -> Iterator[list[Cell]]:
    """Return the cells under COUNTY_HEADER. The rows come from `county_records`: those of one person follow each other."""
    place: tuple[str, str, str] = ("", "", "")
    accounts: dict[int, str] = {}
    names = unit_names()
    for row in rows.iterator(chunk_size=2000):
        person = survivor(row.user)
        here = (*home_of(row), person.name)
        if here != place:
            place, accounts = here, {}
        if person.pk not in accounts:
            accounts[person.pk] = numbered(masked_account(person), accounts.values())
        *facts, kind = _cells(row, names)
        yield [*here[:2], *facts, accounts[person.pk], kind]


def export_rows(rows: QuerySet[Enrolment]) -> Iterator[list[Cell]]:
    """Return the cells under HEADER."""
    names = unit_names()
    for row in rows.iterator(chunk_size=2000):
        yield _cells(row, names)


def cells(name: str, course: Course, hours: Decimal, names: UnitNames) -> list[Cell]:
    """Return the cells of one person and course without the kind of hours, with the unit's name of its last day. Hours are a number, days Gregorian YYYY/MM/DD: other people's tools read this."""
    return [
        name,
        course.code,
        course.title,
        names.on(course.unit, course.ends_on),
        f"{course.ends_on:%Y/%m/%d}",
        hours,
        course.approval_number,
    ]


def enrolment_cells(row: Enrolment, name: str, names: UnitNames) -> list[Cell]:
    """Return the cells under HEADER of an enrolment with its hours (`net_of`)."""
    return [*cells(name, row.course, net_of(row), names), kind_words(row.participation)]


def kind_words(part: str) -> str:
    """Return 參加, 講師 or 工作人員."""
    return KIND_WORDS[Participation(part)]


def _cells(row: Enrolment, names: UnitNames) -> list[Cell]:
    return enrolment_cells(row, survivor(row.user).name, names)
