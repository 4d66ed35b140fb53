"""A table of transfers pasted from an e-mail: 代碼, 名稱, 新任姓名, 新任帳號."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.models import BusinessAccount
from courses.enums import TransferObstacle
from courses.models import Course
from courses.queries.transfers import why_not
from kit.texts import fold

HEADINGS = {"代碼", "課程代碼", "研習課程代碼"}
MAX_PASTED = 500


class LineProblem(StrEnum):
    """What is wrong with a line. `courses.presenters.transfers` has the sentence of each."""

    NOT_FOUR_CELLS = "not_four_cells"
    TWICE = "twice"
    UNKNOWN_COURSE = "unknown_course"
    OTHER_TITLE = "other_title"
    UNKNOWN_ACCOUNT = "unknown_account"
    OTHER_NAME = "other_name"


@dataclass(frozen=True)
class PastedRow:
    """One line and what would happen with it."""

    line: int
    cells: Sequence[str]
    course: Course | None = None
    account: BusinessAccount | None = None
    problems: Sequence[LineProblem | TransferObstacle] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def read_pasted(text: str) -> list[PastedRow]:
    """Return the lines with their course, account and problems: two queries, however many lines.

    Tabs, commas or bars separate the cells; a heading is left out.
    """
    lines = [(number, _cells(raw)) for number, raw in enumerate(text.splitlines(), 1)]
    lines = [(number, cells) for number, cells in lines if cells and cells[0] not in HEADINGS]
    courses = Course.objects.filter(code__in=[cells[0] for _number, cells in lines])
    accounts = BusinessAccount.objects.filter(number__in=[cells[-1] for _number, cells in lines])
    by_code = {course.code: course for course in courses.select_related("unit", "handler__user")}
    by_number = {account.number: account for account in accounts.select_related("user", "unit")}
    rows, seen = [], set[str]()
    for number, cells in lines:
        if len(cells) != 4:
            rows.append(PastedRow(number, cells, problems=[LineProblem.NOT_FOUR_CELLS]))
            continue
        code = cells[0]
        rows.append(_row(number, cells, by_code.get(code), by_number.get(cells[-1]), is_twice=code in seen))
        seen.add(code)
    return rows


def _cells(raw: str) -> list[str]:
    for separator in ("\t", "|", ",", "，"):
        if separator in raw:
            return [c.strip() for c in raw.strip(" |").split(separator)]
    return raw.split()


def _row(
    number: int, cells: list[str], course: Course | None, account: BusinessAccount | None, *, is_twice: bool
) -> PastedRow:
    _code, title, name, _account = cells
    problems: list[LineProblem | TransferObstacle] = []
    if course is None:
        problems.append(LineProblem.UNKNOWN_COURSE)
    elif fold(course.title) != fold(title):
        problems.append(LineProblem.OTHER_TITLE)
    if account is None:
        problems.append(LineProblem.UNKNOWN_ACCOUNT)
    elif fold(account.user.name) != fold(name):
        problems.append(LineProblem.OTHER_NAME)
    if course and account and (obstacle := why_not(course, account)):
        problems.append(obstacle)
    if is_twice:
        problems.append(LineProblem.TWICE)
    return PastedRow(number, cells, course, account, problems)
