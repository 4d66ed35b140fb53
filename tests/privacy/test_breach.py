"""Who was in it: the people whom a leak concerns, as a file."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.acting import Actor
from api.models import IdempotencyKey
from audit import log
from audit.models import AuditEvent
from courses.models import Answer, Question
from kit import clock
from privacy import breach
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_join_request,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db


def listed(out: Path, **options: object) -> list[str]:
    call_command("breach_list", out=out, reason="外洩通報", stdout=io.StringIO(), **options)
    return out.read_text(encoding="utf-8-sig").splitlines()[1:]


def test_the_people_of_a_table_and_of_acts_are_listed_with_their_contacts(tmp_path: Path) -> None:
    operator, person, other = make_operator(), make_user(name="王小明"), make_user()
    make_enrolment(make_course(), person)
    (line,) = listed(tmp_path / "a.csv", table="courses_enrolment")
    assert (
        line.startswith(f"{person.pk},王小明,{person.email}")
        and (tmp_path / "a.csv").stat().st_mode & 0o077 == 0
    )
    log.record("read.person", other, by=acting(operator))
    span = {"since": "2026-11-24T08:00", "until": "2026-11-24T10:00"}
    (line,) = listed(tmp_path / "b.csv", **span, act="read.", person=operator.user_id)
    assert line.startswith(f"{other.pk},")
    assert listed(tmp_path / "c.csv", **span, address="10.9.9.9") == []
    assert AuditEvent.objects.filter(action="breach.listed").count() == 3
    assert len(breach.people_of_table("accounts_user")) == 4


def test_rows_that_belong_to_a_person_through_another_row_name_them() -> None:
    """Answers name an enrolment, courses an account, and the record numbers."""
    person, account = make_user(), make_account()
    course = make_course(account)
    row = make_enrolment(course, person)
    question = Question.objects.create(course=course, number=1, kind="text", text="葷素")
    Answer.objects.create(enrolment=row, question=question, value="素")
    assert breach.people_of_table("courses_answer") == {person.pk}
    assert breach.people_of_table("courses_course") == {account.user_id}
    log.record("read.person", person, by=acting(account))
    for table in ("audit_auditevent", "audit_auditsubject"):
        assert person.pk in breach.people_of_table(table), table
    assert account.user_id in breach.people_of_table("audit_auditevent")


def test_a_merged_record_is_listed_under_the_one_that_is_used(tmp_path: Path) -> None:
    own = make_user(name="王小明")
    former = make_user(closed_at=clock.now(), closed_because="merged", is_active=False, merged_into=own)
    make_enrolment(make_course(), former)
    (line,) = listed(tmp_path / "a.csv", table="courses_enrolment")
    assert line.startswith(f"{own.pk},王小明,{own.email}")


def test_acts_of_a_merged_record_are_the_acts_of_its_person(tmp_path: Path) -> None:
    own, other = make_user(), make_user()
    former = make_user(closed_at=clock.now(), closed_because="merged", is_active=False, merged_into=own)
    log.record("read.person", other, by=Actor(former))
    span = {"since": "2026-11-24T08:00", "until": "2026-11-24T10:00"}
    assert {line.split(",")[0] for line in listed(tmp_path / "a.csv", **span, person=own.pk)} >= {
        str(other.pk)
    }


def test_people_of_whom_a_table_has_a_number_or_a_mailbox_only_are_listed(tmp_path: Path) -> None:
    """Responses of the API keep the number of the caller; who requests to be entered has no record yet."""
    caller = make_user()
    IdempotencyKey.objects.create(
        caller=caller.pk, key_hash="k", request_digest="d", status=200, answer="{}", created_at=clock.now()
    )
    assert breach.people_of_table("api_idempotencykey") == {caller.pk}
    unit = make_unit(name="縣立南州國中")
    make_join_request(unit, name="林新進", email="new@x.example")
    make_join_request(unit, "B123456780", name="林新進", email="new@x.example")
    (line,) = listed(tmp_path / "a.csv", table="accounts_joinrequest")
    assert line == ",林新進,new@x.example,,縣立南州國中,0"


def test_a_moment_with_a_zone_is_that_moment(tmp_path: Path) -> None:
    operator, other = make_operator(), make_user()
    log.record("read.person", other, by=acting(operator))
    # 09:00 in Taipei on the day of the tests.
    assert listed(tmp_path / "a.csv", since="2026-11-24T00:00+00:00", until="2026-11-24T02:00Z", act="read.")
    with pytest.raises(CommandError, match="comes after --since"):
        listed(tmp_path / "b.csv", since="2026-11-24T09:00", until="2026-11-24T09:00")


def test_a_wrong_table_span_or_file_is_refused(tmp_path: Path) -> None:
    for options, sentence in (
        ({"table": "none"}, "no table"),
        ({"table": "accounts_county"}, "name nobody"),
        ({}, "Name a --table"),
        ({"since": "x", "until": "y"}, "Write moments"),
    ):
        with pytest.raises(CommandError, match=sentence):
            listed(tmp_path / "a.csv", **options)
    with pytest.raises(CommandError, match="No such file"):
        listed(tmp_path / "none" / "a.csv", table="accounts_user")
    (tmp_path / "a.csv").touch()
    with pytest.raises(CommandError, match="is there already"):
        listed(tmp_path / "a.csv", table="accounts_user")
