"""A unit's year as lines of a file, and the times of a course as a table."""

from collections.abc import Iterable, Iterator

from accounts.queries.unit_history import unit_names
from courses.models import Course
from hours.queries.presence import Signed
from hours.queries.receipts import Receipt
from hours.queries.turnout import CourseTurnout, stay_of
from kit.tables import Cell
from kit.templatetags.ui import hhmm

YEAR = [
    "課程代碼", "研習課程名稱", "課程開始日期", "課程時數", "報名人數", "實到人數", "到課率（%）", "現場參加人數", "簽到人數", "平均在場分鐘", "核發時數合計", "講師及工作人員時數",
]  # fmt: skip
TIMES = ["教師姓名", "服務單位", "出席狀況", "場次日期", "場次時間", "簽到時間", "簽退時間", "在場分鐘"]


def year_rows(rows: Iterable[CourseTurnout]) -> Iterator[list[Cell]]:
    for row in rows:
        course, found = row.course, row.turnout
        yield [
            course.code,
            course.title,
            f"{course.starts_on:%Y/%m/%d}",
            course.hours,
            found.enrolled,
            found.came,
            found.share,
            found.walk_ins,
            found.signed,
            found.mean_minutes,
            row.hours,
            row.helper_hours,
        ]


def times_rows(course: Course, receipt: Receipt) -> Iterator[list[Cell]]:
    """Return a line for each person and session; of who did not sign, without times."""
    names, sessions = unit_names(), list(course.sessions.all())
    for row in receipt.participants:
        enrolment = row.enrolment
        unit = names.on(enrolment.unit, course.ends_on) if enrolment.unit else enrolment.unit_name
        mine = receipt.signs.get(enrolment.user_id, {})
        for held in sessions:
            signed = mine.get(held.pk, Signed())
            stay = stay_of([signed])
            yield [
                enrolment.user.name,
                unit,
                enrolment.get_state_display(),
                f"{held.starts_at:%Y/%m/%d}",
                f"{hhmm(held.starts_at)}–{hhmm(held.ends_at)}",
                hhmm(signed.signed_in) if signed.signed_in else "",
                hhmm(signed.signed_out) if signed.signed_out else "",
                stay.minutes if stay.whole else None,
            ]
