"""簽到表: one content for the PDF and for the page that is printed.

The layout is the schools' practice: unit, name, facts, a table with blank rows for people who come without enrolment, counts and
signatures. Rows are a centimetre high.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cache, partial

from django.db.models import prefetch_related_objects

from accounts.job_titles import head_title
from accounts.queries.unit_history import unit_names
from courses.enums import Participation
from courses.models import Course, Session
from courses.queries.sign_in_sheets import (
    BY_RANK,
    BY_STROKES,
    BY_UNIT,
    Expected,
    SheetChoices,
    expected,
    helping,
)
from kit import clock
from kit.clock import to_roc
from kit.pdf import Column, Document, Margins
from kit.pdf.glyphs import MM
from kit.templatetags.ui import WEEKDAYS

NOON = time(12)
ROW, SIZE = 10.0, 11
# The height of the counts and signatures below the table.
FOOT = 34.0
IN, OUT, NOTE = "簽到", "簽退", "備註"


@dataclass(frozen=True)
class SignInSheet:
    """One sheet: lines above, facts as label and value, the columns and rows of the table, and what is below it."""

    unit: str
    title: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    count: str
    signatures: Sequence[str]


_ORDERS: dict[str, Callable[[Expected], tuple[object, ...]]] = {
    BY_UNIT: lambda row: (row.unit.code if row.unit else "~", row.rank, row.key, row.name),
    BY_RANK: lambda row: (row.rank, row.key, row.name),
    BY_STROKES: lambda row: (row.key, row.name),
}


def sign_in_sheets(course: Course, sessions: Iterable[Session], choices: SheetChoices) -> list[SignInSheet]:
    """Return the sheets of some sessions in their order: of each half of a day, to sign in and to sign out. People are read once a day."""
    prefetch_related_objects([course], "instructors")
    people_on = cache(lambda day: sorted(expected(course, day), key=_ORDERS[choices.order]))
    helpers_on = cache(lambda day: helping(course, day))
    return [
        _sheet(
            course,
            session,
            half,
            signs,
            [*people_on(day := clock.day_of(session.starts_at)), *helpers_on(day)],
            choices.blanks,
        )
        for session in sessions
        for half in _halves(session, choices)
        for signs in (((IN,), (OUT,)) if choices.separate else ((IN, OUT),))
    ]


def _halves(session: Session, choices: SheetChoices) -> Sequence[str]:
    """Return 上午 and 下午 where a session reaches over noon and its halves are wanted."""
    start, end = (moment.astimezone(clock.TAIPEI).time() for moment in (session.starts_at, session.ends_at))
    return ("上午", "下午") if choices.halves and start < NOON < end else ("",)


def _sheet(
    course: Course,
    session: Session,
    half: str,
    signs: Sequence[str],
    people: Sequence[Expected],
    blanks: int,
) -> SignInSheet:
    # In a school's own course everybody is of one unit; the department is filled in by hand.
    taking = [row for row in people if not row.part]
    is_own = bool(taking) and all(row.unit and row.unit.pk == course.unit_id for row in taking)
    where = Column("處室／領域" if is_own else "服務單位", 3.4 if is_own else 5, "left")
    columns = [Column("序號", 1.2), where, Column("職稱", 2.4), Column("姓名", 3.6)]
    columns += [Column(sign, 2.9) for sign in signs] + [Column(NOTE, 2)]
    rows = [
        [str(number), _where(row, course, is_own), row.title, row.name, *["" for _sign in signs], _note(row)]
        for number, row in enumerate(people, 1)
    ]
    first_blank = len(rows) + 1
    for number in range(first_blank, first_blank + blanks):
        rows.append([str(number), *[""] * (len(columns) - 2), "現場報名"])
    return SignInSheet(
        unit_names().on(course.unit, clock.day_of(session.starts_at)),
        f"{course.title}{'簽退表' if signs == (OUT,) else '簽到表'}",
        _facts(course, session, half),
        columns,
        rows,
        _count(len(taking), len(people) - len(taking)),
        ("承辦人", "單位主管", head_title(course.unit.kind)),
    )


def _where(row: Expected, course: Course, is_own: bool) -> str:
    """Return the unit; in a school's own course only that of a lecturer or member of staff from elsewhere."""
    is_colleague = row.unit is not None and row.unit.pk == course.unit_id
    return "" if is_own and (is_colleague or not row.part) else row.unit_name


def _note(row: Expected) -> str:
    return {Participation.LECTURER.value: "講師", Participation.STAFF.value: "工作人員"}.get(row.part, "")


def _count(expected_number: int, helpers: int) -> str:
    words = f"應到 {expected_number} 人　實到＿＿＿＿人"
    return f"{words}　講師及工作人員 {helpers} 人" if helpers else words


def _facts(course: Course, session: Session, half: str) -> list[tuple[str, str]]:
    start = session.starts_at.astimezone(clock.TAIPEI)
    day = start.date()
    hours = f"{start:%H:%M}–{clock.end_word(session.ends_at)}"
    when = f"{to_roc(day)}（星期{WEEKDAYS[day.weekday()]}）{hours}"
    return [
        ("課程代碼", course.code),
        ("核准文號", course.approval_number),
        ("日期", f"{when}　{half}" if half else when),
        ("地點", session.place or course.place or str(course.get_mode_display())),
        ("講師", "、".join(instructor.name for instructor in course.instructors.all())),
        ("時數", f"{course.hours.normalize():f} 小時"),
    ]


def _running_head(sheet: SignInSheet, document: Document) -> None:
    """Write on each page but the first what the sheet is, for pages that are passed round one by one."""
    if len(document.parts[-1].pages) > 1:
        facts = dict(sheet.facts)
        document.paragraph(f"{facts['課程代碼']}　{sheet.title}　{facts['日期']}", 9)
        document.space(1)


def drawn(sheets: Sequence[SignInSheet], title: str) -> Document:
    """Return the sheets as a document, each with page numbers of its own."""
    document = Document(title, margins=Margins(15, 15, 20, 15))
    for sheet in sheets:
        document.part(partial(_running_head, sheet))
        document.paragraph(sheet.unit, 16, bold=True, align="centre")
        document.paragraph(sheet.title, 16, bold=True, align="centre")
        document.space(2)
        for label, value in sheet.facts:
            document.paragraph(f"{label}：{value}", SIZE, leading=16, hanging=3 * SIZE * MM)
        document.space(2)
        document.table(sheet.columns, sheet.rows, size=SIZE, row_height=ROW, below=FOOT)
        document.ensure_room(FOOT)
        document.space(4)
        document.paragraph(sheet.count, 12)
        document.space(4)
        y = document.y + 6
        for number, signature in enumerate(sheet.signatures):
            document.words(f"{signature}：", document.margins.left + number * document.width / 3, y, 12)
        document.space(20)
    return document
