"""Whose record an act or a look enters: each person finds what others saw or changed."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import applications, identity_changes
from accounts.models import BusinessAccount, Device, User
from audit.acts import ACTS
from audit.models import AuditEvent
from courses.actions import admissions, enrolments, withdrawal
from courses.enums import EnrolmentState as S
from hours.actions import corrections, objections
from kit import clock
from notices.models import Notice
from signin.actions import devices
from tests.audit.test_record import reads, signed
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_operator,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
NATIONAL_ID = "A123456789"


def told(person: User) -> list[str]:
    rows = AuditEvent.objects.filter(subjects__person_id=person.pk).order_by("id")
    return list(rows.values_list("action", flat=True))


def page_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("accounts:my_record")).content.decode()


def test_closing_and_correction_are_in_the_record_of_each_participant() -> None:
    course = make_course(make_account(), ago=10)
    row = make_enrolment(course)
    close(course)
    corrections.correct(enrolment=row, by=acting(course.handler), state=S.ABSENT, hours=0, reason="未到")  # type: ignore[arg-type]
    assert told(row.user) == ["course.close", "hours.correct"]
    assert "時數" in page_of(row.user)


def test_admitting_and_declining_are_in_the_applicants_record() -> None:
    course = make_course(make_account(), admission="review")
    row = make_enrolment(course, state=S.APPLIED)
    admissions.admit(course=course, by=acting(course.handler), enrolment_ids=[row.pk])
    admissions.decline(course=course, by=acting(course.handler), enrolment_ids=[row.pk])
    assert told(row.user) == ["enrolment.admitted", "enrolment.declined"]


def test_moving_up_from_the_waiting_list_has_a_row() -> None:
    course = make_course(make_account(), capacity=1)
    first = enrolments.enrol(code=course.code, by=teacher(make_user()))
    second = enrolments.enrol(code=course.code, by=teacher(make_user()))
    enrolments.cancel(course=course, by=Actor(first.user))
    event = AuditEvent.objects.get(action="enrolment.admitted")
    assert told(second.user) == ["enrolment.admitted"] and event.before == {"state": S.WAITLISTED}
    assert told(first.user) == [], "what a person does alone is not a change by others"


def test_withdrawing_a_course_is_in_the_record_of_everybody_enrolled() -> None:
    course = make_course(make_account())
    row = make_enrolment(course)
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    assert told(row.user) == ["course.withdraw"]


def test_an_answered_objection_is_in_the_record_of_who_raised_it() -> None:
    course = make_course(make_account(), ago=10)
    row = make_enrolment(course)
    close(course)
    raised = objections.object_to(course=course, by=Actor(row.user), text="少一小時")
    objections.answer(objection=raised, by=acting(course.handler), text="已查")
    assert "objection.answer" in told(row.user)


def test_taking_back_a_change_of_identity_has_a_row() -> None:
    person = make_user()
    change = identity_changes.request(
        by=Actor(person), new_name="新名", new_email=person.email, reason="改名", proof=paper()
    )
    identity_changes.withdraw(change=change, by=Actor(person))
    assert AuditEvent.objects.filter(action="identity.taken_back", actor_id=person.pk).exists()


def test_forgetting_a_browser_has_a_row() -> None:
    person = make_user()
    devices.note_login(user=person, token="", label="Firefox", address="127.0.0.1")
    device = Device.objects.get(user=person)
    assert devices.forget(by=Actor(person), pk=device.pk) and not devices.forget(
        by=Actor(person), pk=device.pk
    )
    assert AuditEvent.objects.filter(action="device.forgotten").count() == 1


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("id.pdf", b"%PDF-1.4 x")


def application(lead: BusinessAccount) -> Any:
    person = make_user(unit=lead.unit)
    return applications.apply(
        by=Actor(person), unit=lead.unit, role="handler", reason="r", starts_on=clock.today(), proof=paper()
    )


def test_opening_a_paper_is_recorded_and_ends_with_the_decision() -> None:
    lead = make_lead()
    row = application(lead)
    address = reverse("accounts:paper", args=[row.proof_id])
    assert signed(lead).get(address).status_code == 200
    assert reads(row.user) == ["read.paper"]
    applications.refuse(application=row, by=acting(lead), reason="no")
    assert signed(lead).get(address).status_code == 404
    own = Client()
    own.force_login(row.user)
    assert own.get(address).status_code == 200 and reads(row.user) == ["read.paper"]


@pytest.mark.parametrize(
    ("page", "action"), [("accounts:requests", "read.requests"), ("accounts:unit", "read.accounts")]
)
def test_lists_of_a_unit_lead_are_looks(page: str, action: str) -> None:
    lead = make_lead()
    person = application(lead).user if page == "accounts:requests" else make_account(unit=lead.unit).user
    signed(lead).get(reverse(page))
    signed(lead).get(reverse(page))
    assert reads(person) == [action]


def test_the_list_of_objections_is_a_look() -> None:
    course = make_course(make_account(), ago=10)
    row = make_enrolment(course)
    close(course)
    objections.object_to(course=course, by=Actor(row.user), text="少一小時")
    signed(course.handler).get(reverse("hours:objections"))
    assert reads(row.user) == ["read.objections"]


def test_account_pages_of_the_operator_are_looks() -> None:
    operator, account = make_operator(), make_account()
    signed(operator).get(reverse("courses:operator_accounts"))
    signed(operator).get(reverse("courses:account", args=[account.pk]))
    assert reads(account.user) == ["read.accounts"], "one kind of look at one person, once a day"


def test_a_search_for_people_is_a_look_and_an_id_is_recorded_each_time() -> None:
    client, person = signed(make_operator()), make_user("林找到")
    person.set_national_id(NATIONAL_ID)
    person.save()
    client.post(reverse("accounts:people"), {"q": "林找到"})
    assert reads(person) == ["read.search"]
    for number in (NATIONAL_ID, NATIONAL_ID, "B123456780"):
        client.post(reverse("accounts:people"), {"q": number})
    looks = AuditEvent.objects.filter(action="read.id_lookup").order_by("id")
    assert [row.after["found"] for row in looks] == [1, 1, 0]
    assert NATIONAL_ID not in str([row.after for row in looks])
    assert reads(person).count("read.id_lookup") == 2


def test_downloading_the_record_is_recorded_with_its_filters() -> None:
    lead = make_lead()
    signed(lead).get(reverse("accounts:record_export"), {"act": "course."})
    assert AuditEvent.objects.get(action="record.export").after == {"act": "course."}


def test_reading_a_persons_notice_at_the_desk_is_a_look() -> None:
    person = make_user()
    notice = Notice.objects.create(
        key="k", kind="admitted", category="x", recipient=person, subject="s", created_at=clock.now()
    )
    signed(make_operator()).get(reverse("admin:notices_notice_change", args=[notice.pk]))
    assert reads(person) == ["read.desk"]


def test_every_row_of_a_person_at_the_desk_names_that_person() -> None:
    """A model with a foreign key to a person names the person concerned, or why there is none."""
    # The person there is only who did it: the rows are about a course, a unit, a list, a day or a policy.
    by_hand = {
        "courses.course",
        "courses.yearlypolicy",
        "accounts.accountreview",
        "accounts.dayoff",
        "accounts.unitlist",
        "bulletin.announcement",
        "bulletin.download",
        "courses.campaign",
        "courses.suspension",
        "hours.closing",
    }
    for model in admin.site._registry:
        to_people = [f for f in model._meta.concrete_fields if f.related_model in (User, BusinessAccount)]
        if to_people and model._meta.label_lower not in by_hand:
            assert hasattr(model, "audit_people"), model._meta.label_lower


def test_every_act_of_the_record_has_words() -> None:
    pattern = re.compile(
        r'(?:log\.(?:record|event|record_read|record_look)|rows_seen)\(\s*"([a-z_]+\.[a-z_]+)"'
    )
    used = {
        name
        for app in apps.get_app_configs()
        if Path(app.path).parent == ROOT
        for file in Path(app.path).rglob("*.py")
        for name in pattern.findall(file.read_text())
    }
    assert len(used) > 40
    assert used - set(ACTS) == set()
