"""The public contact of a course: never a handler who has handed it over."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import course_fields, registration, transfer_decisions, transfers
from courses.errors import CourseIncomplete
from courses.models import Course
from notices.models import Notice
from tests.factories import acting, make_account, make_course, make_operator, make_unit, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def former() -> BusinessAccount:
    return make_account(make_unit(phone="08-8642009"), make_user("陳怡君", phone="0911111111"))


def course_of(former: BusinessAccount, **fields: Any) -> Course:
    contact = {
        "contact_name": former.user.name,
        "contact_phone": former.user.phone,
        "contact_mail": former.user.email.upper(),
        "contact2_name": "教務處",
        "contact2_phone": "08-1234567",
    }
    return make_course(former, **(contact | fields))


def moved(course: Course, to: BusinessAccount) -> Course:
    transfer_decisions.move_courses(pairs=[(course, to)], by=acting(make_operator()), reason="離職")
    course.refresh_from_db()
    return course


def test_a_transferred_course_names_its_new_handler(former: BusinessAccount) -> None:
    new = make_account(former.unit, make_user("林大同"))
    course = moved(course_of(former), new)
    assert (course.contact_name, course.contact_phone, course.contact_mail) == (
        "林大同",
        "08-8642009",
        new.user.email,
    )
    assert course.contact2_name == "教務處"
    event = AuditEvent.objects.get(action="course.transfer")
    assert event.before["contact_name"] == "陳怡君" and event.after["contact_name"] == "林大同"


def test_a_contact_who_is_another_person_stays_and_a_former_second_one_goes(former: BusinessAccount) -> None:
    new = make_account(former.unit)
    office = {"contact_name": "研習中心", "contact_phone": "07-1", "contact_mail": "office@x.example"}
    course = moved(course_of(former, **office, contact2_name="陳怡君老師", contact2_mail="a@x.example"), new)
    assert (course.contact_name, course.contact_phone, course.contact_mail) == tuple(office.values())
    assert (course.contact2_name, course.contact2_phone, course.contact2_mail) == ("", "", "")


def test_an_approved_transfer_requires_the_new_handler_to_check_link_and_number(
    former: BusinessAccount,
) -> None:
    new = make_account(former.unit)
    course = course_of(former, meeting_link="https://meet.example/chen", mode="hybrid")
    rows = transfers.request(by=acting(new), courses=[course], reason="接任")
    transfer_decisions.approve(transfers=rows, by=acting(make_operator()))
    bodies = dict(
        Notice.objects.filter(kind="transfer_approved").values_list("recipient__business_accounts", "body")
    )
    assert "核准文號" in bodies[new.pk] and "核准文號" not in bodies[former.pk]
    client = Client()
    client.force_login(new.user)
    url, ask = reverse("courses:detail", args=[course.code]), "請確認聯絡人、視訊連結與核准文號"
    assert ask in client.get(url).content.decode()
    course.refresh_from_db()
    fields = {name: getattr(course, name) for name in course_fields.WRITABLE}
    sessions = [course_fields.SessionData(s.starts_at, s.ends_at) for s in course.sessions.all()]
    data = course_fields.CourseData(
        fields=fields, sessions=sessions, instructors=[("黃講師", "")], stages=course.stages.all()
    )
    registration.update(course=course, by=acting(new), data=data)
    assert ask not in client.get(url).content.decode()


def test_a_copy_by_a_colleague_needs_its_own_link_and_number(former: BusinessAccount) -> None:
    new = make_account(former.unit)
    numbered = {"approval_number": "屏府教學字第11207522100號", "mode": "online"}
    course = course_of(former, meeting_link="https://meet.example/chen", **numbered)
    copy = registration.copy(course=course, by=acting(new))
    assert (copy.contact_name, copy.contact_mail, copy.contact2_name) == (new.user.name, new.user.email, "")
    assert (copy.meeting_link, copy.approval_number) == ("", "")
    with pytest.raises(CourseIncomplete):
        registration.register(course=copy, by=acting(new))


def test_a_copy_of_ones_own_course_keeps_what_one_wrote(former: BusinessAccount) -> None:
    course = course_of(former, meeting_link="https://meet.example/chen", approval_number="字第1號")
    copy = registration.copy(course=course, by=acting(former))
    assert (copy.meeting_link, copy.approval_number, copy.contact_name) == (
        "https://meet.example/chen",
        "字第1號",
        "陳怡君",
    )
    assert registration.copy(course=make_course(former), by=acting(make_account(former.unit))).approval_number
