"""What has outlived its time goes, rule by rule; the ledger, the seals and the invariants stay whole."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.actions import anonymising
from accounts.models import (
    BusinessAccount,
    Device,
    Guest,
    IdentityChange,
    Proof,
    User,
)
from audit import seal
from audit.models import AuditEvent
from bulletin.models import Dismissal
from checks import installation
from checks.findings import State
from checks.invariants import RULES
from courses.models import (
    Answer,
    Campaign,
    CampaignLetter,
    Course,
    Enrolment,
    EnrolmentWatch,
    SavedSearch,
)
from files import actions as files
from hours.models import Attendance, HourCredit
from kit import clock
from kit.retention import RETENTION, TEN_YEARS, apply, days_of, due
from notices.models import Notice
from privacy import retention_table, tasks
from tests.factories import (
    make_account,
    make_course,
    make_operator,
    make_unit,
    make_user,
)
from tests.privacy.outlived import course_of, decisions_about, log_ins_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything() -> User:
    make_operator()
    person = make_user(name="王退休")
    person.set_national_id("A123456789")
    person.save()
    course_of(person)
    log_ins_of(person)
    decisions_about(person)
    User.objects.filter(pk=person.pk).update(is_active=False, closed_at=clock.now(), closed_because="retired")
    return User.objects.get(pk=person.pk)


def test_nothing_goes_early_and_everything_in_its_time(everything: User) -> None:
    assert {row.name: row.due for row in retention_table.counted()} == dict.fromkeys(RETENTION, 0)
    credits, enrolments = HourCredit.objects.count(), Enrolment.objects.count()
    with time_machine.travel(clock.now() + timedelta(days=max(map(days_of, RETENTION)) + 5)):
        found = {row.name: row.due for row in retention_table.counted()}
        assert all(found.values()), found
        said = io.StringIO()
        call_command("retention", dry_run=True, stdout=said)
        assert "the sheets were never printed" in said.getvalue() and Attendance.objects.exists()
        # What goes with a person or an enrolment is counted by its own rule, as the dry run has foretold.
        assert dict(retention_table.apply_all()) == found
        assert {row.name: row.due for row in retention_table.counted()} == dict.fromkeys(RETENTION, 0)
        call_command("retention", stdout=said)
    assert HourCredit.objects.count() == credits and Enrolment.objects.count() == enrolments - 1
    applied = AuditEvent.objects.filter(action="retention.applied")
    assert {event.after["rule"] for event in applied} == RETENTION.keys()
    assert (
        not Proof.objects.exists() and not Dismissal.objects.exists() and not CampaignLetter.objects.exists()
    )
    assert not [
        rule for rule, count in RULES.items() if rule != "every stored light equals a recount" and count()
    ]
    seal.seal_all()
    assert seal.verify() == []


def test_an_anonymised_person_keeps_the_hours_and_nothing_that_names_them(everything: User) -> None:
    second = make_user(
        name="王併入", closed_at=clock.now(), closed_because="merged", is_active=False, merged_into=everything
    )
    IdentityChange.objects.create(
        user=everything, old_name="王退", old_email="a@x.example", new_name="王退休", new_email="b@x.example", reason="r",
        state="approved", requested_at=clock.now(), decided_at=clock.now(), decided_by=second,
    )  # fmt: skip
    assert anonymising.anonymise(User.objects.filter(pk=everything.pk)) == 1
    for person in User.objects.filter(pk__in=[everything.pk, second.pk]):
        assert person.name == anonymising.NAME and person.email.endswith(anonymising.MAILBOX)
        assert (person.id_sealed, person.id_hash, person.phone) == ("", None, "")
        assert not person.has_usable_password()
    assert not Device.objects.exists() and not IdentityChange.objects.exists()
    assert HourCredit.objects.filter(user=everything).exists()
    assert "王" not in "".join(
        AuditEvent.objects.filter(action="person.anonymised").values_list("object_label", flat=True)
    )


def test_nothing_in_any_table_names_an_anonymised_person() -> None:
    """Neither as guest, as contact of a course, nor in the names of files. Sealed events are older than the record is kept."""
    account = make_account(
        make_unit(), user=make_user(name="王退休", email="retired@school.example", phone="0912345678")
    )
    person = account.user
    make_operator()
    contact: dict[str, Any] = {
        "contact_name": "王退休老師",
        "contact_mail": person.email,
        "contact_phone": person.phone,
    }
    other: dict[str, Any] = {"contact2_name": "教務處", "contact2_mail": "office@school.example"}
    course = make_course(account, **contact, **other)
    Guest.objects.create(
        person=person,
        unit=account.unit,
        organisation="王退休公司",
        email=person.email,
        entered_at=clock.now(),
    )
    paper = files.store_made(
        "jobs", owner_id=person.pk, file=ContentFile(b"x"), name="王退休.pdf", content_type="application/pdf"
    )
    Proof.objects.create(
        name="王退休.pdf",
        content_type="application/pdf",
        file=paper,
        uploaded_by=person,
        uploaded_at=clock.now(),
    )
    now = clock.now()
    campaign = Campaign.objects.create(
        title="t", year=115, deadline=clock.today(), made_by=person, made_at=now, started_by=person, started_at=now,
        sent_by="王退休 (縣府)",
    )  # fmt: skip
    CampaignLetter.objects.create(
        campaign=campaign, officer="王退休", mail=person.email, phone=person.phone, saved_at=now
    )
    SavedSearch.objects.create(owner=person, name="王退休的課", query="q=a", created_at=now)
    reminder: dict[str, Any] = {
        "kind": "please_close",
        "category": "reminders",
        "by_mail": False,
        "created_at": now,
    }
    Notice.objects.create(key="r", recipient=person, subject="s", body="王退休老師", **reminder)
    type(account.unit).objects.filter(pk=account.unit_id).update(
        contact_name="王退休", contact_mail=person.email
    )
    Course.objects.filter(pk=course.pk).update(notified_by="王退休", notified_at=now)
    other_course = make_course(account)
    Course.objects.filter(pk=other_course.pk).update(notified_by=campaign.sent_by, notified_at=now)
    BusinessAccount.objects.filter(user=person).update(ended_at=clock.now())
    User.objects.filter(pk=person.pk).update(is_active=False, closed_at=clock.now(), closed_because="retired")
    anonymising.anonymise(User.objects.filter(pk=person.pk))
    course.refresh_from_db()
    assert course.contact2_mail == "office@school.example"
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model is not AuditEvent
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        for text in ("王退休", "retired@school.example", "0912345678")
        if model._default_manager.filter(**{f"{field.name}__contains": text}).exists()
    ]
    assert not found


def test_who_is_reopened_before_the_lock_is_not_anonymised(
    everything: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator reopens the person while the night's work is between finding and locking."""

    def reopened(people: Any) -> None:
        list(people)
        User.objects.filter(pk=everything.pk).update(closed_at=None, closed_because="", is_active=True)

    monkeypatch.setattr(anonymising, "lock_people", reopened)
    with time_machine.travel(clock.now() + timedelta(days=4000)):
        assert apply("people") == 0
    assert User.objects.get(pk=everything.pk).name == "王退休"


def test_a_rule_that_fails_keeps_no_other_from_being_applied(
    everything: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(name: str) -> int:
        return apply(name) if name != "answers" else 1 // 0

    monkeypatch.setattr(retention_table, "apply", failing)
    with time_machine.travel(clock.now() + timedelta(days=4000)), pytest.raises(ExceptionGroup):
        list(retention_table.apply_all())
    assert Answer.objects.exists() and not EnrolmentWatch.objects.exists()


def test_a_rule_that_cannot_be_counted_stops_no_other(
    everything: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counting sheets that were never printed is a query of its own, of one rule."""
    rule = replace(RETENTION["attendance"], missing=lambda rows: 1 // 0)
    monkeypatch.setattr("kit.retention.RETENTION", {**RETENTION, "attendance": rule})
    monkeypatch.setattr(retention_table, "RETENTION", {**RETENTION, "attendance": rule})
    with time_machine.travel(clock.now() + timedelta(days=4000)):
        with pytest.raises(CommandError, match="Not every rule could be counted"):
            call_command("retention", dry_run=True)
        assert "       ?  attendance" in capsys.readouterr().out
        with pytest.raises(CommandError, match="attendance: integer division"):
            call_command("retention")
    assert Attendance.objects.exists() and not EnrolmentWatch.objects.exists()


@pytest.mark.parametrize(
    "days",
    ["{no", {"atendance": 10}, {"attendance": -1}, {"attendance": "10"}, {"attendance": 10**9}, []],
    ids=str,
)
def test_a_mistake_in_the_settings_deletes_nothing(everything: User, settings: Any, days: object) -> None:
    settings.RETENTION_DAYS = days
    assert [found.id for found in run_checks(tags=["retention"])] == ["inservice.E003"]
    with pytest.raises(ExceptionGroup, match="retention"):
        list(retention_table.apply_all(["attendance"]))
    with pytest.raises(CommandError, match="attendance: RETENTION_DAYS"):
        call_command("retention", only=["attendance"])
    assert Attendance.objects.exists()
    # The notice that the law requires is there all the same, and names no time that may be wrong.
    shown = Client().get(reverse("privacy:notice"))
    assert shown.status_code == 200 and "保存期限更正中" in shown.content.decode()
    assert installation.retention().state == State.BAD


def test_people_are_not_anonymised_while_the_record_names_them(settings: Any) -> None:
    assert run_checks(tags=["retention"]) == []
    settings.RETENTION_DAYS = {"people": settings.RETAIN_AUDIT_DAYS - 1}
    assert [found.id for found in run_checks(tags=["retention"])] == ["inservice.E003"]


def test_the_times_are_settings_and_the_night_does_nothing_unless_told(
    everything: User, settings: Any
) -> None:
    settings.RETENTION_DAYS = {"devices": 0, "keys": 1}
    assert due("devices", clock.today()) is None and days_of("keys") == 1
    with time_machine.travel(clock.now() + timedelta(days=500)):
        assert tasks.apply_retention() == {}
        settings.RETENTION_EACH_NIGHT = True
        gone = tasks.apply_retention()
    assert gone["first_log_ins"] == 1 and gone["devices"] == 0 and Device.objects.exists()
    with pytest.raises(CommandError, match="No rule"):
        call_command("retention", only=["none"])


def test_deletion_warns_of_sheets_that_were_never_printed(everything: User, capsys: Any, caplog: Any) -> None:
    ends = Attendance.objects.values_list("session__course__ends_at", flat=True).distinct().get()
    assert ends is not None
    gone = ends + timedelta(days=TEN_YEARS + 2)
    with time_machine.travel(gone - timedelta(days=60)):
        row = next(row for row in retention_table.counted() if row.name == "attendance")
        assert (row.due, row.missing, row.missing_soon) == (0, 0, 1), "named while there is time"
    with time_machine.travel(gone):
        call_command("retention", only=["attendance"], dry_run=True)
        assert "never printed" in capsys.readouterr().out and Attendance.objects.exists()
        call_command("retention", only=["attendance"])
        assert "of 1 courses that go now were never printed" in capsys.readouterr().err
        assert "never printed" in caplog.text and not Attendance.objects.exists()
        event = AuditEvent.objects.filter(action="retention.applied").latest("pk")
        assert event.after["never_printed"] == 1


def test_waiting_mail_and_reminders_to_close_are_kept(everything: User) -> None:
    facts: dict[str, Any] = {"recipient": everything, "subject": "s", "body": "b", "created_at": clock.now()}
    Notice.objects.create(key="r", kind="please_close", category="reminders", by_mail=False, **facts)
    Notice.objects.create(key="w", kind="admitted", category="enrolment", by_mail=True, **facts)
    with time_machine.travel(clock.now() + timedelta(days=4000)):
        rows = due("notices", clock.today())
        assert rows is not None and list(rows.values_list("key", flat=True)) == ["k"]


def test_the_operator_sees_what_would_go_and_everybody_the_times() -> None:
    client = Client()
    client.force_login(make_user())
    shown = client.get(reverse("privacy:notice")).content.decode()
    assert all(str(row.label) in shown for row in retention_table.periods())
    assert "報名時填寫的答案：自課程結案或撤回日起30日" in shown
    # What is deleted is still in the backups.
    assert "備份" in shown and "保留12個月" in shown
    assert client.get(reverse("privacy:retention")).status_code == 403


def test_sheets_that_were_made_are_stamped_once(rf: Any) -> None:
    from courses.actions.access_log import sheets_made

    course = make_course(make_account())
    sheets_made(course)
    first = Course.objects.get(pk=course.pk).sheets_made_at
    sheets_made(course, at=clock.now() + timedelta(days=1))
    assert first is not None and Course.objects.get(pk=course.pk).sheets_made_at == first
