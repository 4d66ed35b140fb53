"""The lists that can be taken along as a table: their headings and their cells. Numbers are numbers, codes text, days Gregorian."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import County
from accounts.queries.names import distinguish
from courses.models import Course, Enrolment, TransferRequest, UnitLight
from courses.queries.answers import Answers
from courses.queries.away import Away
from courses.queries.lights import rest_is_due
from courses.queries.oversight import last_year, unclosed_last_year
from courses.queries.participants import places_of
from kit import clock

Row = list[object]

YEAR_END = ["縣市", "單位代碼", "單位名稱", "課程代碼", "研習課程名稱", "課程結束日期", "承辦人", "業務帳號"]
COURSES = [
    "課程代碼", "研習課程名稱", "處理狀態", "課程開始日期", "課程結束日期", "研習時數", "名額", "已錄取", "承辦人", "業務帳號", "核准文號",
]  # fmt: skip
TRANSFERS = [
    "課程代碼", "研習課程名稱", "原承辦人", "原業務帳號", "新任承辦人", "新任業務帳號", "狀態", "申請日期", "理由", "決定日期", "不同意理由",
]  # fmt: skip
WITHDRAWN = [
    "縣市",
    "單位代碼",
    "單位名稱",
    "課程代碼",
    "研習課程名稱",
    "承辦人",
    "原因",
    "說明",
    "處理人",
    "日期",
]
AWAY = [
    "日期",
    "開始",
    "結束",
    "職稱",
    "姓名",
    "課程代碼",
    "研習課程名稱",
    "辦理研習單位",
    "地點",
    "假別建議",
]
APPLICANTS = [
    "姓名",
    "職稱",
    "服務單位代碼",
    "服務單位",
    "狀態",
    "現場報名",
    "報名時間",
    "備註",
    "帳號（遮蔽）",
]
LIGHTS = ["縣市", "單位代碼", "單位名稱", "燈號", "逾期未結案", "尚未結案", "最早結束日期", "課程登錄"]


def day(value: date | datetime | None) -> str:
    """YYYY/MM/DD of a day, or of a moment's day in Taipei; empty for none."""
    if isinstance(value, datetime):
        value = clock.day_of(value)
    return f"{value:%Y/%m/%d}" if value else ""


def minute(value: datetime) -> str:
    return f"{value.astimezone(clock.TAIPEI):%Y/%m/%d %H:%M}"


def year_end(rows: QuerySet[Course]) -> Iterator[Row]:
    for row in rows.iterator(chunk_size=1000):
        unit, handler = row.unit, row.handler
        yield [
            unit.county_name,
            unit.code,
            unit.name,
            row.code,
            row.title,
            day(row.ends_on),
            handler.user.name,
            handler.number,
        ]


def courses(rows: QuerySet[Course]) -> Iterator[Row]:
    for row in rows.select_related("handler__user").iterator(chunk_size=1000):
        yield [
            row.code,
            row.title,
            row.get_state_display(),
            day(row.starts_on),
            day(row.ends_on),
            row.hours,
            row.capacity,
            row.seats_taken,
            row.handler.user.name,
            row.handler.number,
            row.approval_number,
        ]


def transfers(rows: QuerySet[TransferRequest]) -> Iterator[Row]:
    for row in rows.select_related("from_account__user").iterator(chunk_size=1000):
        yield [
            row.stated_code,
            row.stated_title,
            row.from_account.user.name,
            row.from_account.number,
            row.stated_name,
            row.stated_account,
            row.get_state_display(),
            day(row.requested_at),
            row.reason,
            day(row.decided_at),
            row.refusal,
        ]


def withdrawn(rows: QuerySet[Course]) -> Iterator[Row]:
    for row in rows.iterator(chunk_size=1000):
        yield [
            row.unit.county_name,
            row.unit.code,
            row.unit.name,
            row.code,
            row.title,
            row.handler.user.name,
            row.get_withdrawal_reason_display(),
            row.withdrawal_text,
            row.withdrawn_by.name if row.withdrawn_by else "",
            day(row.withdrawn_at),
        ]


def applicants(
    rows: Sequence[Enrolment], replies: Mapping[int, Sequence[str]] | None = None
) -> Iterator[Row]:
    """Return the cells under `APPLICANTS`. `replies` to the course's questions, for those in charge. Absence lights are for the organiser's eyes: no file and no paper carries them."""
    known, places = distinguish(rows), places_of(rows)
    given = replies or {}
    for row in rows:
        yield [
            row.user.name,
            places[row.pk].title if row.pk in places else "",
            row.unit.code if row.unit else "",
            row.unit_name,
            row.state_label,
            "是" if row.walk_in else "",
            minute(row.enrolled_at),
            row.note,
            known[row.user_id].account,
            *given.get(row.pk, ()),
        ]


def answers_header(found: Answers) -> list[str]:
    """Return the headings of the replies at enrolment."""
    return ["姓名", "服務單位", "狀態", *(question.text for question in found.questions)]


def answers(found: Answers) -> Iterator[Row]:
    """Return the cells of the replies at enrolment."""
    for person in found.people:
        row = person.enrolment
        yield [row.user.name, row.unit_name, row.state_label, *person.values]


def lights_header() -> list[str]:
    """Return the headings of `lights`."""
    rest = [f"{last_year()}年尚未結案"] if rest_is_due(clock.this_year(), clock.today()) else []
    return [*LIGHTS, *rest]


def lights(rows: QuerySet[UnitLight]) -> Iterator[Row]:
    """Return the cells under `lights_header`, of rows of `oversight.lights_now`."""
    for light in rows.iterator(chunk_size=1000):
        rest = unclosed_last_year(light)
        yield [
            light.unit.county_name,
            light.unit.code,
            light.unit.name,
            light.get_colour_display(),
            light.overdue,
            light.unclosed,
            day(light.oldest_ended_on),
            _("on") if light.registration_open else _("off"),
            *([] if rest is None else [rest]),
        ]


def lights_file(county: County | None) -> str:
    """Return the name of the file of lights."""
    return f"{county or '全國'}_{clock.this_year()}_業務帳號燈號"


def away(rows: Sequence[Away]) -> Iterator[Row]:
    """Who is away at other units' courses in a week."""
    for line in rows:
        start, course = line.session.starts_at.astimezone(clock.TAIPEI), line.row.course
        yield [
            f"{start:%Y/%m/%d}", f"{start:%H:%M}", clock.end_word(line.session.ends_at), line.title, line.row.user.name,
            course.code, course.title, course.unit.name, line.place or str(course.get_mode_display()),
            str(course.get_leave_kind_display()),
        ]  # fmt: skip
