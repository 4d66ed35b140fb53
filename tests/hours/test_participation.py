"""講師 and 工作人員: hours of kinds of their own, apart from 參加, and nothing else counts them."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.acting import Actor
from accounts.actions import guests
from accounts.actions.guests import GuestFacts
from accounts.models import User
from audit.models import AuditEvent
from checks.invariants import RULES
from courses.actions import admissions, withdrawal
from courses.enums import EnrolmentState as S
from courses.enums import MessageTo
from courses.enums import Participation as P
from courses.errors import CannotAdmit, HoursIssued
from courses.errors.participants import HelperNotAbsent
from courses.models import Course, Enrolment
from courses.models.typed import Typed
from courses.queries import message_readers, participants
from courses.queries.lights import teacher_light
from courses.queries.sign_in_sheets import expected
from hours.actions import certificates, corrections, objections
from hours.actions.closing import close_course
from hours.errors import (
    BadHours,
    KeyReused,
    ListedAsOther,
    NothingToCorrect,
    OneParticipation,
    UnknownParticipation,
    WalkInTwice,
)
from hours.forms.closing_post import token_of
from hours.models import Closing, HourCredit, Mark, Sheet, WalkIn
from hours.presenters.certificates import participation_words
from hours.queries import surveys, teacher
from hours.queries.certificates import verified
from hours.queries.receipts import receipt_of
from hours.queries.turnout import closed_of_year, summed
from hours.queries.weekly_hours import beyond_the_week
from kit import clock
from kit.errors import Refusal
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_course,
    make_enrolment,
    make_key,
    make_lead,
    make_user,
)

pytestmark = pytest.mark.django_db
TWO, THREE = Decimal("2"), Decimal("3")


def held(**fields: Any) -> tuple[Course, Enrolment, User, User]:
    """A course that is over with a participant, and the people who are to be its lecturer and its member of staff."""
    course = make_course(ago=2, capacity=1, **fields)
    return course, make_enrolment(course), make_user(name="黃教授"), make_user(name="陳組長")


def sheet_of(row: Enrolment, lecturer: User, helper: User, key: str = "k") -> Sheet:
    walk_ins = [WalkIn.of(lecturer.pk, TWO, P.LECTURER), WalkIn.of(helper.pk, Decimal(1), P.STAFF)]
    return Sheet(key, {row.pk: Mark.of(S.ATTENDED, THREE)}, walk_ins)


def closed(**fields: Any) -> tuple[Course, Enrolment, Enrolment, Enrolment]:
    """A closed course: the enrolments of its participant, its lecturer and its member of staff."""
    course, row, lecturer, helper = held(**fields)
    close_course(course=course, by=acting(course.handler), sheet=sheet_of(row, lecturer, helper))
    course.refresh_from_db()
    row.refresh_from_db()
    found = {one.user_id: one for one in course.enrolments.select_related("user")}
    return course, row, found[lecturer.pk], found[helper.pk]


def sound() -> bool:
    return not any(rule() for rule in RULES.values())


def test_closing_issues_hours_of_each_kind_and_counts_participants_alone() -> None:
    course, row, lecturer, helper = closed()
    kinds = HourCredit.objects.order_by("enrolment").values_list("user_id", "participation", "hours")
    assert list(kinds) == [
        (row.user_id, "participant", 3),
        (lecturer.user_id, "lecturer", 2),
        (helper.user_id, "staff", 1),
    ]
    closing = Closing.objects.get()
    assert (closing.attended, closing.walk_ins, closing.hours_total) == (1, 0, 3)
    assert (closing.helpers, closing.helper_hours) == (2, 3)
    assert AuditEvent.objects.get(action="course.close").after["helper_hours"] == "3.0"
    assert lecturer.is_helper and lecturer.state == S.ATTENDED and course.seats_taken == 1
    notice = Notice.objects.get(kind="hours_issued", recipient=lecturer.user)
    assert "講師" in notice.body and "2" in notice.body
    assert "工作人員" in Notice.objects.get(kind="hours_issued", recipient=helper.user).body
    assert sound()


def test_the_same_request_issues_nothing_twice_and_another_kind_is_another_request() -> None:
    course, row, lecturer, helper = held()
    by, sheet = acting(course.handler), sheet_of(row, lecturer, helper)
    assert close_course(course=course, by=by, sheet=sheet) == close_course(course=course, by=by, sheet=sheet)
    assert HourCredit.objects.count() == 3
    as_participant = [WalkIn.of(lecturer.pk, TWO), WalkIn.of(helper.pk, Decimal(1), P.STAFF)]
    with pytest.raises(KeyReused):
        close_course(course=course, by=by, sheet=Sheet("k", sheet.marks, as_participant))


def test_one_person_takes_part_as_one_thing() -> None:
    course, row, lecturer, helper = held()
    by, marks = acting(course.handler), {row.pk: Mark.of(S.ATTENDED, THREE)}
    enrolled = [WalkIn.of(row.user_id, TWO, P.LECTURER)]
    with pytest.raises(OneParticipation, match="參加"):
        close_course(course=course, by=by, sheet=Sheet("k", marks, enrolled))
    both = [WalkIn.of(lecturer.pk, TWO, P.LECTURER), WalkIn.of(lecturer.pk, TWO, P.STAFF)]
    with pytest.raises(OneParticipation):
        close_course(course=course, by=by, sheet=Sheet("k", marks, both))
    with pytest.raises(UnknownParticipation):
        close_course(course=course, by=by, sheet=Sheet("k", marks, [WalkIn.of(helper.pk, TWO, "odd")]))
    with pytest.raises(BadHours):
        close_course(
            course=course, by=by, sheet=Sheet("k", marks, [WalkIn.of(helper.pk, THREE * 2, P.STAFF)])
        )
    assert not HourCredit.objects.exists()
    # The way out that the sentence names.
    admissions.decline(course=course, by=by, enrolment_ids=[row.pk])
    close_course(course=course, by=by, sheet=Sheet("k", {}, enrolled))
    row.refresh_from_db()
    assert (row.participation, row.state, row.walk_in) == (P.LECTURER, S.ATTENDED, True)
    assert sound()


def merge_into(person: User, second: int) -> None:
    """Write a record as one that was merged into a person."""
    User.objects.filter(pk=second).update(
        merged_into=person, is_active=False, password="!", closed_at=clock.now(), closed_because="merged"
    )


def test_a_record_that_was_merged_is_on_the_list_as_well() -> None:
    course, row, person, _other = held()
    merge_into(person, row.user_id)
    walk_ins = [WalkIn.of(person.pk, TWO, P.LECTURER)]
    sheet = Sheet("k", {row.pk: Mark.of(S.ATTENDED, THREE)}, walk_ins)
    with pytest.raises(OneParticipation):
        close_course(course=course, by=acting(course.handler), sheet=sheet)


@pytest.mark.parametrize(("part", "refusal"), [(P.PARTICIPANT, OneParticipation), (P.LECTURER, WalkInTwice)])
def test_two_records_of_one_person_are_not_added_both(part: P, refusal: type[Refusal]) -> None:
    course, row, person, other = held()
    merge_into(person, other.pk)
    walk_ins = [WalkIn.of(person.pk, TWO, P.LECTURER), WalkIn.of(other.pk, TWO, part)]
    sheet = Sheet("k", {row.pk: Mark.of(S.ATTENDED, THREE)}, walk_ins)
    with pytest.raises(refusal):
        close_course(course=course, by=acting(course.handler), sheet=sheet)
    assert not HourCredit.objects.exists()


def test_the_page_adds_a_lecturer_and_a_guest_keeps_them_in_the_draft_and_closes() -> None:
    course, row, lecturer, _helper = held()
    client, url = Client(), reverse("hours:close", args=[course.code])
    client.force_login(course.handler.user)
    form = {"request_key": "k", f"state_{row.pk}": "attended", f"hours_{row.pk}": "3"}
    page = client.post(url, form | {"action": "add", "walk_in": lecturer.email, "part": "lecturer"})
    assert "data-helper" in page.content.decode() and page.context["sheet"].totals["helper_hours"] == 3
    lecturing = {"walk_in_token": [token_of(course, lecturer, P.LECTURER)], f"hours_w{lecturer.pk}": "2"}
    odd = client.post(url, form | lecturing | {"action": "add", "walk_in": lecturer.email, "part": "odd"})
    assert "請選擇身分" in odd.content.decode()
    twice = client.post(url, form | lecturing | {"action": "add", "walk_in": lecturer.email})
    assert "一人在同一課程只核發一種時數" in twice.context["sheet"].walk_in_error
    facts = {"guest_name": "林外聘", "guest_unit": "某某大學", "part": "staff", "action": "add_guest"}
    page = client.post(url, form | lecturing | facts)
    guest = User.objects.get(name="林外聘")
    lecturing["walk_in_token"].append(token_of(course, guest, P.STAFF))
    lecturing[f"hours_w{guest.pk}"] = "1"
    client.post(url, form | lecturing | {"action": "draft"})
    kept = client.get(url).context["sheet"]
    assert [(one.person, one.part, one.typed) for one in kept.helpers] == [
        (lecturer, "lecturer", "2"),
        (guest, "staff", "1"),
    ]
    wrong = client.post(url, form | lecturing | {f"hours_w{guest.pk}": "99", "action": "check"})
    assert "hours_w" in wrong.content.decode() and wrong.context["sheet"].helpers[1].error
    asked = client.post(url, form | lecturing | {"action": "check"}).content.decode()
    assert "林外聘" in asked and "講師及工作人員時數" in asked
    assert client.post(url, form | lecturing | {"action": "close"}).status_code == 302
    assert Closing.objects.get().helpers == 2 and Enrolment.objects.get(user=guest).participation == P.STAFF
    receipt = client.get(reverse("hours:receipt", args=[course.code])).content.decode()
    assert "工作人員" in receipt and "未報名到場</span>" not in receipt


def test_the_api_closes_with_lecturers_and_shows_the_kinds_apart() -> None:
    course, row, lecturer, _helper = held()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_key(course.handler.user)}")
    url = f"/api/v1/unit/courses/{course.code}/close/"
    one = {"person": lecturer.email, "hours": "2.0", "participation": "lecturer"}
    body: dict[str, Any] = {
        "request_key": "k",
        "marks": [{"enrolment": row.pk, "state": "attended", "hours": "3"}],
    }
    refused = client.post(url, body | {"walk_ins": [one | {"participation": "odd"}]}, format="json")
    assert refused.status_code == 400
    done = client.post(url, body | {"walk_ins": [one]}, format="json").json()
    assert (done["hours_total"], done["helpers"], done["helper_hours"]) == ("3.0", 1, "2.0")
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_key(lecturer)}")
    [year] = client.get("/api/v1/me/hours/").json()["results"]
    assert (year["hours"], year["lecturer_hours"], year["staff_hours"]) == ("0.0", "2.0", "0.0")
    [mine] = client.get("/api/v1/me/enrolments/").json()["results"]
    assert (mine["participation"], mine["state"]) == ("lecturer", "attended")


def test_a_lecturers_record_shows_the_kind_and_sums_it_apart(client: Client) -> None:
    course, _row, lecturer, _helper = closed()
    person = lecturer.user
    enrolled = make_enrolment(third := make_course(ago=3), person)
    close(third, key="third")
    year = course.year or 0
    record = teacher.record_of_year(person.pk, year)
    assert (record.hours, record.helper_hours, len(record.earned)) == (3, 2, 2)
    assert [row.pk for row in record.taken] == [enrolled.pk]
    assert teacher.hours_by_year(person.pk) == [teacher.YearHours(year, THREE, TWO)]
    assert sum(total for _topic, total in teacher.hours_by_topic(person.pk, year)) == 3
    client.force_login(person)
    page = client.get(reverse("hours:me")).content.decode()
    assert "另有擔任講師或工作人員時數 2 小時" in page
    page = client.get(reverse("hours:my_record"), {"year": year}).content.decode()
    assert "擔任講師或工作人員時數合計" in page and "講師" in page
    table = b"".join(client.get(reverse("hours:my_record"), {"year": year, "download": "csv"})).decode()
    assert "時數類別" in table and table.count("講師") == 1 and table.count("參加") == 1


def test_nothing_but_the_hours_counts_lecturers_and_staff() -> None:
    course, row, lecturer, helper = closed(questionnaire="voluntary")
    receipt = receipt_of(course, Closing.objects.get())
    assert (receipt.totals.attended, receipt.totals.hours, receipt.totals.helper_hours) == (1, 3, 3)
    assert not receipt.is_corrected and (receipt.turnout.enrolled, receipt.turnout.walk_ins) == (1, 0)
    [of_year] = closed_of_year(course.unit_id, course.year or 0)
    assert (of_year.turnout.came, of_year.turnout.walk_ins, of_year.hours, of_year.helper_hours) == (
        1,
        0,
        3,
        3,
    )
    assert summed([of_year]).helper_hours == 3
    assert [one.name for one in expected(course, clock.today())] == [row.user.name]
    assert message_readers.numbers(course)[MessageTo.PRESENT] == 1
    assert [one.pk for one in message_readers.readers(course, MessageTo.PRESENT)] == [row.pk]
    assert participants.people_of(course) == [row.user]
    assert not surveys.answerable(lecturer.user_id).exists() and surveys.results_of(course).present == 1
    assert surveys.answerable(row.user_id).exists()
    assert teacher_light(lecturer.user_id).absences == 0
    more = make_course(ago=2, hours=Decimal(34))
    assert beyond_the_week(more, {lecturer.user_id: Decimal(34)}) == {}


def test_the_list_of_the_units_courses_counts_participants_alone(client: Client) -> None:
    course, *_rows = closed()
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:unit_courses"), {"year": course.year})
    assert [row.course.people for row in page.context["rows"]] == [1]


def test_hours_of_a_lecturer_are_corrected_and_taken_back_but_never_by_absence() -> None:
    course, _row, lecturer, _helper = closed()
    by, facts = acting(course.handler), {"hours": Decimal(1), "reason": "實際一小時"}
    with pytest.raises(HelperNotAbsent):
        corrections.correct(enrolment=lecturer, by=by, state=S.ABSENT, **facts)
    credit = corrections.correct(enrolment=lecturer, by=by, state=S.ATTENDED, **facts)
    assert credit and (credit.hours, credit.participation) == (-1, P.LECTURER)
    with pytest.raises(NothingToCorrect):
        corrections.correct(enrolment=lecturer, by=by, state=S.ATTENDED, participation="lecturer", **facts)
    assert "講師" in Notice.objects.get(kind="hours_corrected").body
    corrections.correct(enrolment=lecturer, by=by, state=S.EXCUSED, hours=Decimal(0), reason="未到")
    lecturer.refresh_from_db()
    assert (lecturer.state, lecturer.credits.total()) == (S.EXCUSED, 0) and sound()
    with pytest.raises(HoursIssued):
        withdrawal.withdraw(course=course, by=by, reason="other", text="重複")


def test_a_wrong_kind_is_corrected_and_the_old_certificate_says_so() -> None:
    course, row, lecturer, _helper = closed()
    by = acting(course.handler)
    [old] = certificates.certify(course=course, by=by, enrolment_ids=[lecturer.pk])
    assert participation_words(old, course).startswith("擔任「") and "講師，時數共計2" in participation_words(
        old, course
    )
    facts = {"state": S.ATTENDED, "hours": TWO, "reason": "為參加者"}
    corrections.correct(enrolment=lecturer, by=by, participation=P.PARTICIPANT, **facts)
    moves = lecturer.credits.values_list("kind", "participation", "hours")
    assert list(moves) == [
        ("issued", "lecturer", 2),
        ("revoked", "lecturer", -2),
        ("corrected", "participant", 2),
    ]
    [new] = certificates.certify(course=course, by=by, enrolment_ids=[lecturer.pk])
    assert new != old and participation_words(new, course).startswith("參加「")
    found = verified(old.token)
    assert found and found.state == "corrected" and verified(new.token).state == "valid"  # type: ignore[union-attr]
    # Who enrolled keeps the place that the list gave: only the kind of the hours changes.
    corrections.correct(enrolment=row, by=by, participation=P.STAFF, **facts)
    row.refresh_from_db()
    course.refresh_from_db()
    assert (row.participation, course.seats_taken) == (P.STAFF, 1) and sound()


@pytest.mark.parametrize("state", [S.CANCELLED, S.DECLINED])
def test_a_person_without_a_place_gets_no_hours_by_a_change_of_the_kind(client: Client, state: S) -> None:
    course, *_rows = closed()
    row = make_enrolment(course, state=state)
    client.force_login(course.handler.user)
    form = {
        "enrolment": row.pk,
        "state": "attended",
        "hours": "2",
        "reason": "x",
        "participation": "lecturer",
    }
    assert client.post(reverse("hours:correct", args=[course.code]), form).status_code == 200
    with pytest.raises(CannotAdmit):
        corrections.correct(
            enrolment=row,
            by=acting(course.handler),
            state=S.ATTENDED,
            hours=TWO,
            reason="x",
            participation=P.LECTURER,
        )
    row.refresh_from_db()
    assert row.state == state and not row.credits.exists() and sound()


def test_a_forgotten_lecturer_is_added_after_closing(client: Client) -> None:
    course, row, _lecturer, _helper = closed()
    person, by = make_user(name="後補講師"), acting(course.handler)
    facts = {"hours": TWO, "reason": "漏列", "participation": P.LECTURER}
    credit = corrections.add_person(course=course, person=Typed(person.email), by=by, **facts)
    assert credit and credit.participation == P.LECTURER and sound()
    with pytest.raises(ListedAsOther):
        corrections.add_person(course=course, person=row.user, by=by, **facts)
    assert receipt_of(course, Closing.objects.get()).totals.helpers == 3
    client.force_login(course.handler.user)
    url = reverse("hours:correct", args=[course.code])
    form = {"person": row.user.email, "hours": "1", "reason": "漏列", "participation": "staff"}
    assert "請於此人該列更正" in client.post(url, form).content.decode()
    added = Enrolment.objects.get(user=person)
    absent = {
        "enrolment": added.pk,
        "state": "absent",
        "hours": "",
        "reason": "x",
        "participation": "lecturer",
    }
    assert "不列為未參與" in client.post(url, absent).content.decode()


def test_a_lecturer_objects_and_the_answer_corrects_hours_of_that_kind() -> None:
    course, _row, lecturer, _helper = closed()
    objection = objections.object_to(course=course, by=Actor(lecturer.user), text="講了三小時")
    right = objections.Correction(S.ATTENDED, THREE)
    objections.answer(objection=objection, by=acting(course.handler), text="補一小時", correction=right)
    assert lecturer.credits.order_by("pk").last().participation == P.LECTURER  # type: ignore[union-attr]
    assert teacher.hours_by_year(lecturer.user_id)[0].helper_hours == 3


def test_a_guest_lecturer_is_certified_by_the_kind(client: Client) -> None:
    course = make_course(ago=2)
    lead = acting(make_lead(course.unit))
    guest = guests.enter(unit=course.unit, facts=GuestFacts("林外聘", "某某大學"), by=lead)
    sheet = Sheet("k", {}, [WalkIn.of(guest.pk, TWO, P.LECTURER)])
    close_course(course=course, by=acting(course.handler), sheet=sheet)
    [made] = certificates.certify(course=course, by=acting(course.handler))
    assert (made.participation, made.unit_name) == (P.LECTURER, "某某大學")
    page = client.get(reverse("hours:verify"), {"code": made.token}).content.decode()
    assert "講師" in page and "林外聘" not in page


def test_the_answer_to_a_forgotten_lecturer_chooses_the_kind(client: Client) -> None:
    course, _row, _lecturer, _helper = closed()
    forgotten, other = make_user(), make_user()
    objection = objections.object_to(course=course, by=Actor(forgotten), text="當天擔任講師")
    client.force_login(course.handler.user)
    path = reverse("hours:answer_objection", args=[objection.pk])
    reply = {"text": "補登", "state": "attended", "hours": "2", "participation": "lecturer"}
    refused = client.post(path, reply | {"hours": "99"}).content.decode()
    assert '<option value="lecturer" selected>' in refused
    client.post(path, reply)
    [credit] = HourCredit.objects.filter(user=forgotten)
    assert (credit.participation, credit.hours) == (P.LECTURER, 2)
    # The same by the API, which says nothing of the kind for a participant.
    objection = objections.object_to(course=course, by=Actor(other), text="當天在場")
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {make_key(course.handler.user)}")
    url = f"/api/v1/unit/objections/{objection.pk}/answer/"
    assert program.post(url, reply | {"participation": "odd"}, format="json").status_code == 400
    assert program.post(url, reply | {"participation": "staff"}, format="json").status_code == 200
    assert HourCredit.objects.get(user=other).participation == P.STAFF and sound()


def test_the_api_names_a_lecturer_of_wrong_hours_by_the_kind() -> None:
    course, row, lecturer, helper = held()
    marks = {row.pk: Mark.of(S.ATTENDED, THREE)}
    typed = [
        WalkIn.of(Typed(lecturer.email), TWO, P.LECTURER),
        WalkIn.of(Typed(helper.email), THREE * 2, P.STAFF),
    ]
    with pytest.raises(BadHours, match="第 2 位（工作人員）"):
        close_course(course=course, by=acting(course.handler), sheet=Sheet("k", marks, typed))
    typed[1] = WalkIn.of(Typed(helper.email), THREE * 2)
    with pytest.raises(BadHours, match="第 2 位未報名到場者"):
        close_course(course=course, by=acting(course.handler), sheet=Sheet("k", marks, typed))
