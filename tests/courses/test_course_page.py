"""The public page of a course: the button, the reason beside it, what clashes, for whom, and what to pass on."""

from datetime import date, time, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import UnitLevel
from accounts.models import User
from courses.actions import enrolments, withdrawal
from courses.enums import Admission
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment, Session, Stage, Tag
from courses.presenters.enrol_button import EnrolButton, enrol_button
from courses.queries import enrolment_offer
from kit import clock, qr
from notices.models import Notice
from tests.factories import acting, close, make_course, make_enrolment, make_unit, make_user, teacher

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 8)


@pytest.fixture
def me() -> User:
    return make_user(unit=make_unit())


def page_of(course: Course, user: User | None = None) -> Any:
    client = Client()
    if user:
        client.force_login(user)
    return client.get(reverse("courses:public", args=[course.code]))


def offer_of(course: Course, user: User | None = None) -> EnrolButton:
    offer: EnrolButton = page_of(course, user).context["offer"]
    return offer


def full_course(**fields: Any) -> Course:
    course = make_course(day=DAY, capacity=1, **fields)
    make_enrolment(course)
    return course


# --- Why (not) --------------------------------------------------------------------------------------------------------


def test_a_visitor_reads_to_log_in_first() -> None:
    course = make_course()
    answer = page_of(course)
    assert answer.context["offer"].is_open and "尚未登入" in answer.context["offer"].why
    assert f"/accounts/login/?next=/catalogue/{course.code}/" in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (S.ADMITTED, "已錄取"),
        (S.APPLIED, "審核後會通知您"),
        (S.WAITLISTED, "備取第 1 位"),
        (S.DECLINED, "未錄取您的報名"),
    ],
)
def test_who_is_enrolled_already_reads_as_what(me: User, state: str, words: str) -> None:
    course = make_course()
    make_enrolment(course, me, state=state)
    offer = offer_of(course, me)
    assert not offer.is_open and words in offer.why


@pytest.mark.parametrize(
    ("state", "words"), [(S.ATTENDED, "出席"), (S.ABSENT, "未參與"), (S.EXCUSED, "請假")]
)
def test_after_the_course_the_page_says_what_was_recorded(me: User, state: str, words: str) -> None:
    course = make_course(ago=5)
    make_enrolment(course, me, state=state)
    offer = offer_of(course, me)
    assert not offer.is_open and words in offer.why


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"enrol_from": date(2026, 12, 1)}, "115年12月1日"),
        ({"enrol_until": date(2026, 11, 20)}, "報名已於 115年11月20日 截止"),
    ],
)
def test_outside_the_window_the_page_says_when(me: User, fields: dict[str, Any], words: str) -> None:
    offer = offer_of(make_course(day=DAY, **fields), me)
    assert not offer.is_open and words in offer.why


def test_full_without_a_waiting_list_is_said(me: User) -> None:
    offer = offer_of(full_course(waiting_list=False), me)
    assert not offer.is_open and "不開放備取" in offer.why


def test_full_with_a_waiting_list_says_the_place_one_would_get(me: User) -> None:
    course = full_course()
    make_enrolment(course, state=S.WAITLISTED)
    offer = offer_of(course, me)
    assert offer.is_open and offer.label == "登記備取" and "備取第 2 位" in offer.why


def test_over_and_closed_are_said(me: User) -> None:
    over, closed = make_course(ago=2), make_course(ago=5)
    make_enrolment(closed)
    close(closed)
    for course in (over, closed):
        offer = offer_of(course, me)
        assert not offer.is_open and offer.why == "此課程已結束。"


def test_a_withdrawn_course_is_gone_and_says_so(me: User) -> None:
    course = make_course()
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="registered_twice")
    answer = page_of(course, me)
    assert answer.status_code == 410 and "課程登錄錯誤" in answer.content.decode()
    assert enrol_button(Course.objects.get(), None, known=True, waiting=0, position=0).is_open is False


def test_a_course_that_is_not_held_says_so_until_its_last_day(me: User) -> None:
    course = make_course(contact_phone="08-1234567")
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held", text="講師確診")
    answer = page_of(course, me)
    page = answer.content.decode()
    assert answer.status_code == 200 and "因故未開班" in page and "講師確診" in page and "08-1234567" in page
    assert "115年12月8日" in page
    with time_machine.travel(clock.at_taipei(date(2026, 12, 8), time(23)), tick=False):
        assert page_of(course, me).status_code == 200
    with time_machine.travel(clock.at_taipei(date(2026, 12, 9), time(0)), tick=False):
        gone = page_of(course, me)
    assert gone.status_code == 410 and "講師確診" not in gone.content.decode()


@pytest.mark.parametrize("ago", [None, 3])
def test_a_course_that_is_not_held_leaves_no_absence_before_and_after_the_day(ago: int | None) -> None:
    course = make_course(ago=ago)
    admitted, waiting = make_enrolment(course), make_enrolment(course, state=S.WAITLISTED)
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    assert set(course.enrolments.values_list("state", flat=True)) == {S.CANCELLED}
    told = Notice.objects.filter(kind="course_withdrawn").values_list("recipient_id", flat=True)
    assert set(told) == {admitted.user_id, waiting.user_id}
    assert not Course.objects.unclosed().exists() and Course.objects.get().seats_taken == 0


def test_with_places_and_under_review_the_page_says_what_happens(me: User) -> None:
    assert "立即錄取" in offer_of(make_course(), me).why
    review = offer_of(full_course(admission=Admission.REVIEW, waiting_list=False), me)
    assert review.is_open and "由主辦單位審核" in review.why


def test_the_button_works_exactly_when_the_action_allows_it(me: User) -> None:
    courses = [
        make_course(day=DAY), make_course(day=DAY, enrol_from=DAY), make_course(day=DAY, enrol_until=date(2026, 11, 1)), full_course(),
        full_course(waiting_list=False), full_course(admission=Admission.REVIEW, waiting_list=False), make_course(ago=1),
        make_course(day=clock.today()), make_course(day=clock.today(), enrol_until=clock.today()),
    ]  # fmt: skip
    client = Client()
    client.force_login(me)
    seen = set()
    for course in courses:
        promised = offer_of(course, me).is_open
        client.post(reverse("courses:enrol", args=[course.code]))
        assert promised == Enrolment.objects.filter(course=course, user=me).exists(), course
        seen.add(promised)
    assert seen == {True, False}


def test_the_place_on_the_waiting_list_moves_up(me: User) -> None:
    course = full_course()
    first, second = make_user(), me
    for user in (first, second):
        enrolments.enrol(code=course.code, by=teacher(user))
    assert "備取第 2 位" in offer_of(course, second).why
    enrolments.cancel(course=course, by=teacher(first))
    assert "備取第 1 位" in offer_of(course, second).why


def test_until_when_one_may_cancel_is_said_before_and_after(me: User) -> None:
    course = make_course(day=DAY)
    assert "115年12月7日（含）以前可取消" in page_of(course, me).content.decode()
    make_enrolment(course, me)
    body = page_of(course, me).content.decode()
    assert 'data-confirm="' in body and "取消報名" in body
    late = make_course(day=clock.today())
    make_enrolment(late, me, enrolled_at=clock.now() - timedelta(days=2))
    answer = page_of(late, me)
    assert not answer.context["may_cancel"] and answer.context["too_late"]


# --- Clashes ----------------------------------------------------------------------------------------------------------


def at(course: Course, start: time, end: time) -> Course:
    day = course.starts_on or DAY
    course.sessions.update(starts_at=clock.at_taipei(day, start), ends_at=clock.at_taipei(day, end))
    return course


def test_a_clash_names_the_other_course_its_time_and_the_state_there(me: User) -> None:
    own = at(make_course(day=DAY, title="環境教育"), time(9), time(12))
    make_enrolment(own, me)
    other = at(make_course(day=DAY), time(11, 30), time(14))
    sentence = "與您的《環境教育》115年12月8日（二） 09:00–12:00 時間重疊（您的報名狀態：錄取）。"
    answer = page_of(other, me)
    assert answer.context["clashes"] == [sentence]
    body = answer.content.decode()
    assert f'data-confirm="{sentence}' in body and answer.context["offer"].is_open
    assert sentence not in page_of(other).content.decode()


def test_a_clash_does_not_stop_and_is_said_again_after_enrolling(me: User) -> None:
    make_enrolment(make_course(day=DAY, title="環境教育"), me)
    other = make_course(day=DAY)
    client = Client()
    client.force_login(me)
    answer = client.post(reverse("courses:enrol", args=[other.code]), follow=True)
    assert "報名成功" in answer.content.decode() and "《環境教育》" in answer.content.decode()
    assert Enrolment.objects.filter(course=other, user=me, state=S.ADMITTED).exists()


@pytest.mark.parametrize(
    ("start", "end", "clash"),
    [
        (time(12), time(14), False),
        (time(7), time(9), False),
        (time(11, 59), time(14), True),
        (time(10), time(11), True),
        (time(8), time(13), True),
    ],
)
def test_ends_that_touch_a_beginning_are_no_clash(me: User, start: time, end: time, clash: bool) -> None:
    make_enrolment(at(make_course(day=DAY), time(9), time(12)), me)
    assert bool(enrolment_offer.clashes(at(make_course(day=DAY), start, end), me.pk)) == clash


def test_only_live_enrolments_of_the_person_clash_and_any_session_counts(me: User) -> None:
    other = make_course(day=DAY)
    start = clock.at_taipei(DAY + timedelta(days=7), time(9))
    Session.objects.create(course=other, starts_at=start, ends_at=start + timedelta(hours=3))
    make_enrolment(make_course(day=DAY), me, state=S.CANCELLED)
    make_enrolment(make_course(day=DAY), me, state=S.DECLINED)
    make_enrolment(make_course(day=DAY))
    make_enrolment(other, me)
    assert not enrolment_offer.clashes(other, me.pk)
    later = at(make_course(day=DAY + timedelta(days=7)), time(10), time(11))
    make_enrolment(later, me, state=S.WAITLISTED)
    assert [clash.session.course for clash in enrolment_offer.clashes(other, me.pk)] == [later]


# --- For whom, and what else --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "codes", "said"),
    [
        (UnitLevel.JUNIOR_HIGH, ["40"], True),
        (UnitLevel.JUNIOR_HIGH, ["30"], False),
        (UnitLevel.JUNIOR_HIGH, ["40", "73"], False),
        (UnitLevel.JUNIOR_HIGH, ["75"], False),
        (UnitLevel.JUNIOR_HIGH, [], False),
        (UnitLevel.VOCATIONAL, ["23"], False),
        (UnitLevel.NONE, ["40"], False),
    ],
)
def test_an_audience_that_is_not_ones_own_is_said_and_does_not_stop(
    level: str, codes: list[str], said: bool
) -> None:
    user = make_user(unit=make_unit(level=level, name="某校"))
    course = make_course()
    course.stages.set(Stage.objects.filter(code__in=codes))
    answer = page_of(course, user)
    assert ("您任職於：" in answer.content.decode()) == said
    assert answer.context["offer"].is_open


def test_who_has_enrolled_is_not_invited_to_enrol_once_more() -> None:
    user = make_user(unit=make_unit(level=UnitLevel.JUNIOR_HIGH, name="某校"))
    course = make_course()
    course.stages.set(Stage.objects.filter(code="40"))
    assert "仍可報名" in page_of(course, user).content.decode()
    enrolments.enrol(code=course.code, by=teacher(user))
    page = page_of(course, user).content.decode()
    assert "您任職於：" in page and "仍可報名" not in page


def test_courses_like_this_one_share_a_tag_or_the_nature_and_are_open() -> None:
    course, tag = make_course(), Tag.objects.get(code="family")
    course.tags.add(tag)
    alike = [make_course(day=DAY + timedelta(days=i)) for i in range(4)]
    past, other = make_course(ago=30), make_course()
    for row in [*alike, past]:
        row.tags.add(tag)
    assert list(page_of(course).context["similar"]) == alike[:3]
    assert enrolment_offer.similar(other, [], 3) == []


def test_courses_like_this_one_are_looked_for_beyond_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    course, tag = make_course(), Tag.objects.get(code="family")
    alike = [make_course(course.handler, day=DAY + timedelta(days=i)) for i in (1, 3, 5)]
    for row in alike:
        row.tags.add(tag)
    for i in (2, 4):
        make_course(course.handler, day=DAY + timedelta(days=i))
    for among, statements in ((800, 1), (1, 2), (3, 2)):
        monkeypatch.setattr(enrolment_offer, "SIMILAR_AMONG", among)
        with CaptureQueriesContext(connection) as captured:
            assert enrolment_offer.similar(course, [tag.pk], 3) == alike
        assert len(captured) == statements


def test_the_qr_code_of_the_poster_is_the_short_address_as_a_picture(client: Client) -> None:
    course = make_course()
    answer = client.get(reverse("courses:short_qr", args=[course.code]))
    assert (
        answer["Content-Type"] == "image/svg+xml" and f"{course.code}_QR.svg" in answer["Content-Disposition"]
    )
    assert answer.content == qr.svg_file(f"http://testserver/c/{course.code}/")
    assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    assert reverse("courses:short_qr", args=[course.code]) in page_of(course, make_user()).content.decode()
    draft = make_course(state="draft")
    assert client.get(reverse("courses:short_qr", args=[draft.code])).status_code == 404


def test_the_short_address_leads_to_the_course(client: Client) -> None:
    course = make_course()
    assert f"http://testserver/c/{course.code}/" in page_of(course).content.decode()
    assert client.get(f"/c/{course.code}/").url == reverse("courses:public", args=[course.code])
    assert client.get("/c/9999999/").status_code == 404
    assert client.get(f"/c/{make_course(state='draft').code}/").status_code == 404


def test_the_page_says_what_the_law_requires_and_keeps_the_meeting_link_to_those_admitted(me: User) -> None:
    course = make_course(
        mode="online", meeting_link="https://meet.example/x", contact_phone="07-7258600#123", contact_mail="a@b.example"
    )  # fmt: skip
    body = page_of(course).content.decode()
    for words in (
        "摘要",
        "黃講師",
        "國立屏東大學",
        "國中教師",
        "13:30–16:30",
        "視聽教室",
        "講義",
        "講授",
        "3 小時",
    ):
        assert words in body, words
    assert 'href="tel:077258600;ext=123"' in body and 'href="mailto:a@b.example"' in body
    assert "meet.example" not in body
    make_enrolment(course, me)
    assert "meet.example" in page_of(course, me).content.decode()


def test_the_page_takes_the_same_queries_with_one_clash_or_many(me: User, client: Client) -> None:
    course = make_course(day=DAY)
    path = reverse("courses:public", args=[course.code])
    make_enrolment(make_course(day=DAY), me)
    client.force_login(me)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for _ in range(4):
        make_enrolment(make_course(day=DAY), me)
        make_enrolment(course)
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    asked = [sum(q["sql"].startswith("SELECT") for q in page.captured_queries) for page in (few, many)]
    assert asked[0] == asked[1] <= 16


# --- Only what is possible --------------------------------------------------------------------------------------------


def test_who_may_cancel_sees_no_dead_button_above_it(me: User) -> None:
    course = make_course()
    page = page_of(course, me).content.decode()
    assert reverse("courses:enrol", args=[course.code]) in page
    make_enrolment(course, me)
    box = page_of(course, me).content.decode().partition("enrol-box")[2].partition("</section>")[0]
    assert box.count("<button") == 1 and "取消報名" in box and "disabled" not in box


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, date(2026, 9, 29), "即日起至115年9月29日（二）"),
        (date(2026, 9, 1), None, "115年9月1日（二）起"),
        (date(2026, 9, 1), date(2026, 9, 29), "115年9月1日（二） – 115年9月29日（二）"),
    ],
)
def test_an_open_end_of_the_days_of_enrolment_has_its_words(
    first: date | None, last: date | None, words: str
) -> None:
    course = make_course(day=DAY, enrol_from=first, enrol_until=last)
    page = page_of(course).content.decode()
    assert words in page
    client = Client()
    client.force_login(course.handler.user)
    assert words in client.get(reverse("courses:detail", args=[course.code])).content.decode()
