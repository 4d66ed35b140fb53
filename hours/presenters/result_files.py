"""成果資料: the files that a closed course leaves behind."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from courses.models import Course, CourseFile
from courses.presenters.sign_in_sheets import drawn, sign_in_sheets
from courses.queries.sign_in_sheets import SheetChoices
from files import storage
from hours.presenters import questionnaires, receipt_table, turnout
from hours.queries.receipts import Receipt
from hours.queries.surveys import results_of
from kit import clock
from kit.errors import Refusal
from kit.file_types import ENDINGS
from kit.tables import ods_bytes

# The poster and the plan, by what each is; materials are no evidence.
SHEETS = "3_簽到表.pdf"
_NAMES = {"plan": "1_實施計畫", "poster": "2_海報"}


def entries(course: Course, receipt: Receipt) -> Iterator[tuple[str, bytes]]:
    """Return the files of a course, name and content; what there is not is left out."""
    for row in CourseFile.objects.present().filter(course=course, kind__in=_NAMES).order_by("-kind"):
        yield _course_file(row)
    yield _sheets(course)
    if receipt.signs:
        lines = turnout.times_rows(course, receipt)
        yield "4_簽到退紀錄.ods", ods_bytes(turnout.TIMES, lines, "簽到退紀錄")
    results = results_of(course)
    if results.is_shown:
        yield (
            "5_意見調查.ods",
            ods_bytes(questionnaires.HEADER, questionnaires.rows(results), "意見調查"),
        )
    yield "6_核發時數.ods", ods_bytes(receipt_table.HEADER, receipt_table.lines(course, receipt), "核發時數")


def _course_file(row: CourseFile) -> tuple[str, bytes]:
    """Return a file of a course; a sentence where the storage has lost it."""
    try:
        with storage.opened(row.file.path) as file:
            return f"{_NAMES[row.kind]}.{ENDINGS[row.file.content_type]}", file.read()
    except FileNotFoundError:
        said = _("The file “%s” is not in the storage any more.") % row.file.name
        return f"{_NAMES[row.kind]}.txt", f"{said}\n".encode()


def _sheets(course: Course) -> tuple[str, bytes]:
    """Return the sign-in sheets of all sessions; a sentence where a character cannot be drawn."""
    sheets = sign_in_sheets(course, course.sessions.all(), SheetChoices(blanks=0))
    try:
        return SHEETS, drawn(sheets, f"{course.code}_簽到表").made(clock.now())
    except Refusal as refusal:
        said = _("Please print the sheets from the course's page.")
        return "3_簽到表.txt", f"{refusal.message}\n{said}\n".encode()
