"""The copy of one's own data has everything that is held on a person, and nothing about others."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import User
from audit.models import AuditEvent
from courses.models import Enrolment
from files import actions as files
from files.models import StoredFile
from hours.models import HourCredit
from jobs import runner
from kit import clock
from kit.own_data import OWN_DATA
from notices.models import Notice
from privacy import actions, copies
from privacy.errors import CopyGone
from tests.factories import close, make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db
# Models that name a person and are not in the copy, each with the reason.
LEFT_OUT = {
    "audit.AuditSubject": "the section `record` reads the events by it",
    "admin.LogEntry": "Django's own log, which nothing writes: the desk only reads",
    "accounts.PasswordMemory": "former passwords, in a form that nobody can read",
    "socialaccount.SocialToken": "tokens are not stored",
    "courses.YearlyPolicy": "an act in office, which the record has",
    "courses.Course": "an act in office (who withdrew it), which the record has",
    "courses.Campaign": "an act in office, which the record has",
    "courses.CourseMessage": "an act in office, which the record has",
    "courses.TransferRequest": "an act in office, which the record has",
    "hours.Closing": "an act in office, which the record has",
    "accounts.UnitList": "an act in office, which the record has",
}


def content(person: User) -> dict[str, Any]:
    out = io.BytesIO()
    copies.write_copy(out, person)
    with zipfile.ZipFile(out) as archive:
        return {**json.loads(archive.read("data.json")), "names": archive.namelist()}


def test_every_model_that_names_a_person_is_in_the_copy_or_left_out_for_a_reason() -> None:
    covered = {label for section in OWN_DATA.values() for label in section.covers}
    named = {
        model._meta.label
        for model in apps.get_models()
        if any(
            isinstance(f, models.ForeignKey) and f.related_model in (User, Enrolment)
            for f in model._meta.fields
        )
    }
    assert named - covered - LEFT_OUT.keys() - {User._meta.label} == set()
    assert not LEFT_OUT.keys() - named - {"audit.AuditSubject", "socialaccount.SocialToken"}


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
