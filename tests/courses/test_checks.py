"""The live checks: each finds what it is for, at its field, and is silent about an ordinary course."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import translation

from accounts.models import BusinessAccount
from courses.actions import registration
from courses.enums import CourseState
from courses.errors import LooksLikeAnother
from courses.models import Course, Instructor, YearlyPolicy
from courses.presenters.hints import HintView, hint_views
from courses.queries import registration_checks
from courses.queries.course_plan import Plan, Span
from courses.queries.similar_courses import duplicates
from kit import clock
from tests.factories import acting, make_account, make_course

pytestmark = pytest.mark.django_db
WORKDAY = date(2026, 12, 10)


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    with translation.override("zh-hant"):
        yield


@pytest.fixture
def account() -> BusinessAccount:
    return make_account()


def span(
    day: date = WORKDAY, start: str = "13:30", end: str = "16:30", row: int = 0, place: str = ""
) -> Span:
    return Span(f"sessions-{row}", _moment(day, start), _moment(day, end), place)


def _moment(day: date, text: str) -> datetime:
    return clock.at_taipei(day, time.fromisoformat(text))


def plan(account: BusinessAccount, **changes: Any) -> Plan:
    """Return an ordinary course of one afternoon without any hint."""
    ordinary = Plan(
        unit=account.unit,
        handler_id=account.pk,
        title="素養導向研習",
        place="視聽教室",
        hours=Decimal(3),
        spans=[span()],
        instructors=["黃講師"],
    )
    return replace(ordinary, **changes)


def told(found: list[HintView]) -> list[tuple[str, str]]:
    return [(hint.at, hint.text) for hint in found]


def hints(shown: Plan) -> list[HintView]:
    return hint_views(registration_checks.hints(shown))


def test_an_ordinary_course_is_left_in_peace(account: BusinessAccount) -> None:
    assert hints(plan(account)) == []


def week_of(days: int, start: str, end: str) -> list[Span]:
    """Sessions on the first days of one week, Monday first."""
    return [span(date(2026, 12, 7 + n), start, end, row=n) for n in range(days)]


@pytest.mark.parametrize(
    ("hours", "spans", "said"),
    [
        (Decimal(36), week_of(6, "09:00", "16:00"), True),
        (Decimal(35), week_of(6, "09:00", "16:00"), False),
        (
            Decimal(36),
            [
                *week_of(3, "09:00", "16:00"),
                *[
                    replace(
                        s, starts_at=s.starts_at + timedelta(days=7), ends_at=s.ends_at + timedelta(days=7)
                    )
                    for s in week_of(3, "09:00", "16:00")
                ],
            ],
            False,
        ),
    ],
)
def test_a_week_of_more_hours_than_the_policy_names_has_to_be_confirmed(
    account: BusinessAccount, hours: Decimal, spans: list[Span], said: bool
) -> None:
    texts = [hint.text for hint in hints(plan(account, hours=hours, spans=spans))]
    assert any("當週共 36 小時，超過每週 35 小時" in text for text in texts) == said


@pytest.mark.parametrize(
    ("ago", "is_draft", "words"),
    [
        (0, True, None),
        (1, True, "登錄後須立即核發時數結案"),
        (29, True, "登錄後須立即核發時數結案"),
        (31, True, "登錄後即為逾期未結案"),
        (31, False, None),
    ],
)
def test_a_course_that_is_over_warns_of_what_its_registration_brings(
    account: BusinessAccount, ago: int, is_draft: bool, words: str | None
) -> None:
    with time_machine.travel(clock.at_taipei(WORKDAY + timedelta(days=ago), time(12))):
        texts = [hint.text for hint in hints(plan(account, is_draft=is_draft)) if "結案" in hint.text]
    assert (words in texts[0] and "116年1月9日" in texts[0]) if words else not texts


# The problem, its field, and words of its sentence.
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"place": ""}, "place", "尚未填寫地點"),
    ({"place": "2F"}, "place", "校外人士找得到嗎"),
    ({"spans": [span(date(2026, 10, 10))], "is_draft": False}, "sessions-0", "115年10月10日是國慶日"),
    ({"spans": [span(date(2023, 3, 24))]}, "sessions-0", "登錄後即為逾期未結案"),
    ({"spans": [span(date(2026, 12, 12))]}, "sessions-0", "115年12月12日是星期六"),
    ({"spans": [span(date(2023, 3, 25))], "is_draft": False}, "sessions-0", "112年3月25日是補行上班日"),
    ({"spans": [span(date(2026, 11, 23))]}, "sessions-0", "115年11月23日已經過去"),
    ({"spans": [span(), span(start="16:00", end="17:30", row=1)]}, "sessions-1", "的場次時間重疊"),
    ({"spans": [span(start="06:30", end="09:30")]}, "sessions-0", "不在 07:00–22:00 之間"),
    ({"spans": [span(start="19:30", end="22:30")]}, "sessions-0", "不在 07:00–22:00 之間"),
    ({"hours": Decimal(4)}, "hours", "場次合計 3 小時，核發時數為 4 小時"),
    ({"hours": Decimal(1)}, "hours", "場次合計 3 小時，核發時數為 1 小時"),
    ({"hours": Decimal(8), "spans": [span(start="08:00", end="17:00")]}, "hours", "超過每日 6 小時"),
    ({"enrol_from": date(2026, 12, 11)}, "enrol_from", "晚於第一場次的日期"),
    ({"enrol_until": date(2026, 12, 11)}, "enrol_until", "晚於第一場次的日期"),
    ({"enrol_until": date(2026, 11, 23)}, "enrol_until", "報名截止日已過"),
]


@pytest.mark.parametrize(("changes", "at", "words"), FAULTS)
def test_a_check_says_what_it_found_at_its_field(
    account: BusinessAccount, changes: dict[str, Any], at: str, words: str
) -> None:
    found = told(hints(plan(account, **changes)))
    assert [where for where, text in found if words in text] == [at], found


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "online", "place": ""},
        {"spans": [span(date(2028, 1, 1))]},
        {"spans": [span(date(2026, 11, 23))], "is_draft": False},
        {"spans": [span(), span(start="16:30", end="17:30", row=1)], "hours": Decimal(4)},
        {"spans": [span(start="07:00", end="10:00")]},
        {"spans": [span(start="19:00", end="22:00")]},
        {"spans": [span(start="09:00", end="16:00")], "hours": Decimal(6)},
        {"enrol_from": WORKDAY, "enrol_until": WORKDAY},
        {"spans": [], "hours": Decimal(12)},
    ],
)
def test_what_is_in_order_at_the_edge_is_left_in_peace(
    account: BusinessAccount, changes: dict[str, Any]
) -> None:
    assert hints(plan(account, **changes)) == []


def test_the_units_bare_name_is_no_place_to_go_to_however_it_is_written(account: BusinessAccount) -> None:
    found = hints(plan(account, place=account.unit.name.replace("1", "１")))
    assert told(found) == [("place", "這裡只有單位名稱，請加上教室或場地名稱。")]


def test_a_long_session_is_compared_with_all_that_follow_it(account: BusinessAccount) -> None:
    spans = [
        span(start="08:00", end="17:00"),
        span(start="09:00", end="10:00", row=1),
        span(start="16:00", end="17:00", row=2),
    ]
    found = [at for at, text in told(hints(plan(account, spans=spans, hours=Decimal(6)))) if "重疊" in text]
    assert found == ["sessions-1", "sessions-2"]


def test_the_policy_of_the_year_says_how_many_hours_a_day_are_many(account: BusinessAccount) -> None:
    YearlyPolicy.objects.create(year=115, version=1, hours_a_day=2)
    assert [at for at, text in told(hints(plan(account))) if "超過每日 2 小時" in text] == ["hours"]


@pytest.mark.parametrize("check", registration_checks.CHECKS)
def test_without_its_check_a_fault_is_not_found(
    account: BusinessAccount, check: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the table above: every check finds something there that no other does."""
    monkeypatch.setattr(
        registration_checks, "CHECKS", tuple(c for c in registration_checks.CHECKS if c is not check)
    )
    found = [words in str(told(hints(plan(account, **changes)))) for changes, _at, words in FAULTS]
    assert not all(found)


# --- The unit's other courses -----------------------------------------------------------------------------------------


def other(account: BusinessAccount, **fields: Any) -> Course:
    """Another course of the unit at the same time that shares nothing with the plan."""
    fields = {"day": WORKDAY, "place": "圖書館", "title": "資通安全研習"} | fields
    course = make_course(make_account(account.unit), **fields)
    course.instructors.all().delete()
    Instructor.objects.create(course=course, name="林講師")
    return course


def test_a_course_at_the_same_time_that_shares_nothing_is_no_clash(account: BusinessAccount) -> None:
    other(account)
    assert hints(plan(account)) == []


def test_a_clash_names_the_course_and_what_is_shared(account: BusinessAccount) -> None:
    course = other(account, place="視聽教室")
    found = hints(plan(account))
    assert told(found) == [("sessions-0", "與「資通安全研習」時間重疊：地點相同。")]
    assert found[0].course == course and not found[0].asks


def test_the_same_instructor_or_handler_cannot_be_at_two_places(account: BusinessAccount) -> None:
    course = other(account)
    Instructor.objects.filter(course=course).update(name="黃 講師")
    Course.objects.filter(pk=course.pk).update(handler=account)
    found = told(hints(plan(account, instructors=["黃　講師"])))
    assert found == [("sessions-0", "與「資通安全研習」時間重疊：承辦人相同、講師黃　講師相同。")]


def test_a_sessions_own_place_counts_before_the_courses(account: BusinessAccount) -> None:
    other(account, place="圖書館")
    assert hints(plan(account, spans=[span(place="圖書館")], place="視聽教室"))
    assert hints(plan(account, spans=[span(place="體育館")], place="圖書館")) == []


def test_one_course_after_another_is_no_clash(account: BusinessAccount) -> None:
    other(account, place="視聽教室")
    assert hints(plan(account, spans=[span(start="16:30", end="19:30")])) == []


@pytest.mark.parametrize("state", ["withdrawn", "elsewhere", "itself", "online"])
def test_what_takes_no_room_here_is_no_clash(account: BusinessAccount, state: str) -> None:
    course = other(account, place="視聽教室", mode="online" if state == "online" else "on_site")
    changes: dict[str, Any] = {"course_id": course.pk} if state == "itself" else {}
    if state == "withdrawn":
        Course.objects.filter(pk=course.pk).update(
            state="withdrawn", withdrawal_reason="other", withdrawn_at=clock.now(), withdrawn_by=account.user
        )
    if state == "elsewhere":
        Course.objects.filter(pk=course.pk).update(unit=make_account().unit)
    assert hints(plan(account, **changes)) == []


@pytest.mark.parametrize(
    "title", ["素養導向研習", "素養導向 研習", "素養導向研習（南州）", "「素養導向」研習"]
)
def test_the_same_name_on_the_same_day_has_to_be_confirmed(account: BusinessAccount, title: str) -> None:
    course = other(account, title=title)
    shown = plan(account, title="素養導向研習（南州）" if "南州" in title else "素養導向研習")
    (hint,) = hints(shown)
    assert (hint.at, hint.course, hint.asks) == ("title", course, True)
    assert "這是同一門課程嗎" in hint.text


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("素養導向研習", date(2026, 12, 11)),
        ("資通安全研習", WORKDAY),
        ("素養導向研習二", WORKDAY),
        ("", WORKDAY),
    ],
)
def test_another_name_number_or_day_is_another_course(
    account: BusinessAccount, title: str, day: date
) -> None:
    other(account, title=title, day=day)
    assert duplicates(plan(account)) == []


def test_taipei_is_written_in_two_ways_and_is_one(account: BusinessAccount) -> None:
    other(account, title="ＡＩ台北研習")
    assert duplicates(plan(account, title="ai臺北研習"))


def draft_beside(account: BusinessAccount) -> Course:
    other(account, title="素養導向研習")
    return make_course(account, day=WORKDAY, title="素養導向研習", state=CourseState.DRAFT)


def test_a_duplicate_is_registered_only_when_a_person_confirms_that_it_is_another(
    account: BusinessAccount,
) -> None:
    draft = draft_beside(account)
    with pytest.raises(LooksLikeAnother) as refused:
        registration.register(course=draft, by=acting(account))
    assert "素養導向研習" in refused.value.message
    draft.refresh_from_db()
    assert draft.state == CourseState.DRAFT
    assert registration.register(course=draft, by=acting(account), is_another=True).is_unclosed


def test_nothing_else_that_the_checks_say_stops_a_course(account: BusinessAccount) -> None:
    saturday = date(2026, 12, 12)
    other(account, day=saturday, place="視聽教室")
    draft = make_course(account, day=saturday, state=CourseState.DRAFT, hours=Decimal(9))
    assert {hint.at for hint in hints(Plan.of(draft))} == {"sessions-0", "hours"}
    assert registration.register(course=draft, by=acting(account)).is_unclosed


@pytest.mark.parametrize("number", [1, 4])
def test_the_checks_take_as_many_queries_for_many_courses_as_of_one(
    account: BusinessAccount, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        other(account, place="視聽教室")
    spans = [span(WORKDAY + timedelta(days=i), row=i) for i in range(number)]
    shown = plan(account, spans=spans)
    with django_assert_num_queries(4):
        assert len(hints(shown)) >= number
