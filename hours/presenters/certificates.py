"""研習證明 and 研習紀錄 as PDF: wording and layout of the schools' practice."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from accounts.job_titles import head_title
from accounts.models import User
from accounts.queries.unit_history import UnitNames, unit_names
from courses.enums import Participation
from courses.models import Course, Enrolment
from hours.models import Certificate
from hours.presenters.record_table import KIND, KIND_WORDS, kind_words
from hours.queries.credited import net_of
from kit import clock
from kit.clock import to_roc
from kit.pdf import Column, Document, Margins
from kit.tables import Cell

# So many days are named one by one; more of them as first and last.
MOST_DAYS = 4
RECORD = [
    "年度",
    "課程代碼",
    "研習課程名稱",
    "辦理研習單位",
    "課程結束日期",
    "研習時數",
    "核准文號",
    "服務單位",
    KIND,
]
_SHARES = (1.4, 2.8, 4.2, 4.1, 3.1, 1.7, 3.4, 4.2, 2.0)


def days_of(course: Course) -> list[date]:
    """Return the Taipei days of a course, whose sessions are prefetched, each once."""
    return sorted({clock.day_of(session.starts_at) for session in course.sessions.all()})


def words_of_days(days: Sequence[date]) -> str:
    """Return the days of a course: 115年9月30日、115年10月1日, or the first and the last of many."""
    if len(days) > MOST_DAYS:
        return f"{to_roc(days[0])}至{to_roc(days[-1])}（共{len(days)}日）"
    return "、".join(map(to_roc, days))


def hour_words(hours: Decimal) -> str:
    return f"{hours.normalize():f}"


def code_words(token: str) -> str:
    """Return the code in groups of four, as a person reads and types it."""
    return " ".join(token[place : place + 4] for place in range(0, len(token), 4))


def address_of(certificate: Certificate) -> str:
    """Return where the certificate is checked, for the QR code."""
    return f"{settings.SITE_URL}{reverse('hours:verify')}?{urlencode({'code': certificate.token})}"


def drawn(certificates: Iterable[Certificate], course: Course, title: str) -> Document:
    """Return certificates of a course, each on a page of its own."""
    document = Document(title, margins=Margins(35, 25, 20, 25))
    organiser, days = unit_names().on(course.unit, course.ends_on), words_of_days(days_of(course))
    for certificate in certificates:
        document.part(numbered=False)
        _certificate(document, certificate, course, organiser, days)
    return document


def _certificate(
    document: Document, certificate: Certificate, course: Course, organiser: str, days: str
) -> None:
    document.paragraph(organiser, 24, bold=True, align="centre")
    document.paragraph("研習證明", 30, bold=True, align="centre")
    document.paragraph(f"字號：{certificate.number}", 12, align="right")
    document.space(12)
    who = "　".join(filter(None, (certificate.unit_name, certificate.title, certificate.name)))
    document.paragraph(
        f"茲證明　{who}　於中華民國{days}{participation_words(certificate, course)}小時，特此證明。",
        18,
        leading=34,
        indent=12.7,
    )
    document.space(12)
    for label, value in (("核准文號", course.approval_number), ("辦理單位", organiser)):
        document.paragraph(f"{label}：{value}", 14, leading=26)
    document.space(14)
    document.paragraph(f"{head_title(course.unit.kind)}　　　　　　　　　　（簽章）", 18, align="centre")
    day = to_roc(clock.day_of(certificate.issued_at))
    document.words(f"中華民國{day}", 105, 250, 16, align="centre")
    document.code(25, 255, 24, address_of(certificate))
    document.words(f"查驗碼：{code_words(certificate.token)}", 52, 275, 9)
    document.words(f"查驗網址：{settings.SITE_URL}{reverse('hours:verify')}", 52, 280, 9)


def participation_words(certificate: Certificate, course: Course) -> str:
    """Return as what the person took part in the course, and the number of hours (for lecturers and staff a guess at the wording)."""
    named, hours = f"「{course.title}」（課程代碼{course.code}）", hour_words(certificate.hours)
    if certificate.participation == Participation.PARTICIPANT:
        return f"參加{named}，研習時數共計{hours}"
    return f"擔任{named}{kind_words(certificate.participation)}，時數共計{hours}"


def record_cells(row: Enrolment, names: UnitNames) -> list[Cell]:
    """Return the cells under `RECORD`: with the school of the day of the course."""
    course = row.course
    return [
        course.year,
        course.code,
        course.title,
        names.on(course.unit, course.ends_on),
        f"{course.ends_on:%Y/%m/%d}",
        net_of(row),
        course.approval_number,
        names.on(row.unit, course.ends_on) if row.unit else "",
        kind_words(row.participation),
    ]


def record_drawn(user: User, rows: Sequence[Enrolment], first: int, last: int) -> Document:
    """Return a person's record of some ROC years as a document: the courses, the hours of each year, a box for the stamp."""
    span = f"{first}年度" if first == last else f"{first}至{last}年度"
    document = Document(f"{user.name}_{span}_研習紀錄", margins=Margins(15, 12, 20, 12))
    document.part()
    document.paragraph(f"個人研習紀錄（{span}）", 18, bold=True, align="centre")
    document.paragraph(f"姓名：{user.name}　　製表日期：{to_roc(clock.today())}", 11)
    document.space(2)
    names = unit_names()
    columns = [Column(heading, share) for heading, share in zip(RECORD, _SHARES, strict=True)]
    cells = [[_text(cell) for cell in record_cells(row, names)] for row in rows]
    document.table(columns, cells, size=9, row_height=9)
    document.ensure_room(40)
    document.space(4)
    for year in sorted({row.course.year or 0 for row in rows}):
        of_year = [row for row in rows if row.course.year == year]
        document.paragraph(f"{year}年度：{_totals(of_year)}", 11)
    document.paragraph(f"合計：{_totals(rows)}", 12, bold=True)
    document.ensure_room(25)
    document.space(6)
    document.paragraph("人事核章：", 12, indent=document.width / 2)
    document.space(18)
    return document


def _totals(rows: Sequence[Enrolment]) -> str:
    """Return the hours as a participant, and after them those of each other kind that there are."""
    said = []
    for part, words in KIND_WORDS.items():
        total = sum((net_of(row) for row in rows if row.participation == part), Decimal())
        if part == Participation.PARTICIPANT:
            said.append(f"{hour_words(total)} 小時")
        elif total:
            said.append(f"擔任{words} {hour_words(total)} 小時（另計）")
    return "；".join(said)


def _text(cell: Cell) -> str:
    return hour_words(cell) if isinstance(cell, Decimal) else str(cell)
