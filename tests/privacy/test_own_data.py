"""The copy of one's own data has everything that is held on a person, and nothing about others."""

import io
import json
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import Unit, User
from audit.models import AuditEvent
from bulletin.models import Announcement
from files import actions as files
from files import storage
from files.models import StoredFile
from hours.models import HourCredit
from jobs import runner
from kit import clock
from notices.models import Notice
from privacy import actions, copies
from privacy.errors import CopyGone
from tests.factories import close, make_account, make_course, make_enrolment, make_lead, make_user
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db


def content(person: User) -> dict[str, Any]:
    out = io.BytesIO()
    copies.write_copy(out, person)
    with zipfile.ZipFile(out) as archive:
        return {**json.loads(archive.read("data.json")), "names": archive.namelist()}


def test_the_copy_has_the_own_rows_of_all_records_and_no_others() -> None:
    course = make_course(ago=3)
    person, other = make_user(name="王小明"), make_user(name="李他人")
    second = make_user()
    for one in (person, second, other):
        make_enrolment(course, one)
    # Merged only after the closing: a course that is closed later has the person once.
    close(course)
    merged = {"closed_at": clock.now(), "closed_because": "merged", "merged_into": person}
    User.objects.filter(pk=second.pk).update(is_active=False, **merged)
    found = content(person)
    assert [row["course__code"] for row in found["enrolments"]] == [course.code] * 2
    assert len(found["hours"]) == 2 == HourCredit.objects.exclude(user=other).count()
    assert {row["number"] for row in found["person"]} == {person.pk, second.pk}
    assert found["enrolments"][0]["state"] == "出席" and "enrolments.csv" in found["names"]
    text = json.dumps(found, ensure_ascii=False)
    assert "李他人" not in text and other.email not in text and person.password not in text


def test_the_copy_has_what_a_person_did_in_office_and_where_a_text_names_them() -> None:
    account = make_lead()
    person, unit = account.user, account.unit
    Unit.objects.filter(pk=unit.pk).update(contact_name="王主任", contact_mail=person.email.upper())
    course = make_course(account, contact2_mail=person.email)
    make_course(make_account())
    now = clock.now()
    Webhook.objects.create(
        account=account, url="https://school.example/h", purpose="校務", secret="s", added_at=now
    )
    days = {"first_day": clock.today(), "last_day": clock.today()}
    Announcement.objects.create(
        published_by=account, readers="members", text="停機", published_at=now, **days
    )
    found = content(person)
    assert [row["url"] for row in found["webhooks"]] == [
        "https://school.example/h"
    ] and "secret" not in found["webhooks"][0]
    assert [row["text"] for row in found["announcements"]] == ["停機"]
    assert [row["code"] for row in found["courses_handled"]] == [course.code]
    assert [row["code"] for row in found["contact_of_courses"]] == [course.code]
    assert [row["code"] for row in found["contact_of_units"]] == [unit.code]
    # A person without a mailbox is no contact of everything that has none.
    assert not content(make_user(email=""))["contact_of_units"]


def log_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_copy_is_requested_made_told_taken_once_confirmed_and_expires() -> None:
    person = make_user()
    client = log_in(person)
    page = reverse("privacy:own_data")
    sent = client.post(page)
    job = person.jobs.get()
    assert sent["Location"] == reverse("jobs:job", args=[job.pk])
    assert runner.run(job.pk)
    assert Notice.objects.filter(kind="own_data_ready", recipient=person).count() == 1
    assert reverse("privacy:take_own_data") in client.get(page).content.decode()
    # The log-in of the test is no log-in with a password: it has to be confirmed first.
    refused = client.post(reverse("privacy:take_own_data"))
    assert refused.status_code == 302 and not AuditEvent.objects.filter(action="own_data.taken").exists()
    assert actions.take_copy(by=Actor(person)).owner_id == person.pk
    with pytest.raises(CopyGone):
        actions.take_copy(by=Actor(make_user()))
    former = actions.current(person.pk)[0]
    actions.make_copy(person)
    assert not StoredFile.objects.get(pk=former.pk).is_present and len(actions.current(person.pk)) == 1
    with time_machine.travel(clock.now() + timedelta(days=8)):
        files.expire()
        assert not StoredFile.objects.present().exists() and not actions.current(person.pk)


def test_a_person_who_has_just_logged_in_takes_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user()
    actions.make_copy(person)
    client = log_in(person)
    monkeypatch.setattr("signin.views.confirmation.confirmed_lately", lambda *_: True)
    taken = client.post(reverse("privacy:take_own_data"))
    assert taken["Content-Type"] == "application/zip" and "attachment" in taken["Content-Disposition"]
    body = b"".join(taken.streaming_content)  # type: ignore[attr-defined] # a response of a file
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert AuditEvent.objects.filter(action="own_data.taken").count() == 1


def test_a_copy_of_ten_thousand_rows_takes_less_than_a_minute() -> None:
    """By the page and the work behind it, as for a unit's clerk of many years."""
    person = make_user()
    client, now = log_in(person), clock.now()
    Notice.objects.bulk_create(
        Notice(
            key=f"long:{number}",
            kind="own_data_ready",
            recipient=person,
            subject=f"研習時數核發 {number}",
            body="您的研習時數已核發，請登入系統查看。" * 10,
            created_at=now,
        )
        for number in range(10_000)
    )
    begun = time.monotonic()
    client.post(reverse("privacy:own_data"))
    assert runner.run(person.jobs.get().pk)
    assert client.get(reverse("privacy:own_data")).status_code == 200
    assert time.monotonic() - begun < 60
    with storage.opened(actions.current(person.pk)[0].path) as file, zipfile.ZipFile(file) as archive:
        assert len(json.loads(archive.read("data.json"))["notices"]) >= 10_000
