"""People who came without enrolment: looked up after rights and rules, recorded, limited, each once on the sheet."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEvent
from courses.enums import EnrolmentState as S
from courses.errors import NotTheHandler
from courses.errors.participants import SeveralOfThatName, UnknownPerson
from courses.models import Course
from courses.models.typed import Typed, read_typed
from hours.actions import corrections, walk_ins
from hours.actions.closing import close_course
from hours.actions.sheets import MOST_WALK_INS
from hours.actions.walk_ins import MOST_A_DAY
from hours.errors import (
    AlreadyListed,
    BadHours,
    ListChanged,
    NotOverYet,
    TooManyLookUps,
    TooManyWalkIns,
    UnknownEnrolments,
    WalkInTwice,
)
from hours.forms.closing_post import token_of
from hours.models import Closing, HourCredit, LookUpDay, Mark, Sheet, WalkIn
from kit import clock
from tests.factories import (
    acting,
    make_account,
    make_colleagues,
    make_course,
    make_enrolment,
    make_key,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
THREE = Decimal("3")


def people(number: int, prefix: str = "w") -> list[User]:
    return User.objects.bulk_create(
        [User(email=f"{prefix}{i}@x.example", name=f"走{i}", password="!") for i in range(number)]
    )


def looks() -> int:
    return AuditEvent.objects.filter(action="read.walk_in").count()


def nothing_is_written(course: Course) -> bool:
    course.refresh_from_db()
    return course.is_unclosed and not HourCredit.objects.exists() and not Closing.objects.exists()


def typed_sheet(*walked: tuple[str, str], marks: dict[int, Mark] | None = None) -> Sheet:
    return Sheet("k", marks or {}, [WalkIn.of(Typed(text), Decimal(hours)) for text, hours in walked])


def api_close(course: Course, body: dict[str, Any]) -> Any:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_key(course.handler.user)}")
    return client.post(
        f"/api/v1/unit/courses/{course.code}/close/", {"request_key": "k", "marks": []} | body, format="json"
    )


def test_nobody_is_absent_and_a_walk_in_at_once() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    sheet = Sheet("k", {row.pk: Mark(S.ABSENT)}, [WalkIn.of(row.user_id, THREE)])
    with pytest.raises(AlreadyListed):
        close_course(course=course, by=acting(course.handler), sheet=sheet)
    assert nothing_is_written(course)


def test_the_api_refuses_an_absent_person_who_is_named_as_a_walk_in() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    answer = api_close(
        course,
        {
            "marks": [{"enrolment": row.pk, "state": "absent"}],
            "walk_ins": [{"person": row.user.email, "hours": "3.0"}],
        },
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "AlreadyListed")
    assert nothing_is_written(course)


def test_one_person_is_a_walk_in_once_however_named() -> None:
    course, account = make_course(ago=2), make_account()
    with pytest.raises(WalkInTwice):
        close_course(
            course=course,
            by=acting(course.handler),
            sheet=typed_sheet((account.user.email, "3"), (account.number.lower(), "2")),
        )
    assert nothing_is_written(course)


def test_a_foreign_enrolment_is_an_unknown_number_without_a_name() -> None:
    course, foreign = make_course(ago=2), make_enrolment(make_course(ago=2))
    answer = api_close(course, {"marks": [{"enrolment": foreign.pk, "state": "absent"}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "UnknownEnrolments")
    assert str(foreign.pk) in answer.json()["detail"] and foreign.user.name not in answer.json()["detail"]


def test_foreign_numbers_stay_unknown_beside_people_of_the_course() -> None:
    course, foreign = make_course(ago=2), make_enrolment(make_course(ago=2))
    row, left = make_enrolment(course), make_enrolment(course, state=S.CANCELLED)
    marks = {pk: Mark(S.ABSENT) for pk in (row.pk, left.pk, foreign.pk, 10**40)}
    with pytest.raises(ListChanged) as refused:
        close_course(course=course, by=acting(course.handler), sheet=Sheet("k", marks))
    assert left.user.name in refused.value.message and foreign.user.name not in refused.value.message
    del marks[left.pk]
    with pytest.raises(UnknownEnrolments):
        close_course(course=course, by=acting(course.handler), sheet=Sheet("k", marks))


def test_rights_come_before_anybody_is_looked_up() -> None:
    course, stranger = make_course(ago=2), make_user()
    colleague = make_account(course.unit)
    with pytest.raises(NotTheHandler):
        close_course(course=course, by=acting(colleague), sheet=typed_sheet((stranger.email, "3")))
    with pytest.raises(NotTheHandler):
        walk_ins.look_up(course=course, by=acting(colleague), typed=[Typed(stranger.email)])
    assert looks() == 0


def test_hours_are_judged_before_anybody_is_looked_up_and_without_a_name() -> None:
    course, stranger = make_course(ago=2), make_user()
    with pytest.raises(BadHours) as refused:
        close_course(course=course, by=acting(course.handler), sheet=typed_sheet((stranger.email, "99")))
    assert stranger.name not in refused.value.message and looks() == 0


def test_nobody_is_looked_up_for_a_course_that_is_not_over() -> None:
    course, stranger = make_course(), make_user()
    with pytest.raises(NotOverYet):
        close_course(course=course, by=acting(course.handler), sheet=typed_sheet((stranger.email, "3")))
    assert looks() == 0


def test_a_look_up_stays_in_the_record_although_the_closing_is_refused() -> None:
    course, stranger = make_course(ago=2), make_user()
    row = make_enrolment(course)
    sheet = typed_sheet((stranger.email, "3"), (row.user.email, "3"), marks={row.pk: Mark(S.ABSENT)})
    with pytest.raises(AlreadyListed):
        close_course(course=course, by=acting(course.handler), sheet=sheet)
    event = AuditEvent.objects.get(action="read.walk_in")
    assert stranger.pk in event.subjects.values_list("person_id", flat=True)


def test_look_ups_are_limited_by_day_also_those_that_find_nobody() -> None:
    course, strangers = make_course(ago=2), people(MOST_A_DAY + 1)
    actor = acting(course.handler)
    for number, person in enumerate(strangers[:MOST_A_DAY]):
        if number % 2:
            with pytest.raises(UnknownPerson):
                walk_ins.look_up(course=course, by=actor, typed=[Typed(f"nobody{number}@x.example")])
        else:
            walk_ins.look_up(course=course, by=actor, typed=[Typed(person.email)])
    with pytest.raises(TooManyLookUps):
        walk_ins.look_up(course=course, by=actor, typed=[Typed(strangers[-1].email)])
    answer = api_close(course, {"walk_ins": [{"person": strangers[-1].email, "hours": "3"}]})
    assert answer.status_code == 429 and strangers[-1].name not in answer.json()["detail"]
    close_course(course=course, by=actor, sheet=Sheet("k", {}))
    with pytest.raises(TooManyLookUps):
        corrections.add_person(
            course=course, person=Typed(strangers[-1].email), by=actor, hours=THREE, reason="漏列"
        )


def test_the_limit_counts_for_the_person_and_begins_anew_each_day() -> None:
    course, other = make_course(ago=2), make_account()
    lead = acting(course.handler)
    for person in people(MOST_A_DAY):
        walk_ins.look_up(course=course, by=lead, typed=[Typed(person.email)])
    with pytest.raises(TooManyLookUps):
        walk_ins.look_up(course=course, by=lead, typed=[Typed(other.user.email)])
    tomorrow = clock.now() + timedelta(days=1)
    assert walk_ins.look_up(course=course, by=lead, typed=[Typed(other.user.email)], at=tomorrow)


def test_colleagues_and_people_given_with_their_name_do_not_count() -> None:
    course, strangers = make_course(ago=2), people(MOST_A_DAY + 5)
    colleagues = [make_user(unit=course.unit) for _ in range(MOST_A_DAY + 5)]
    actor = acting(course.handler)
    walk_ins.look_up(course=course, by=actor, typed=[Typed(p.email) for p in colleagues])
    walk_ins.look_up(course=course, by=actor, typed=[Typed(p.email, p.name) for p in strangers])
    assert walk_ins.look_up(course=course, by=actor, typed=[Typed(strangers[0].email)])


def test_numbers_cannot_be_tried_under_a_name_without_end() -> None:
    course, person = make_course(ago=2), make_user("王小明")
    actor = acting(course.handler)
    tries = [Typed(f"try{i}@x.example", "王小明") for i in range(MOST_A_DAY + 1)]
    with pytest.raises(TooManyLookUps):
        walk_ins.look_up(course=course, by=actor, typed=tries)
    with pytest.raises(TooManyLookUps):
        walk_ins.look_up(course=course, by=actor, typed=[Typed(person.email, "王小明")])


def test_a_name_that_is_not_the_persons_finds_nobody() -> None:
    course, person = make_course(ago=2), make_user("王小明")
    with pytest.raises(UnknownPerson) as refused:
        walk_ins.look_up(course=course, by=acting(course.handler), typed=[Typed(person.email, "李大同")])
    assert "王小明" not in refused.value.message


@pytest.mark.parametrize(
    ("line", "text", "name"),
    [
        ("王小明 A123456789", "A123456789", "王小明"),
        ("王小明\tａ１２３@x.example", "a123@x.example", "王小明"),
        ("A12345 6789", "A12345 6789", ""),
        ("134526-001", "134526-001", ""),
        ("王小明", "王小明", ""),
        ("", "", ""),
    ],
)
def test_a_line_may_hold_a_name_before_what_the_person_is_known_by(line: str, text: str, name: str) -> None:
    assert read_typed(line) == Typed(text, name)


def test_several_hundred_walk_ins_are_closed_from_the_page() -> None:
    course, walked = make_course(ago=2), people(405)
    client = Client()
    client.force_login(course.handler.user)
    form = {"request_key": "k", "action": "close", "walk_in_token": [token_of(course, p) for p in walked]}
    answer = client.post(reverse("hours:close", args=[course.code]), form)
    assert answer.status_code == 302 and Closing.objects.get().walk_ins == 405
    assert HourCredit.objects.count() == 405


def test_more_walk_ins_than_a_sheet_holds_are_refused_and_none_is_dropped() -> None:
    course, walked = make_course(ago=2), people(MOST_WALK_INS + 1)
    with pytest.raises(TooManyWalkIns):
        close_course(
            course=course,
            by=acting(course.handler),
            sheet=Sheet("k", {}, [WalkIn.of(p.pk, THREE) for p in walked]),
        )
    client = Client()
    client.force_login(course.handler.user)
    form = {"request_key": "k", "action": "close", "walk_in_token": [token_of(course, p) for p in walked]}
    page = client.post(reverse("hours:close", args=[course.code]), form).content.decode()
    assert "1001" in page and page.count('name="walk_in_token"') == MOST_WALK_INS + 1
    assert nothing_is_written(course)


def test_a_walk_in_who_was_admitted_meanwhile_is_said_on_the_page() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    client = Client()
    client.force_login(course.handler.user)
    form = {
        "request_key": "k",
        "action": "close",
        f"state_{row.pk}": "absent",
        f"hours_{row.pk}": "3",
        "walk_in_token": token_of(course, row.user),
    }
    page = client.post(reverse("hours:close", args=[course.code]), form).content.decode()
    assert AlreadyListed(name=row.user.name).message in page and nothing_is_written(course)


def test_two_outcomes_of_one_person_are_said_at_the_row() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    client = Client()
    client.force_login(course.handler.user)
    form = {"request_key": "k", "action": "close", f"state_{row.pk}": ["attended", "absent"]}
    page = client.post(reverse("hours:close", args=[course.code]), form).content.decode()
    assert f'id="error_{row.pk}"' in page and nothing_is_written(course)


def test_pasted_lines_are_looked_up_together_and_all_or_none_is_added() -> None:
    course = make_course(ago=2)
    first, second = make_user("甲老師"), make_user("乙老師")
    client, url = Client(), reverse("hours:close", args=[course.code])
    client.force_login(course.handler.user)
    lines = f"甲老師 {first.email}\n乙老師 {second.email}"
    page = client.post(url, {"request_key": "k", "action": "add", "walk_in": lines}).content.decode()
    assert page.count('name="walk_in_token"') == 2
    page = client.post(
        url, {"request_key": "k", "action": "add", "walk_in": f"{lines}\nnobody@x.example"}
    ).content.decode()
    assert page.count('name="walk_in_token"') == 0 and "nobody@x.example" in page


def test_an_account_number_is_found_in_small_letters_and_full_width() -> None:
    course, account = make_course(ago=2), make_account()
    for text in (account.number.lower(), account.number.replace("-", "－"), account.user.email.upper()):
        assert walk_ins.look_up(course=course, by=acting(course.handler), typed=[Typed(text)]) == [
            account.user
        ]


def test_looking_up_costs_the_same_for_one_and_for_fifty(django_assert_max_num_queries: Any) -> None:
    course = make_course(ago=2)
    actor = acting(course.handler)
    for number in (1, 50):
        found = people(number, f"p{number}-")
        # Three are locks on PostgreSQL; one finds guests of the unit by mailbox.
        with django_assert_max_num_queries(15):
            walk_ins.look_up(course=course, by=actor, typed=[Typed(p.email, p.name) for p in found])


def test_a_request_key_with_other_content_is_refused() -> None:
    course, walker = make_course(ago=2), make_user()
    row = make_enrolment(course)
    body = {
        "marks": [{"enrolment": row.pk, "state": "attended", "hours": "3"}],
        "walk_ins": [{"person": walker.email, "hours": "2.0"}],
    }
    first = api_close(course, body)
    assert first.status_code == 200 and api_close(course, body).json() == first.json()
    seen = looks()
    for changed in (
        body | {"marks": [{"enrolment": row.pk, "state": "absent"}]},
        body | {"walk_ins": []},
        body | {"walk_ins": [{"person": walker.email, "hours": "3"}]},
    ):
        answer = api_close(course, changed)
        assert (answer.status_code, answer.json()["code"]) == (409, "KeyReused")
    assert looks() == seen and HourCredit.objects.count() == 2


def test_marks_changed_after_closing_are_not_taken_for_the_same_request() -> None:
    course = make_course(ago=2)
    row = make_enrolment(course)
    client, url = Client(), reverse("hours:close", args=[course.code])
    client.force_login(course.handler.user)
    form = {"request_key": "k", "action": "close", f"state_{row.pk}": "attended", f"hours_{row.pk}": "3"}
    client.post(url, form)
    assert not client.post(url, form, follow=True).context["messages"]
    changed = client.post(url, form | {f"state_{row.pk}": "absent"}, follow=True)
    assert [str(m) for m in changed.context["messages"]] and HourCredit.objects.count() == 1


def test_a_sheet_that_did_not_arrive_whole_saves_nothing() -> None:
    course = make_course(ago=2)
    make_enrolment(course)
    client = Client()
    client.force_login(course.handler.user)
    for name in ("hours:close", "hours:draft"):
        for bad in ("{", "[]", "5", json.dumps({"marks": {"x": ["a", "b"]}, "walk_ins": []}), "{}"):
            answer = client.post(
                reverse(name, args=[course.code]),
                {"request_key": "k", "action": "close", "sheet": bad, "draft_base": "0"},
            )
            assert answer.status_code in (302, 409)
    assert nothing_is_written(course) and not course.closing_drafts.exists()


def test_two_hundred_colleagues_are_pasted_by_name_and_a_name_of_two_people_is_refused() -> None:
    course = make_course(ago=2, capacity=5)
    by = acting(course.handler)
    people = make_colleagues(course.unit, 200)
    make_user("教師外", unit=make_unit())
    found = walk_ins.look_up(course=course, by=by, typed=[read_typed(person.name) for person in people])
    assert found == people
    with pytest.raises(UnknownPerson):
        walk_ins.look_up(course=course, by=by, typed=[read_typed("教師外")])
    assert not LookUpDay.objects.filter(used__gt=0).exists()
    make_user(people[0].name, unit=course.unit)
    with pytest.raises(SeveralOfThatName, match=people[0].name):
        walk_ins.look_up(course=course, by=by, typed=[read_typed(people[0].name)])
