"""Large tables and the chase of many units as jobs; small ones at once, as ever."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Affiliation, BusinessAccount
from audit.models import AuditEvent, AuditSubject
from courses.actions import lights, reminders
from courses.errors import OnlyOversight
from courses.models import Course
from hours.presenters.record_table import COUNTY_HEADER
from jobs import delivery, progress
from jobs.enums import JobState
from jobs.models import Job
from notices.models import Notice
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
    make_unit,
    make_user,
    overdue_courses,
)
from tests.jobs.work import content, done

pytestmark = pytest.mark.django_db


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def earned(account: BusinessAccount, people: int = 2) -> Course:
    course = make_course(account, ago=10)
    for _ in range(people):
        make_enrolment(course, make_user(unit=account.unit))
    close(course)
    return course


def result_of(client: Client, answer: Any) -> str:
    job = done(Job.objects.get(pk=answer.url.split("/")[2]))
    assert job.state == JobState.DONE, job.message
    return content(client.get(reverse("jobs:result", args=[job.pk])))


def test_a_small_table_comes_at_once_and_a_large_one_as_a_job_with_the_same_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead = make_lead()
    earned(make_account(lead.unit))
    client, path = client_of(lead), reverse("hours:unit_records_download", args=["csv"])
    at_once = content(client.get(path))
    monkeypatch.setattr(delivery, "MOST_AT_ONCE", 1)
    asked = client.get(path)
    assert "2 列" in asked.content.decode() and not Job.objects.exists()
    assert result_of(client, client.post(path)) == at_once
    read = AuditEvent.objects.filter(action="records.export", actor_id=lead.user_id)
    assert read.count() == 2 and AuditSubject.objects.filter(event__action="read.records").count() == 2


def test_the_records_of_a_county_name_each_teacher_once_and_no_other_county() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    officer = make_officer(home)
    unit = make_unit("134526", county=home)
    course = earned(make_account(unit))
    person = course.enrolments.first().user  # type: ignore[union-attr]
    Affiliation.objects.create(user=person, unit=make_unit("134527", county=home), rank=50)
    earned(make_account(make_unit("150501", county=far)))
    client = client_of(officer)
    assert "2 筆紀錄" in client.get(reverse("hours:county_records")).content.decode()
    for fmt in ("csv", "xlsx", "ods"):
        assert client.post(reverse("hours:county_records_download", args=[fmt])).status_code == 200
    rows = content(client.post(reverse("hours:county_records_download", args=["csv"]))).splitlines()
    assert rows[0] == ",".join(COUNTY_HEADER) and len(rows) == 3
    assert all(row.startswith("134526,") for row in rows[1:])
    assert AuditSubject.objects.filter(person_id=person.pk, event__action="read.records").exists()


def test_the_records_of_a_county_as_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MOST_AT_ONCE", 1)
    home = make_county("屏東縣")
    operator = make_operator()
    earned(make_account(make_unit(county=home)))
    client, path = client_of(operator), reverse("hours:county_records_download", args=["csv"])
    assert client.post(path).url == reverse("hours:county_records")
    answer = client.post(path, {"county": home.pk})
    assert len(result_of(client, answer).splitlines()) == 3


def test_the_list_of_lights_as_a_job_keeps_its_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MOST_AT_ONCE", 0)
    officer = make_officer()
    overdue_courses(make_account(make_unit("134526", county=officer.unit.county)), 5)
    make_course(make_account(make_unit("134527", county=officer.unit.county)), ago=40)
    lights.refresh()
    client = client_of(officer)
    text = result_of(client, client.post(reverse("courses:county_export") + "?colour=red"))
    assert "134526" in text and "134527" not in text


def many_units(number: int = 25) -> tuple[BusinessAccount, list[int]]:
    officer = make_officer()
    units = [make_unit(county=officer.unit.county) for _ in range(number)]
    for unit in units:
        make_course(make_account(unit), ago=40)
    lights.refresh()
    return officer, [unit.pk for unit in units]


def test_a_few_units_are_chased_at_once_and_many_by_a_job_that_notifies_each_person_once() -> None:
    officer, units = many_units()
    client, path = client_of(officer), reverse("courses:chase")
    client.post(path, {"unit": units[:3]})
    assert Notice.objects.filter(kind="please_close").count() == 3 and not Job.objects.exists()
    answer = client.post(path, {"all": "1"})
    job = done(Job.objects.get(pk=answer.url.split("/")[2]))
    assert (job.done, job.total) == (25, 25) and job.outcome == {"courses": 25, "people": 25, "told": 22}
    assert Notice.objects.filter(kind="please_close").count() == 25 and "22" in job.message
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert "本次通知人數" in page


def test_a_chase_that_is_cancelled_keeps_whole_pieces_and_another_attempt_goes_on_behind_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer, units = many_units()
    job = reminders.chase_in_background(by=acting(officer), unit_ids=units)
    chase = reminders.chase
    pieces: list[int] = []

    def wish(**options: Any) -> reminders.ReminderResult:
        pieces.append(len(options["unit_ids"]))
        told = chase(**options)
        if len(pieces) == 2:
            Job.objects.filter(pk=job.pk).update(cancel_asked_at=job.created_at)
        return told

    monkeypatch.setattr(reminders, "chase", wish)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    job = done(job)
    assert job.state == JobState.CANCELLED and job.done == 20
    assert Notice.objects.filter(kind="please_close").count() == 20
    Job.objects.filter(pk=job.pk).update(state="waiting", finished_at=None, cancel_asked_at=None)
    assert done(job).done == 25 and pieces == [20, 5, 5]


def test_a_chase_is_for_oversight_only() -> None:
    with pytest.raises(OnlyOversight):
        reminders.chase_in_background(by=acting(make_lead()), unit_ids=range(30))
