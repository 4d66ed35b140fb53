"""`Idempotency-Key`: repeating a request returns the same response, and the action runs once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import BusinessAccount
from api.idempotency import forget_old
from api.models import IdempotencyKey
from api.tasks import forget_idempotency_keys
from audit.models import AuditEvent
from courses.actions import enrolments
from courses.models import Enrolment
from hours.models import HourCredit, LookUpDay
from kit import clock
from tests.api.client import api
from tests.factories import make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "4f2c0f2e-0d6e-4d7a-9a3b-b7f3a5a4a9b1"}


def test_the_same_request_again_gets_the_same_response_and_enrols_once() -> None:
    course, client = make_course(), api(make_user())
    path = f"/api/v1/courses/{course.code}/enrol/"
    first, again = (client.post(path, headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
    assert Enrolment.objects.count() == 1
    assert AuditEvent.objects.filter(action="enrolment.enrol").count() <= 1
    # Without a key the second is refused, as before.
    assert client.post(path).json()["code"] == "AlreadyEnrolled"


def test_a_response_is_replayed_though_the_world_has_changed() -> None:
    course, person = make_course(), make_user()
    client, path = api(person), f"/api/v1/courses/{course.code}/enrol/"
    first = client.post(path, headers=KEY)
    enrolments.cancel(course=course, by=teacher(person))
    assert client.post(path, headers=KEY).content == first.content
    assert Enrolment.objects.get().state == "cancelled"


def test_a_course_is_closed_once_and_the_response_is_the_same() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    body = {"request_key": "k", "marks": [{"enrolment": row.pk, "state": "attended", "hours": "3"}]}
    client, path = api(course.handler.user), f"/api/v1/unit/courses/{course.code}/close/"
    first, again = (client.post(path, body, format="json", headers=KEY) for _ in range(2))
    assert first.status_code == 200 and first.content == again.content
    assert HourCredit.objects.count() == 1


def test_a_key_of_another_request_is_refused_and_nothing_is_done() -> None:
    one, other, person = make_course(), make_course(), make_user()
    client = api(person)
    client.post(f"/api/v1/courses/{one.code}/enrol/", headers=KEY)
    answers = [
        client.post(f"/api/v1/courses/{other.code}/enrol/", headers=KEY),
        client.post(f"/api/v1/courses/{one.code}/cancel/", headers=KEY),
        client.post(f"/api/v1/courses/{one.code}/enrol/", {"a": 1}, format="json", headers=KEY),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (422, "IdempotencyKeyReused")
    }
    assert Enrolment.objects.get().state == "admitted"


def test_a_key_is_the_callers_own() -> None:
    course = make_course()
    path = f"/api/v1/courses/{course.code}/enrol/"
    assert [api(make_user()).post(path, headers=KEY).status_code for _ in range(2)] == [201, 201]
    assert Enrolment.objects.count() == 2


def test_another_account_makes_another_request() -> None:
    course = make_course(ago=2)
    body = {"request_key": "k", "marks": []}
    path = f"/api/v1/unit/courses/{course.code}/close/"
    assert api(course.handler.user).post(path, body, format="json", headers=KEY).status_code == 200
    second = make_account(user=course.handler.user)
    answer = api(course.handler.user, second.number).post(path, body, format="json", headers=KEY)
    assert answer.status_code in (404, 422) and not answer.has_header("Idempotency-Replayed")


def test_the_account_that_a_request_without_the_header_falls_to_is_part_of_the_request() -> None:
    """After the end of one account the same request acts in another, which may not see the course of the first."""
    course = make_course(ago=2)
    person, path = course.handler.user, f"/api/v1/unit/courses/{course.code}/close/"
    body = {"request_key": "k", "marks": []}
    assert api(person).post(path, body, format="json", headers=KEY).status_code == 200
    make_account(user=person)
    BusinessAccount.objects.filter(pk=course.handler_id).update(valid_until=clock.today() - timedelta(days=1))
    answer = api(person).post(path, body, format="json", headers=KEY)
    assert answer.json()["code"] == "IdempotencyKeyReused"


def test_a_refusal_is_not_kept_the_same_request_is_tried_again() -> None:
    course, person = make_course(), make_user()
    enrolments.enrol(code=course.code, by=teacher(person))
    client, path = api(person), f"/api/v1/courses/{course.code}/enrol/"
    assert client.post(path, headers=KEY).status_code == 409
    assert not IdempotencyKey.objects.exists()
    enrolments.cancel(course=course, by=teacher(person))
    assert client.post(path, headers=KEY).status_code == 201


def test_what_a_refused_try_looked_up_stays_counted() -> None:
    course = make_course(ago=2)
    body = {"request_key": "k", "marks": [], "walk_ins": [{"person": "nobody@x.example", "hours": "3"}]}
    path = f"/api/v1/unit/courses/{course.code}/close/"
    answer = api(course.handler.user).post(path, body, format="json", headers=KEY)
    assert answer.status_code == 409 and answer.json()["code"] == "UnknownPerson"
    assert LookUpDay.objects.get().used == 1


def test_a_crash_before_the_key_is_saved_undoes_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(IdempotencyKey.objects, "create", crash)
    client = api(make_user())
    client.raise_request_exception = False
    assert client.post(f"/api/v1/courses/{make_course().code}/enrol/", headers=KEY).status_code == 500
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "\t"])
def test_an_unreadable_key_is_refused_by_name(key: str) -> None:
    course = make_course()
    answer = api(make_user()).post(f"/api/v1/courses/{course.code}/enrol/", headers={"Idempotency-Key": key})
    assert answer.status_code == 400 and answer.json()["errors"][0]["header"] == "Idempotency-Key"
    assert not Enrolment.objects.exists()


def test_a_key_is_kept_for_a_day_and_neither_it_nor_its_text_longer() -> None:
    course, person = make_course(), make_user()
    client, path = api(person), f"/api/v1/courses/{course.code}/enrol/"
    client.post(path, headers=KEY)
    assert KEY["Idempotency-Key"] not in str(IdempotencyKey.objects.values().get())
    assert forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=True):
        # Forgotten even before the task has come.
        assert client.post(path, headers=KEY).json()["code"] == "AlreadyEnrolled"
        IdempotencyKey.objects.update(created_at=clock.now() - timedelta(hours=25))
        forget_idempotency_keys()
        assert not IdempotencyKey.objects.exists()
