"""Who viewed whose record, what each hat may read of it, and that it cannot be changed."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from audit import log
from audit.models import AuditEvent, AuditSubject
from courses.models import Course
from kit import clock
from tests.factories import (
    PASSWORD,
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_key,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db


def signed(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def reads(person: Any) -> list[str]:
    return list(
        AuditEvent.objects.filter(subjects__person_id=person.pk, kind="read").values_list("action", flat=True)
    )


def course_with_one(**fields: Any) -> tuple[Course, Any]:
    course = make_course(make_account(), **fields)
    teacher = make_user("王小明", unit=course.unit)
    make_enrolment(course, teacher)
    return course, teacher


@pytest.mark.parametrize("page", ["courses:applicants", "hours:close"])
def test_who_looks_at_a_list_of_people_is_shown_to_each_of_them(page: str) -> None:
    course, teacher = course_with_one(ago=10)
    signed(course.handler).get(reverse(page, args=[course.code]))
    assert reads(teacher) == ["read.people"]
    client = Client()
    client.force_login(teacher)
    told = client.get(reverse("accounts:my_record")).content.decode()
    assert course.handler.user.name in told and course.title in told and "查看參與名單" in told


@pytest.mark.parametrize("page", ["hours:receipt", "hours:correct"])
def test_pages_of_a_closed_course_are_reads_too(page: str) -> None:
    course, teacher = course_with_one(ago=10)
    close(course)
    signed(course.handler).get(reverse(page, args=[course.code]))
    assert reads(teacher) == ["read.people"]


def test_the_api_sheet_is_a_read() -> None:
    course, teacher = course_with_one(ago=10)
    client, key = Client(), make_key(course.handler.user)
    answer = client.get(reverse("api:sheet", args=[course.code]), headers={"Authorization": f"Token {key}"})
    assert answer.status_code == 200 and reads(teacher) == ["read.people"]


def test_a_second_look_on_the_same_day_adds_only_the_new_people() -> None:
    course, teacher = course_with_one(ago=10)
    client, page = signed(course.handler), reverse("courses:applicants", args=[course.code])
    client.get(page)
    client.get(page)
    assert AuditEvent.objects.filter(kind="read").count() == 1
    second = make_user(unit=course.unit)
    make_enrolment(course, second)
    client.get(page)
    assert reads(teacher) == reads(second) == ["read.people"]
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(days=1), tick=True):
        signed(course.handler).get(page)
    assert len(reads(teacher)) == 2


def test_looking_at_oneself_is_no_read() -> None:
    course = make_course(make_account(), ago=10)
    make_enrolment(course, course.handler.user)
    signed(course.handler).get(reverse("courses:applicants", args=[course.code]))
    assert not AuditSubject.objects.exists() or not reads(course.handler.user)


def test_yearly_records_name_everybody_on_the_page_and_in_the_file() -> None:
    unit = make_unit()
    lead, teachers = make_lead(unit), [make_user(unit=unit) for _ in range(60)]
    course = make_course(make_account(unit), ago=20, capacity=100)
    for teacher in teachers:
        make_enrolment(course, teacher)
    close(course)
    client = signed(lead)
    client.get(reverse("hours:unit_records"))
    assert sum(reads(teacher) == ["read.records"] for teacher in teachers) == 50
    b"".join(client.get(reverse("hours:unit_records_download", args=["csv"])))
    assert all(reads(teacher) == ["read.records"] for teacher in teachers)


def shown(client: Client, **query: Any) -> str:
    return client.get(reverse("accounts:record"), query).content.decode()


def test_each_hat_reads_the_record_as_far_as_it_reaches() -> None:
    county, far = make_county("屏東縣"), make_county("花蓮縣")
    here, near, there = make_unit(county=county), make_unit(county=county), make_unit(county=far)
    courses = {
        unit.pk: make_course(make_account(unit), title=f"課程{unit.pk}的研習") for unit in (here, near, there)
    }
    for course in courses.values():
        log.record("course.registered", course, by=acting(course.handler), unit_id=course.unit_id)
    titles = [course.title for course in courses.values()]
    reach = [(make_lead(here), [True, False, False]), (make_officer(county), [True, True, False])]
    for account, expected in [*reach, (make_operator(), [True] * 3)]:
        page = shown(signed(account))
        assert [title in page for title in titles] == expected
        lines = b"".join(signed(account).get(reverse("accounts:record_export"))).decode("utf-8-sig")
        assert [title in lines for title in titles] == expected


def test_filters_narrow_and_the_file_follows_them() -> None:
    operator = make_operator()
    course = make_course(make_account(), title="閱讀素養研習")
    other = make_course(make_account(), title="程式設計研習")
    log.record("course.registered", course, by=acting(course.handler), unit_id=course.unit_id)
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) - timedelta(days=3)):
        log.record("course.cancelled", other, by=acting(other.handler), unit_id=other.unit_id, reason="颱風")
    client, today = signed(operator), clock.today().isoformat()
    for query in (
        {"act": "course.registered"},
        {"who": "閱讀素養"},
        {"first": today},
        {"kind": "act", "first": today},
    ):
        page = shown(client, **query)
        assert "閱讀素養研習" in page and "程式設計研習" not in page, query
    earlier = (clock.today() - timedelta(days=2)).isoformat()
    assert "閱讀素養研習" not in shown(client, last=earlier) and "程式設計研習" in shown(client, last=earlier)
    assert "研習" in shown(client, kind="x", first="not a day", page="zzz")
    answer = client.get(reverse("accounts:record_export"), {"who": "程式設計"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [row["act"] for row in rows] == ["course.cancelled"] and rows[0]["reason"] == "颱風"
    assert rows[0]["person"] == other.handler.user.name and rows[0]["when (UTC)"].endswith("Z")


def test_an_empty_record_says_so() -> None:
    client = Client()
    client.force_login(make_user())
    page = client.get(reverse("accounts:my_record"), {"who": "沒有這個人"}).content.decode()
    assert "沒有" in page


def test_an_event_is_never_changed_nor_deleted() -> None:
    course = make_course(make_account())
    event = log.record("course.registered", course, by=acting(course.handler), subjects=[make_user().pk])
    for act in (event.save, event.delete):
        with pytest.raises(TypeError):
            act()
    for table in ("audit_auditevent SET reason = 'x'", "audit_auditsubject SET person_id = 1"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table}")


@pytest.mark.postgres
@pytest.mark.own_clock  # the database reads its own clock
@pytest.mark.parametrize(
    ("kind", "days", "goes"), [("security", 389, 0), ("security", 391, 1), ("act", 391, 0), ("read", 1821, 1)]
)
def test_postgresql_lets_an_event_go_only_after_the_shortest_time(kind: str, days: int, goes: int) -> None:
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                kind=kind, at=clock.now() - timedelta(days=days), action="x", object_type="x", object_id="1"
            )
        ]
    )

    def delete() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_auditevent")
            return int(cursor.rowcount)

    if goes:
        assert delete() == 1
    else:
        with pytest.raises(DatabaseError, match="append-only"):
            delete()


def test_an_act_carries_person_hat_time_place_and_request() -> None:
    course, _teacher = course_with_one(ago=10)
    answer = signed(course.handler).get(
        reverse("courses:applicants", args=[course.code]), REMOTE_ADDR="10.3.3.3"
    )
    event = AuditEvent.objects.get(action="read.people")
    assert event.actor_id == course.handler.user_id and event.actor_label == course.handler.user.name
    assert course.handler.number in event.hat and event.address == "10.3.3.3"
    assert event.request_id == answer["X-Request-ID"] and event.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (1, "", "10.0.0.1"),
        (2, "203.0.113.5", "10.0.0.1"),
        (1, "203.0.113.5:5000", "203.0.113.5"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, '"[2001:db8::1]:443"', "2001:db8::1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
        (1, "unknown", "10.0.0.1"),
        (1, "_hidden, unknown", "10.0.0.1"),
        (1, "1" * 5000, "10.0.0.1"),
        (2, "203.0.113.5:80, 10.0.0.2", "203.0.113.5"),
    ],
)
def test_a_forged_forwarded_address_is_not_believed(
    settings: Any, proxies: int, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    Client().post(
        reverse("account_login"),
        {"login": make_user().email, "password": "wrong-pass-word"},
        REMOTE_ADDR="10.0.0.1",
        headers={"X-Forwarded-For": forwarded},
    )
    assert AuditEvent.objects.get(action="login.failed").address == expected


@pytest.mark.parametrize(
    "forwarded", ["203.0.113.5:5000", "unknown", "[2001:db8::1]:443", "", "x y", "999.1.1.1"]
)
@pytest.mark.parametrize("connection", ["10.0.0.1", "", "unix:"])
def test_a_log_in_works_whatever_the_proxy_says_of_the_address(
    settings: Any, forwarded: str, connection: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    client, user = Client(), make_user()
    client.post(
        reverse("account_login"),
        {"login": user.email, "password": PASSWORD},
        REMOTE_ADDR=connection,
        headers={"X-Forwarded-For": forwarded},
    )
    assert client.get("/me/").status_code == 200


def test_rows_of_people_on_the_look_up_desk_are_reads() -> None:
    operator, teacher = make_operator(), make_user()
    client = signed(operator)
    client.get(reverse("admin:accounts_user_changelist"))
    assert reads(teacher) == ["read.desk"]
    other = make_user()
    client.get(reverse("admin:accounts_user_change", args=[other.pk]))
    assert reads(other) == ["read.desk"]
