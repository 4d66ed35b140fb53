"""The REST API: the same acts, the same rules, the same sentences."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from api.query import WordsField
from api.urls import urlpatterns
from courses.actions import course_files
from courses.enums import EnrolmentState
from courses.models import Course
from hours.actions import attendance, certificates, corrections, surveys
from hours.actions.attendance import HandSign
from hours.models import HourCredit
from tests.api.client import api
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_officer,
    make_unit,
    make_user,
    overdue_courses,
    teacher,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction[2 0 R/Fit]>>endobj\n"


def test_the_catalogue_is_public_and_takes_the_pages_filters() -> None:
    course = make_course(title="性別平等研習")
    make_course(title="別的")
    found = APIClient().get("/api/v1/courses/", {"q": "性別"}).json()
    assert [row["code"] for row in found["results"]] == [course.code]
    assert APIClient().get(f"/api/v1/courses/{course.code}/").json()["instructors"] == ["黃講師"]
    assert APIClient().get("/api/v1/courses/", {"first": "yesterday"}).status_code == 400


def test_a_search_of_more_words_than_are_looked_for_is_refused_by_name() -> None:
    course = make_course(title="一二三四五六七八九")
    eight = "一 二 三 四 五 六 七 八"
    found = APIClient().get("/api/v1/courses/", {"q": f" {eight}　"}).json()
    assert [row["code"] for row in found["results"]] == [course.code]
    for language, sentence in (
        ("en", "At most eight words are looked for; these are too many: 九 無"),
        ("zh-hant", "最多以八個詞查詢，超過的詞：九 無"),
    ):
        answer = APIClient().get(
            "/api/v1/courses/", {"q": f"{eight} 九 無"}, headers={"Accept-Language": language}
        )
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert answer.json()["errors"] == [{"parameter": "q", "detail": sentence, "code": "too_many_words"}]


def test_every_search_by_words_of_the_api_refuses_words_beyond_its_most() -> None:
    """A view of the API that searches by words has them read by `WordsField`."""
    filters = [getattr(route.callback.view_class, "filterset_class", None) for route in urlpatterns[:-2]]
    forms = [filterset(queryset=Course.objects.none()).form for filterset in filters if filterset]
    searches = [form.fields["q"] for form in forms if "q" in form.fields]
    assert searches and all(isinstance(field, WordsField) for field in searches)


@pytest.mark.parametrize("name", ["open", "places", "free", "past"])
def test_a_flag_of_the_catalogue_may_be_yes_or_no_and_nothing_else(name: str) -> None:
    make_course(title="將來的", ago=-5, fee=100)
    make_course(title="過去的", ago=40, fee=100)

    def found(value: str) -> Any:
        answer = APIClient().get("/api/v1/courses/", {name: value} if value else {})
        assert answer.status_code == 200, answer.json()
        return [row["code"] for row in answer.json()["results"]]

    without, asked = found(""), found("1")
    assert asked != without or name in ("open", "places")
    for word in ("0", "false", "no", "off", "No"):
        assert found(word) == without, word
    for word in ("true", "yes", "on", "True"):
        assert found(word) == asked, word
    for word in ("maybe", "2", "-1", "null", " ", ""):
        answer = APIClient().get("/api/v1/courses/", {name: word})
        assert answer.status_code == 400, word
        assert [error["parameter"] for error in answer.json()["errors"]] == [name], word


def test_without_a_log_in_everything_else_is_refused() -> None:
    for path in (
        "/api/v1/me/light/",
        "/api/v1/unit/courses/",
        "/api/v1/unit/light/",
        "/api/v1/county/lights/",
    ):
        assert APIClient().get(path).status_code in (401, 403)
    assert APIClient().post("/api/v1/courses/1234567/enrol/").status_code in (401, 403)


def test_a_teacher_enrols_cancels_and_sees_the_own_facts() -> None:
    course, person = make_course(), make_user()
    client = api(person)
    assert client.post(f"/api/v1/courses/{course.code}/enrol/").json()["state"] == "admitted"
    again = client.post(f"/api/v1/courses/{course.code}/enrol/")
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyEnrolled")
    assert [row["course"] for row in client.get("/api/v1/me/enrolments/").json()["results"]] == [course.code]
    assert client.post(f"/api/v1/courses/{course.code}/cancel/").json()["state"] == "cancelled"
    assert client.get("/api/v1/me/light/").json() == {"colour": "green", "absences": 0}
    assert client.get("/api/v1/me/hours/").json()["results"] == []
    assert client.post("/api/v1/courses/nope/enrol/").status_code == 404


def test_a_person_reads_the_own_attendance_and_certificates() -> None:
    course, person = make_course(ago=1), make_user()
    row = make_enrolment(course, person)
    session = course.sessions.get()
    signs = [
        HandSign(person.pk, kind, at) for kind, at in (("in", session.starts_at), ("out", session.ends_at))
    ]
    attendance.sign_by_hand(session=session, by=acting(course.handler), signs=signs)
    close(course)
    [made] = certificates.certify(course=course, by=acting(course.handler), enrolment_ids=[row.pk])
    client, other = api(person), api(make_user())
    found = client.get("/api/v1/me/attendance/").json()["results"]
    assert [(one["course"], one["kind"], one["way"]) for one in found] == [
        (course.code, "out", "hand"),
        (course.code, "in", "hand"),
    ]
    [shown] = client.get("/api/v1/me/certificates/").json()["results"]
    assert (shown["number"], shown["state"], shown["hours_now"]) == (made.number, "valid", "3.0")
    assert made.token in shown["verify_url"]
    corrections.correct(
        enrolment=row,
        by=acting(course.handler),
        state=EnrolmentState.ATTENDED,
        hours=Decimal(1),
        reason="遲到",
    )
    [shown] = client.get("/api/v1/me/certificates/").json()["results"]
    assert (shown["state"], shown["hours_now"]) == ("corrected", "1.0")
    for path in ("/api/v1/me/attendance/", "/api/v1/me/certificates/"):
        assert other.get(path).json()["results"] == []


def test_the_result_of_a_questionnaire_is_for_those_in_charge_once_it_is_over() -> None:
    course = make_course(ago=1, questionnaire="voluntary")
    rows = [make_enrolment(course) for _number in range(5)]
    close(course)
    for row in rows:
        scores = {"content": 5, "instructor": 4, "time": 3, "place": 5, "overall": 5}
        surveys.answer(course=course, by=teacher(row.user), answers=scores)
    path = f"/api/v1/unit/courses/{course.code}/questionnaire/"
    handler = api(course.handler.user)
    found = handler.get(path).json()
    assert (found["present"], found["answers"], found["is_over"], found["outcomes"]) == (5, 5, False, [])
    surveys.end(course=course, by=acting(course.handler))
    found = handler.get(path).json()
    assert found["is_over"] and [one["mean"] for one in found["outcomes"]] == [5, 4, 3, 5, 5]
    colleague = api(make_account(course.unit).user)
    assert colleague.get(path).status_code == 404 == api(make_account().user).get(path).status_code
    without = make_course(course.handler, ago=1)
    assert handler.get(f"/api/v1/unit/courses/{without.code}/questionnaire/").status_code == 404


def test_the_files_of_a_course_are_listed_for_whom_they_are() -> None:
    course = make_course(ago=0)
    by, person = acting(course.handler), make_user()
    make_enrolment(course, person)
    plan = SimpleUploadedFile("計畫.pdf", PDF)
    material = SimpleUploadedFile("講義.pdf", PDF)
    course_files.add(course=course, by=by, kind="plan", upload=plan)
    course_files.add(course=course, by=by, kind="material", upload=material, open_from="admitted")
    path = f"/api/v1/courses/{course.code}/files/"
    seen = {
        name: client.get(path).json()["files"]
        for name, client in (("all", APIClient()), ("mine", api(person)))
    }
    assert [row["kind"] for row in seen["all"]] == ["plan"]
    assert [row["kind"] for row in seen["mine"]] == ["plan", "material"]
    for row in seen["mine"]:
        client = Client()
        client.force_login(person)
        assert client.get(urlsplit(row["url"]).path).status_code == 200


def test_a_handler_closes_a_course_and_a_repeat_returns_the_same() -> None:
    course = make_course(ago=2)
    rows = [make_enrolment(course), make_enrolment(course)]
    client, url = api(course.handler.user), f"/api/v1/unit/courses/{course.code}/close/"
    assert [p["id"] for p in client.get(f"/api/v1/unit/courses/{course.code}/sheet/").json()["results"]] == [
        r.pk for r in rows
    ]
    marks = [
        {"enrolment": rows[0].pk, "state": "attended", "hours": "3"},
        {"enrolment": rows[1].pk, "state": "absent"},
    ]
    body = {"request_key": "k", "marks": marks}
    first, again = (client.post(url, body, format="json") for _ in range(2))
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    assert HourCredit.objects.count() == 1


@pytest.mark.parametrize("hours", ["3小時", "-1", "0.3", "9", "NaN", "\0", None, [], "1" * 100])
def test_wrong_hours_close_nothing(hours: Any) -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    marks = [{"enrolment": row.pk, "state": "attended", "hours": hours}]
    answer = api(course.handler.user).post(
        f"/api/v1/unit/courses/{course.code}/close/", {"request_key": "k", "marks": marks}, format="json"
    )
    assert answer.status_code in (400, 409) and not HourCredit.objects.exists()


def test_unmarked_and_foreign_people_refuse_the_sheet() -> None:
    course, foreign = make_course(ago=2), make_enrolment(make_course(ago=2))
    make_enrolment(course)
    url = f"/api/v1/unit/courses/{course.code}/close/"
    for marks in ([], [{"enrolment": foreign.pk, "state": "absent"}]):
        answer = api(course.handler.user).post(url, {"request_key": "k", "marks": marks}, format="json")
        assert answer.json()["code"] == "ListChanged"


def test_the_hat_must_be_an_own_active_account_and_another_unit_is_a_404() -> None:
    mine, other = make_account(), make_account()
    course = make_course(other, ago=2)
    assert api(mine.user).get("/api/v1/unit/courses/").json()["results"] == []
    assert api(mine.user, other.number).get("/api/v1/unit/courses/").status_code == 403
    assert (
        api(mine.user)
        .post(f"/api/v1/unit/courses/{course.code}/close/", {"request_key": "k", "marks": []}, format="json")
        .status_code
        == 404
    )
    assert api(make_user()).get("/api/v1/unit/light/").status_code == 403


def test_lights_of_the_unit_and_of_the_own_county_only() -> None:
    handler = make_account()
    far = make_account(make_unit(county=make_county("高雄市")))
    for account in (handler, far):
        overdue_courses(account, 5)
    call_command("refresh_lights")
    light = api(handler.user).get("/api/v1/unit/light/").json()
    assert (light["colour"], light["overdue"], light["registration_open"]) == ("red", 5, False)
    seen = api(make_officer().user).get("/api/v1/county/lights/").json()["results"]
    assert [row["unit_code"] for row in seen if row["colour"] == "red"] == [handler.unit.code]


def test_the_schema_has_no_warnings_and_its_page_opens(tmp_path: Any) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))
    assert APIClient().get("/api/v1/schema/").status_code == 200
    assert APIClient().get("/api/v1/docs/").status_code == 200
