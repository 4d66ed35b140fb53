"""時數疑義: who replies and when it is passed on, one review, and corrections in the same act (docs/handbook, chapter 13)."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import DayOff, User
from accounts.queries.days_off import forget_days
from accounts.unit_pages import unit_page
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment, YearlyPolicy
from hours.actions import corrections, objection_reminders, objections
from hours.actions.objections import Correction
from hours.enums import ObjectionState as O
from hours.enums import ReplyLevel
from hours.errors import (
    BadHours,
    NoObjection,
    NotClosedYet,
    NothingToCorrect,
    NotYourObjection,
    ObjectionSettled,
    ReasonTooLong,
    ReviewImpossible,
)
from hours.models import HourCredit, Objection
from hours.queries.objection_days import days_of
from hours.queries.teacher import record_of_year
from hours.rules import level_of
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.api.client import api
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
FULL = Correction(S.ATTENDED, Decimal("3"))


def absent_in(course: Course) -> Enrolment:
    row = make_enrolment(course)
    close(course, absent=(row,))
    return row


def raised(course: Course, person: User, days: int = 0) -> Objection:
    at = clock.now() - timedelta(days=days)
    return objections.object_to(course=course, by=teacher(person), text="我有簽到", at=at)


def answered(objection: Objection, by: Any = None, **more: Any) -> Objection:
    who = by or acting(objection.course.handler)
    return objections.answer(objection=objection, by=who, text="已查明", **more)


def reviewed(objection: Objection) -> Objection:
    return objections.request_review(objection=objection, by=teacher(objection.user), text="簽到表第二頁")


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(kind: str) -> set[int | None]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_correcting_the_hours_answers_in_one_act() -> None:
    row = absent_in(make_course(ago=2))
    row.course.refresh_from_db()
    done = answered(raised(row.course, row.user), correction=FULL)
    row.refresh_from_db()
    assert (row.state, row.credits.get().hours, row.credits.get().reason) == (S.ATTENDED, 3, "已查明")
    assert (done.state, done.answer_hours) == (O.ANSWERED, 3)
    assert "目前時數為 3" in Notice.objects.get(recipient=row.user, kind="objection_answered").body
    assert not told("hours_corrected"), "one message of one act"


def test_a_person_forgotten_at_closing_is_added_in_the_same_act_also_of_an_earlier_year() -> None:
    course = make_course(ago=400)
    close(course)
    person = make_user()
    answered(raised(course, person), correction=FULL)
    row = Enrolment.objects.get(course=course, user=person)
    assert (row.state, row.walk_in) == (S.ATTENDED, True)
    assert course.year and record_of_year(person.pk, course.year).hours == 3


def test_a_correction_that_is_refused_leaves_the_objection_open() -> None:
    course = make_course(ago=2)
    person, open_course = make_user(), make_course(ago=2)
    close(course)
    found = raised(course, person)
    for wrong, correction in (
        (BadHours, Correction(S.ATTENDED, Decimal("99"))),
        (NothingToCorrect, Correction(S.ABSENT, Decimal(0))),
    ):
        with pytest.raises(wrong):
            answered(found, correction=correction)
    with pytest.raises(ReasonTooLong):
        objections.answer(objection=found, by=acting(course.handler), text="長" * 301, correction=FULL)
    with pytest.raises(NotClosedYet):
        answered(raised(open_course, person), correction=FULL)
    found.refresh_from_db()
    assert found.state == O.OPEN and not HourCredit.objects.exists()


def test_what_may_be_objected_to() -> None:
    row = make_enrolment(make_course())
    with pytest.raises(NoObjection):
        raised(row.course, row.user)
    late = absent_in(make_course(ago=2))
    answered(raised(late.course, late.user))
    with pytest.raises(ObjectionSettled):
        raised(late.course, late.user)
    corrections.correct(
        enrolment=late, by=acting(late.course.handler), state=S.EXCUSED, hours=Decimal(0), reason="公假"
    )
    assert raised(late.course, late.user).state == O.OPEN, "the outcome has changed since"


def test_it_is_passed_on_by_its_clock() -> None:
    course = make_course(ago=60)
    lead, officer, row = make_lead(course.unit), make_officer(course.unit.county), absent_in(course)
    found = raised(course, row.user, days=29)
    with pytest.raises(NotYourObjection):
        answered(found, acting(officer))
    far, operator = make_officer(make_county("花蓮縣")), make_operator()
    Objection.objects.filter(pk=found.pk).update(raised_at=clock.now() - timedelta(days=33))
    with pytest.raises(NotYourObjection):
        answered(found, acting(far))
    assert logged_in(operator.user) and lead
    done = answered(found, acting(officer), correction=FULL)
    assert done.answered_level == ReplyLevel.COUNTY and HourCredit.objects.get().issued_by == officer.user


def test_the_days_are_those_of_the_policy_at_that_time() -> None:
    with time_machine.travel(clock.at_taipei(date(2026, 11, 2), time(10))):
        row = absent_in(make_course(ago=5))
        found = raised(row.course, row.user)
        YearlyPolicy.objects.create(
            year=115, version=1, doubt_answer_days=20, changed_at=clock.now() + timedelta(hours=1)
        )
    days = days_of(found, YearlyPolicy.objects.current())
    assert (days.remind_on, days.answer_by) == (date(2026, 11, 9), date(2026, 11, 16))
    assert (days.lead_on, days.county_on) == (date(2026, 11, 17), date(2026, 12, 2))


def test_the_days_are_working_days_of_the_county_of_the_course() -> None:
    with time_machine.travel(clock.at_taipei(date(2026, 11, 2), time(10))):
        row = absent_in(make_course(ago=5))
        found = raised(row.course, row.user)
    place, operator = row.course.unit.county, make_operator()
    before = days_of(found, YearlyPolicy.objects.current())
    assert (before.remind_on, before.lead_on, before.county_on) == (
        date(2026, 11, 9),
        date(2026, 11, 17),
        date(2026, 12, 2),
    )
    for day in (before.remind_on, before.lead_on, before.county_on):
        off = {"day": day, "name": "颱風", "added_by": operator, "added_at": clock.now()}
        DayOff.objects.create(county=place, **off)
        DayOff.objects.create(county=make_county("澎湖縣"), **{**off, "day": day - timedelta(days=4)})
    forget_days()
    after = days_of(found, YearlyPolicy.objects.current())
    # The reminder comes on the Friday before, the others a day later.
    assert (after.remind_on, after.lead_on, after.county_on) == (
        date(2026, 11, 6),
        date(2026, 11, 18),
        date(2026, 12, 3),
    )
    assert after.answer_by == before.answer_by


@pytest.mark.parametrize("has_lead", [True, False])
def test_one_review_by_the_next_level(has_lead: bool) -> None:
    course = make_course(ago=9)
    officer, row = make_officer(course.unit.county), absent_in(course)
    lead = make_lead(course.unit) if has_lead else None
    found = reviewed(answered(raised(course, row.user)))
    level = ReplyLevel.LEAD if has_lead else ReplyLevel.COUNTY
    assert (found.state, found.review_level) == (O.REVIEW, level)
    reviewer = acting(lead or officer)
    assert told("objection_review") == {reviewer.user.pk}
    for nobody in (acting(course.handler), acting(officer if has_lead else make_lead(course.unit))):
        with pytest.raises(NotYourObjection):
            answered(found, nobody)
    done = answered(found, reviewer, correction=FULL)
    assert (done.state, done.review_hours, done.answer_hours) == (O.REVIEWED, 3, None)
    with pytest.raises(ReviewImpossible):
        reviewed(done)


def test_the_lead_who_answered_does_not_review_and_after_the_county_the_operator_does() -> None:
    course = make_course(ago=60)
    lead, officer, operator = make_lead(course.unit), make_officer(course.unit.county), make_operator()
    first, second = make_enrolment(course), make_enrolment(course)
    close(course, absent=(first, second))
    assert reviewed(answered(raised(course, first.user), acting(lead))).review_level == ReplyLevel.COUNTY
    found = raised(course, second.user, days=40)
    found = reviewed(answered(found, acting(officer)))
    assert found.review_level == ReplyLevel.OPERATOR
    for one in (officer, make_officer(course.unit.county)):
        with pytest.raises(NotYourObjection):
            answered(found, acting(one))
    done = answered(found, acting(operator))
    assert (done.state, done.review_level) == (O.REVIEWED, ReplyLevel.OPERATOR)


def test_each_hat_replies_at_its_level() -> None:
    lead = make_lead()
    hats = (make_account(lead.unit), lead, make_officer(), make_operator())
    assert [level_of(acting(hat)) for hat in hats] == list(ReplyLevel)


def test_only_the_person_requests_a_review_and_only_of_an_answer() -> None:
    row = absent_in(make_course(ago=2))
    found = raised(row.course, row.user)
    with pytest.raises(ReviewImpossible):
        reviewed(found)
    answered(found)
    with pytest.raises(ReviewImpossible):
        objections.request_review(objection=found, by=teacher(make_user()), text="x")


def test_a_reminder_that_waited_names_only_what_still_waits() -> None:
    course = make_course(ago=30)
    rows = [make_enrolment(course) for _ in range(2)]
    close(course, absent=tuple(rows))
    with time_machine.travel(clock.at_taipei(date(2026, 11, 2), time(10))):
        found = [raised(course, row.user) for row in rows]
    with time_machine.travel(clock.at_taipei(date(2026, 11, 9), time(8))):
        batch = objection_reminders.batch(clock.today(), 0)
        assert [(notice.to, len(notice.refs)) for notice in batch.notices] == [(course.handler.user, 2)]
        outbox.write(batch.notices)
        assert not objection_reminders.batch(clock.today(), 0).notices, "named once"
        notice = Notice.objects.get(kind="objection_due")
        answered(found[0])
        (text,) = objection_reminders.still_due([notice]).values()
        assert text and rows[1].user.name in text[1] and rows[0].user.name not in text[1]
        answered(found[1])
        assert objection_reminders.still_due([notice]) == {notice.pk: None}


def test_a_person_of_two_units_is_led_to_the_one_whose_objection_is_due() -> None:
    """The other unit's account is the older one, and its objection is not due yet."""
    other = make_course(ago=30)
    course = make_course(make_account(user=other.handler.user), ago=30)
    with time_machine.travel(clock.at_taipei(date(2026, 11, 2), time(10))):
        raised(course, absent_in(course).user)
    with time_machine.travel(clock.at_taipei(date(2026, 11, 9), time(8))):
        raised(other, absent_in(other).user)
        [notice] = objection_reminders.batch(clock.today(), 0).notices
        assert notice.path == unit_page("hours:objections", course.unit_id)


def test_the_person_sees_every_step() -> None:
    course = make_course(ago=60)
    make_lead(course.unit)
    row = absent_in(course)
    found = raised(course, row.user, days=20)
    page = logged_in(row.user).get("/me/").content.decode()
    for words in (
        "提出時數疑義",
        "提醒應回覆者",
        "移送單位管理者",
        "移送縣市",
        "（若仍未回覆）",
        "已逾回覆期限",
    ):
        assert words in page, words
    reviewed(answered(found, correction=Correction(S.EXCUSED, Decimal(0))))
    page = logged_in(row.user).get("/me/").content.decode()
    for words in (
        "已查明",
        "已回覆（業務承辦人），目前時數 0",
        "申請複查：單位管理者",
        "簽到表第二頁",
        "移送單位管理者",
    ):
        assert words in page, words


def test_from_page_to_page() -> None:
    course = make_course(ago=9)
    close(course)
    person = make_user()
    client, handler = logged_in(person), logged_in(course.handler.user)
    public = reverse("courses:public", args=[course.code])
    assert "時數漏登或有誤？" in client.get(public).content.decode()
    client.post(reverse("hours:object", args=[course.code]), {"text": "名單漏了我"})
    found = Objection.objects.get()
    page = handler.get(reverse("hours:objections")).content.decode()
    assert "名單漏了我" in page and "不在已結案名單上" in page
    path = reverse("hours:answer_objection", args=[found.pk])
    refused = handler.post(path, {"text": "補登", "state": "attended", "hours": "99"})
    assert "請填寫 0.5 至 3 之間的時數" in refused.content.decode() and "補登" in refused.content.decode()
    handler.post(path, {"text": "簽到表有簽名，補登", "state": "attended", "hours": "3"})
    assert Enrolment.objects.get(course=course, user=person).state == S.ATTENDED
    said = client.post(
        reverse("hours:review_objection", args=[found.pk]), {"text": "應為 6 小時"}, follow=True
    )
    assert "已送出複查申請" in said.content.decode()
    officer = logged_in(make_officer(course.unit.county).user)
    assert "應為 6 小時" in officer.get(reverse("hours:county_objections")).content.decode()
    officer.post(reverse("hours:county_answer", args=[found.pk]), {"text": "課程僅 3 小時"})
    found.refresh_from_db()
    assert found.state == O.REVIEWED


def test_the_api_does_the_same() -> None:
    course = make_course(ago=9)
    close(course)
    lead, person, handler = make_lead(course.unit), make_user(), course.handler.user
    mine, unit, above = api(person), api(handler), api(lead.user)
    made = mine.post(f"/api/v1/courses/{course.code}/object/", {"text": "漏了我"}, format="json")
    assert made.status_code == 201
    pk = made.json()["id"]
    reply = f"/api/v1/unit/objections/{pk}/answer/"
    wrong = unit.post(reply, {"text": "補登", "state": "attended"}, format="json")
    assert wrong.status_code == 409
    done = unit.post(reply, {"text": "補登", "state": "attended", "hours": "2"}, format="json").json()
    assert (done["state"], done["answer_hours"]) == ("answered", "2.0")
    again = mine.post(f"/api/v1/me/objections/{pk}/review/", {"text": "應為 3"}, format="json").json()
    assert (again["state"], again["review_level"]) == ("review", "lead")
    assert unit.post(reply, {"text": "x"}, format="json").status_code == 403
    assert above.post(reply, {"text": "維持"}, format="json").json()["state"] == "reviewed"
    assert mine.get("/api/v1/me/objections/").json()["results"][0]["review_answer"] == "維持"
    assert above.get("/api/v1/unit/objections/").json()["results"][0]["name"] == person.name
