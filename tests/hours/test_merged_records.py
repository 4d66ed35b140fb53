"""Two records of one person are read together: home, record, light, unit, files, API, log-in. A course counts once."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import merging
from accounts.actions.staff import person_known_as
from accounts.models import Affiliation, BusinessAccount, User
from accounts.queries.persons import persons_of
from accounts.queries.record import about_person
from audit.models import AuditEvent
from checks.invariants import seat_counters
from courses.actions import enrolments, postponements, suspensions
from courses.actions.course_changes import notify_changes
from courses.actions.suspensions import SuspensionFacts
from courses.actions.withdrawal import withdraw
from courses.enums import EnrolmentState as S
from courses.enums import Participation, WithdrawalReason
from courses.errors import AlreadyEnrolled
from courses.models import Course, Enrolment, Session
from courses.models.typed import read_typed
from courses.queries import enrolment_offer, message_readers
from courses.queries.answers import answers_of
from courses.queries.audiences import who_may_move_up
from courses.queries.away import away_in
from courses.queries.changes import Change
from courses.queries.enrolment_facts import enrolment_facts, enrolment_facts_by_queryset
from courses.queries.lights import teacher_light, teacher_lights
from courses.queries.people import found_by
from courses.queries.sign_in_sheets import expected
from courses.queries.undecided import undecided
from hours.actions import attendance, corrections, missed_signs, objections
from hours.actions.closing import close_course
from hours.actions.objections import Correction
from hours.enums import SignKind
from hours.errors import AlreadyListed, ListChanged, ObjectionOpen, ObjectionSettled
from hours.forms.closing import admitted, fresh, restored
from hours.models import Attendance, Certificate, ClosingDraft, HourCredit, Objection, Sheet, WalkIn
from hours.presenters import record_table
from hours.queries import records, teacher
from hours.queries.attendance import attendance_of, signs_of
from hours.queries.credited import left_on, net_of
from hours.queries.own_attendance import open_sessions, own_reports, own_sessions
from hours.queries.session_list import Counts, changed_since, counts_of, session_list
from hours.queries.turnout import closed_of_year
from kit import clock
from kit.periods import Period
from notices import outbox
from notices.models import Notice
from signin import education
from tests.api.client import api
from tests.factories import (
    PASSWORD,
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_key,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    sheet_with,
)

pytestmark = pytest.mark.django_db
YEAR = clock.this_year()
PERIOD = Period(YEAR)


@pytest.fixture
def by() -> Actor:
    return acting(make_operator())


def merge(person: User, second: User, by: Actor) -> None:
    merging.merge(person=person, second=second, by=by, reason="同一人")


def held(*people: tuple[User, str, str], ago: int = 5) -> Course:
    """Return a closed course with people, their outcomes and hours."""
    course = make_course(ago=ago)
    rows = {make_enrolment(course, person).pk: (state, hours) for person, state, hours in people}
    sheet = replace(sheet_with(rows), request_key="key")
    close_course(course=course, by=acting(course.handler), sheet=sheet)
    return course


def total(person: User) -> Decimal:
    return teacher.record_of_year(person.pk, YEAR).hours


def test_hours_of_both_records_are_one_sum(by: Actor) -> None:
    person, second, other = make_user(), make_user(), make_user()
    held((person, S.ATTENDED, "3"), (other, S.ATTENDED, "3"))
    held((second, S.ATTENDED, "2"), ago=6)
    merge(person, second, by)
    assert total(person) == 5 and total(other) == 3
    assert [row.hours for row in teacher.years_with_hours(person.pk)] == [5]
    assert sum(hours for _topic, hours in teacher.hours_by_topic(person.pk, YEAR)) == 5
    assert sum(net_of(row) for row in teacher.earned(person.pk, YEAR)) == 5
    merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="誤併")
    assert total(person) == 3 and total(second) == 2


def test_a_course_of_both_counts_once(by: Actor) -> None:
    person, second = make_user(), make_user()
    held((person, S.ATTENDED, "3"), (second, S.ATTENDED, "3"))
    merge(person, second, by)
    assert total(person) == 3
    assert [row.hours for row in teacher.hours_by_year(person.pk)] == [3]
    assert teacher.earned(person.pk, YEAR).count() == 1


def test_the_certificate_of_a_course_of_the_second_record_is_the_persons(client: Client, by: Actor) -> None:
    person, second = make_user(), make_user()
    course = held((second, S.ATTENDED, "3"))
    both = held((person, S.ABSENT, ""), (second, S.ATTENDED, "3"), ago=6)
    client.force_login(person)
    url = reverse("hours:my_certificate", args=[course.code])
    assert client.post(url).status_code == 404
    merge(person, second, by)
    assert client.post(url)["Content-Type"] == "application/pdf"
    assert client.post(reverse("hours:my_certificate", args=[both.code])).status_code == 200
    assert Certificate.objects.filter(enrolment__user=second).count() == 2


@pytest.mark.parametrize("first_comes", [True, False])
def test_attended_counts_before_absent(by: Actor, first_comes: bool) -> None:
    person, second = make_user(), make_user()
    states = [(S.ATTENDED, "3"), (S.ABSENT, "")]
    mine, theirs = states if first_comes else states[::-1]
    held((person, *mine), (second, *theirs))
    assert teacher_light(person.pk).absences + teacher_light(second.pk).absences == 1
    merge(person, second, by)
    assert teacher_light(person.pk).absences == 0 and total(person) == 3
    assert not teacher.record_of_year(person.pk, YEAR).absences


def test_an_absence_of_both_counts_once_and_those_of_two_courses_twice(by: Actor) -> None:
    person, second, third = make_user(), make_user(), make_user()
    held((person, S.ABSENT, ""), (second, S.ABSENT, ""), (third, S.ABSENT, ""))
    held((second, S.ABSENT, ""), ago=6)
    merge(person, second, by)
    merge(person, third, by)
    lights = teacher_lights([person.pk, make_user().pk], YEAR)
    assert [light.absences for light in lights.values()] == [2, 0]
    assert len(teacher.record_of_year(person.pk, YEAR).absences) == 2


def test_the_units_record_has_the_person_once_with_the_hours_of_both(by: Actor) -> None:
    unit = make_unit()
    person, second = make_user("陳曉雯", unit=unit), make_user("陳小雯")
    stranger = make_user("王無關")
    course = held((person, S.ATTENDED, "3"), (second, S.ATTENDED, "3"), (stranger, S.ATTENDED, "3"))
    alone = held((second, S.ATTENDED, "2"), ago=6)
    merge(person, second, by)
    rows = list(records.records(unit.pk, PERIOD))
    assert [(row.course, net_of(row)) for row in rows] == [(alone, Decimal(2)), (course, Decimal(3))]
    assert records.people_served(unit.pk, PERIOD) == 1
    lines = list(record_table.export_rows(records.records(unit.pk, PERIOD)))
    assert [line[0] for line in lines] == ["陳曉雯", "陳曉雯"]
    lines = list(record_table.county_rows(records.county_records(unit.county_id or 0, PERIOD)))
    assert len({line[-1] for line in lines}) == 1 and len(lines) == 2


def test_a_place_of_the_second_shows_the_hours_of_the_first(by: Actor) -> None:
    unit = make_unit()
    person, second = make_user(), make_user(unit=unit)
    held((person, S.ATTENDED, "3"))
    merge(person, second, by)
    Affiliation.objects.filter(user=person).delete()
    [row] = records.records(unit.pk, PERIOD)
    assert net_of(row) == 3 and left_on(row) == clock.today() - timedelta(days=1)
    assert records.people_served(unit.pk, PERIOD) == 1


def test_the_pages_of_a_person_read_all_records_in_the_queries_of_two(client: Client, by: Actor) -> None:
    person, second, third = make_user(), make_user(), make_user()
    course = held((second, S.ATTENDED, "2"))
    held((person, S.ATTENDED, "3"), ago=6)
    held((third, S.ATTENDED, "1"), ago=8)
    client.force_login(person)
    paths = [reverse("hours:me"), reverse("hours:my_record"), reverse("accounts:my_record")]

    def queries() -> list[int]:
        counts = []
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                client.get(path)
            counts.append(len(caught))
        return counts

    alone = queries()
    merge(person, second, by)
    home, *others = queries()
    # The home of one record is read by statements that are written out (`home_rows`).
    assert others == alone[1:] and alone[0] < home <= 12
    merge(person, third, by)
    assert queries() == [home, *others]
    assert course.title in client.get(paths[0]).content.decode()
    assert course.title in client.get(paths[1]).content.decode()
    assert about_person(person.pk).filter(action="course.close").count() == 3
    key = make_key(person)
    head = {"Authorization": f"Bearer {key}"}
    codes = [row["course"] for row in client.get("/api/v1/me/enrolments/", headers=head).json()["results"]]
    assert course.code in codes


def test_enrolments_of_the_second_are_cancelled_and_objected_to_by_the_first(
    client: Client, by: Actor
) -> None:
    person, second = make_user(), make_user()
    ahead, over = make_course(), held((second, S.ATTENDED, "2"))
    row = enrolments.enrol(code=ahead.code, by=Actor(second))
    merge(person, second, by)
    me = Actor(person)
    assert [one.pk for one in teacher.live(person.pk)] == [row.pk]
    facts = (ahead.code, person.pk, clock.today())
    assert enrolment_facts(*facts) == enrolment_facts_by_queryset(*facts)
    with pytest.raises(AlreadyEnrolled):
        enrolments.enrol(code=ahead.code, by=me)
    enrolments.cancel(course=ahead, by=me)
    assert enrolments.enrol(code=ahead.code, by=me).user == person
    client.force_login(person)
    client.post(reverse("hours:object", args=[over.code]), {"text": "時數不對"})
    assert Objection.objects.get().user == person
    assert "時數不對" in client.get(reverse("hours:me")).content.decode()
    gets = objections.Correction(S.ATTENDED, Decimal(3))
    handler = acting(over.handler)
    objections.answer(objection=Objection.objects.get(), by=handler, text="更正。", correction=gets)
    [row] = over.enrolments.all()
    assert (row.user, sum(credit.hours for credit in row.credits.all())) == (second, Decimal(3))


def test_what_the_second_has_objected_to_is_the_firsts(by: Actor) -> None:
    person, second = make_user(), make_user()
    course = held((second, S.ATTENDED, "2"))
    row, clerk, lead = course.enrolments.get(), acting(course.handler), acting(make_lead(course.unit))
    said = objections.object_to(course=course, by=Actor(second), text="時數不對")
    merge(person, second, by)
    with pytest.raises(ObjectionOpen):
        objections.object_to(course=course, by=Actor(person), text="時數不對")
    objections.answer(objection=said, by=clerk, text="依簽到紀錄核給。")
    with pytest.raises(ObjectionSettled):
        objections.object_to(course=course, by=Actor(person), text="時數不對")
    mine, asked = "/api/v1/me/objections/", {"text": "請複查"}
    program = api(person)
    assert [row["id"] for row in program.get(mine).json()["results"]] == [said.pk]
    reviewed = program.post(f"{mine}{said.pk}/review/", asked, format="json").json()
    assert reviewed["review_text"] == "請複查"
    objections.answer(objection=said, by=lead, text="維持原核定。")
    corrections.correct(enrolment=row, by=clerk, state=S.ATTENDED, hours=Decimal(1), reason="早退")
    assert objections.object_to(course=course, by=Actor(person), text="我沒有早退").user == person


@pytest.mark.parametrize("by_second", [True, False])
def test_an_answer_corrects_the_outcome_that_counts_whichever_record_objected(
    client: Client, by: Actor, by_second: bool
) -> None:
    person, second = make_user(), make_user()
    raising, enrolled = (second, person) if by_second else (person, second)
    course = held((raising, S.ABSENT, ""), (enrolled, S.ATTENDED, "2"))
    row = course.enrolments.get(user=enrolled)
    clerk = acting(course.handler)
    lecturer = Participation.LECTURER
    kind = {"participation": lecturer, "reason": "擔任講師"}
    corrections.correct(enrolment=row, by=clerk, state=S.ATTENDED, hours=Decimal(2), **kind)
    said = objections.object_to(course=course, by=Actor(raising), text="應為 3 小時")
    merge(person, second, by)
    client.force_login(course.handler.user)
    page = client.get(reverse("hours:objections"))
    [view] = page.context["waiting"]
    assert (view.enrolment, view.hours) == (row, 2)
    assert '<option value="lecturer" selected>' in page.content.decode()
    fixed = Correction(S.ATTENDED, Decimal(3))
    objections.answer(objection=said, by=clerk, text="補登。", correction=fixed)
    row.refresh_from_db()
    assert (row.participation, sum(row.credits.values_list("hours", flat=True))) == (lecturer, 3)
    assert course.enrolments.count() == 2 and not raising.enrolments.get().credits.exists()


def test_a_forgotten_person_who_was_merged_since_is_added_as_the_person(by: Actor) -> None:
    person, second = make_user(), make_user()
    course = held((make_user(), S.ATTENDED, "2"))
    said = objections.object_to(course=course, by=Actor(second), text="當天在場")
    merge(person, second, by)
    fixed = Correction(S.ATTENDED, Decimal(3))
    objections.answer(objection=said, by=acting(course.handler), text="補登。", correction=fixed)
    assert HourCredit.objects.get(user=person).hours == 3


def log_in(client: Client, login: str, password: str = PASSWORD) -> bool:
    client.logout()
    client.post(reverse("account_login"), {"login": login, "password": password})
    return "_auth_user_id" in client.session


def test_log_in_with_the_second_leads_to_the_first(client: Client, by: Actor) -> None:
    person = make_user()
    account = make_account(ended_at=clock.now(), valid_until=clock.today())
    second = account.user
    second.set_password("another-long-word")
    second.save()
    merge(person, second, by)
    for login in (second.email.upper(), account.number):
        assert log_in(client, login)
        assert client.session["_auth_user_id"] == str(person.pk)
        assert not log_in(client, login, "another-long-word")
    client.post(reverse("account_reset_password"), {"email": second.email})
    outbox.drain_all()
    assert person.email in {to for one in mail.outbox for to in one.to}


def test_an_education_log_in_of_the_second_leads_to_the_first(by: Actor) -> None:
    person, second = make_user(), make_user()
    second.set_national_id("A123456789")
    second.save()
    merge(person, second, by)
    claims = {"sub": "x", "national": "A123456789", "email": second.email, "email_verified": True}
    assert education.match(claims, {"national_id_claim": "national"}) == person
    assert education.match(claims, {"trusts_email": True}) == person


def test_staff_and_clerks_find_the_first(by: Actor) -> None:
    person, second = make_user("陳曉雯"), make_user("陳小雯")
    second.set_national_id("A123456789")
    second.save()
    merge(person, second, by)
    for typed in (second.email, "A123456789", f"陳小雯 {second.email}", f"陳曉雯 {second.email}"):
        assert found_by([read_typed(typed)], 0) == [person]
    assert found_by([read_typed(f"王小明 {second.email}")], 0) == [None]
    assert person_known_as(second.email) == person
    assert list(persons_of(person.pk).values_list("pk", flat=True).order_by("pk")) == [person.pk, second.pk]
    assert not BusinessAccount.objects.exclude(user=by.user).exists() and make_lead()


def test_two_live_enrolments_are_both_shown_and_one_is_cancelled_after_the_other(by: Actor) -> None:
    person, second, ahead = make_user(), make_user(), make_course()
    for one in (person, second):
        enrolments.enrol(code=ahead.code, by=Actor(one))
    merge(person, second, by)
    assert len(teacher.live(person.pk)) == 2
    for left in (1, 0):
        enrolments.cancel(course=ahead, by=Actor(person))
        assert Enrolment.objects.live().filter(course=ahead).count() == left


@pytest.mark.parametrize("second_waits", [True, False])
def test_of_two_live_enrolments_the_place_counts_not_the_earlier(by: Actor, second_waits: bool) -> None:
    person, second = make_user(), make_user()
    course = make_course()
    states = [S.ADMITTED, S.WAITLISTED] if second_waits else [S.WAITLISTED, S.ADMITTED]
    later = make_enrolment(course, second, states[1])
    earlier = make_enrolment(course, person, states[0])
    merge(person, second, by)
    [counts] = Enrolment.objects.of_person(person.pk).counting_once()
    assert counts == (earlier if second_waits else later) and counts.state == S.ADMITTED
    cancelled = enrolments.cancel(course=course, by=Actor(User.objects.get(pk=person.pk)))
    assert cancelled == counts


@pytest.mark.parametrize("state", [S.ADMITTED, S.DECLINED])
def test_the_page_of_a_course_knows_the_enrolment_of_the_other_record(
    by: Actor, client: Client, state: S
) -> None:
    person, second = make_user(), make_user()
    course = make_course()
    make_enrolment(course, second, state)
    merge(person, second, by)
    client.force_login(person)
    page = client.get(reverse("courses:public", args=[course.code])).context
    assert not page["offer"].is_open and page["mine"].user == second
    with pytest.raises(AlreadyEnrolled):
        enrolments.enrol(code=course.code, by=Actor(person))
    [row] = enrolment_offer.with_own_state(Course.objects.filter(pk=course.pk), person.pk)
    assert enrolment_offer.own_state_of(row).my_state == state


def running() -> tuple[Course, Session]:
    course = make_course(day=clock.today())
    session = course.sessions.get()
    session.starts_at = clock.now() - timedelta(minutes=5)
    session.save()
    return course, session


def test_a_person_signs_once_for_the_record_that_is_enrolled(by: Actor) -> None:
    person, second = make_user(), make_user()
    course, session = running()
    make_enrolment(course, second)
    merge(person, second, by)
    me = Actor(User.objects.get(pk=person.pk))
    [own] = open_sessions(person.pk, clock.now())
    assert own.is_listed and own.listed_as == second.pk
    first = attendance.sign(session=session, kind=SignKind.IN, by=me, at=clock.now())
    again = attendance.sign(session=session, kind=SignKind.IN, by=me, at=clock.now())
    assert first == again and first.user_id == second.pk
    found = session_list(course, session)
    assert (found.expected, found.came, len(found.rows)) == (1, 1, 1)
    assert own_sessions(person.pk, [session])[0].came == first


def test_a_sign_from_before_the_merge_counts_for_the_enrolled_record(by: Actor) -> None:
    person, second = make_user(), make_user()
    course, session = running()
    make_enrolment(course, second)
    sign = attendance.sign(session=session, kind=SignKind.IN, by=Actor(person), at=clock.now())
    assert session_list(course, session).expected == 1 and len(session_list(course, session).rows) == 2
    merge(person, second, by)
    [row] = session_list(course, session).rows
    assert (row.person, row.came, row.is_listed) == (second, sign, True)
    assert attendance_of(course).signs_of(second.pk) and counts_of(course, session).came == 1
    assert signs_of(course) == attendance_of(course).by_person
    assert changed_since(session, clock.now()) == {second.pk}
    hand = [attendance.HandSign(second.pk, SignKind.IN)]
    assert not attendance.sign_by_hand(session=session, by=acting(course.handler), signs=hand)


def test_signs_of_two_records_without_enrolment_are_one_person(by: Actor) -> None:
    """One walk-in of the closing sheet, with the earlier sign; one person of the unit's year; no stay of a lecturer."""
    person, second, lecturer, also = make_user(), make_user(), make_user(), make_user()
    course, session = running()
    for record in (person, second, also):
        attendance.sign(session=session, kind=SignKind.IN, by=Actor(record), at=clock.now())
    merge(person, second, by)
    merge(lecturer, also, by)
    Session.objects.filter(pk=session.pk).update(ends_at=clock.now())
    course.ends_at = clock.now()
    course.save(update_fields=["ends_at"])
    page = fresh(course, Decimal("0.5"))
    assert [row.person for row in page.walk_ins] == [person, lecturer]
    first, last = Attendance.objects.filter(user__in=[person, second]).order_by("at")
    found = attendance_of(course).signs_of(person.pk)[session.pk].signed_in
    assert found == first.at < last.at
    walk_ins = [WalkIn.of(person.pk, Decimal(3)), WalkIn.of(lecturer.pk, Decimal(1), Participation.LECTURER)]
    close_course(course=course, by=acting(course.handler), sheet=replace(page.sheet, walk_ins=walk_ins))
    [row] = closed_of_year(course.unit_id, course.year or 0)
    assert (row.turnout.walk_ins, row.turnout.signed) == (1, 1)


def test_a_walk_in_of_a_draft_who_is_enrolled_by_another_record_is_on_the_list(by: Actor) -> None:
    person, second = make_user(), make_user()
    course = make_course(ago=2)
    kept = ClosingDraft(course=course, walk_ins={str(person.pk): "3"})
    make_enrolment(course, second)
    assert len(restored(course, Decimal("0.5"), kept).walk_ins) == 1
    merge(person, second, by)
    page = restored(course, Decimal("0.5"), kept)
    assert not page.walk_ins and len(page.problems) == 1


def test_two_enrolled_records_are_one_line_of_the_list(by: Actor) -> None:
    person, second = make_user(), make_user()
    course, session = running()
    make_enrolment(course, second)
    make_enrolment(course, person)
    for one in (person, second):
        attendance.sign(session=session, kind=SignKind.IN, by=Actor(one), at=clock.now())
    merge(person, second, by)
    [row] = session_list(course, session).rows
    assert row.person == second and row.came and counts_of(course, session) == Counts(1, 1, 0)


def test_a_missed_sign_is_reported_for_the_enrolled_record(by: Actor) -> None:
    person, second = make_user(), make_user()
    course, session = running()
    make_enrolment(course, second)
    merge(person, second, by)
    me = Actor(User.objects.get(pk=person.pk))
    report = missed_signs.report(session=session, by=me, text="手機沒電")
    assert report.user_id == second.pk and own_reports(person.pk) == [report]
    missed_signs.decide(report=report, by=acting(course.handler), accept=True)
    assert session_list(course, session).came == 1


def test_two_places_of_one_person_are_closed_as_one_row(client: Client, by: Actor) -> None:
    """Sheet, lists, sign-in sheet and counts have the person once; the other place is given back at the closing."""
    person, second, other = make_user(), make_user(), make_user()
    course = make_course(ago=2)
    first = make_enrolment(course, person)
    double, alone = make_enrolment(course, second), make_enrolment(course, other)
    merge(person, second, by)
    assert [row.pk for row in admitted(course)] == [first.pk, alone.pk]
    assert course.ends_on and len(expected(course, course.ends_on)) == 2
    assert (
        message_readers.numbers(course)["admitted"]
        == 2
        == message_readers.readers(course, "admitted").count()
    )
    assert [row.enrolment.pk for row in answers_of(course).people] == [first.pk, alone.pk]
    assert course.handler
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:applicants", args=[course.code])).content.decode()
    assert second.name not in page and "同一人" in page
    assert client.get(reverse("courses:detail", args=[course.code])).context["people"] == 2
    listed = api(course.handler.user).get(f"/api/v1/unit/courses/{course.code}/sheet/").json()
    assert {row["id"] for row in listed["results"]} == {first.pk, alone.pk}
    with pytest.raises(ListChanged):
        close_course(course=course, by=acting(course.handler), sheet=full_sheet(first, double, alone))
    with pytest.raises(AlreadyListed):
        walked = replace(full_sheet(first, alone), walk_ins=[WalkIn.of(second.pk, Decimal("3"))])
        close_course(course=course, by=acting(course.handler), sheet=walked)
    closing = close_course(course=course, by=acting(course.handler), sheet=full_sheet(first, alone))
    assert (closing.attended, closing.hours_total) == (2, Decimal("6"))
    double.refresh_from_db()
    course.refresh_from_db()
    assert double.state == S.CANCELLED and course.seats_taken == 2 and seat_counters() == 0
    assert AuditEvent.objects.get(action="enrolment.double").object_id == str(double.pk)
    assert (
        total(person) == 3 and Notice.objects.for_person(person.pk).filter(kind="hours_issued").count() == 1
    )


def test_nothing_is_given_back_in_a_course_closed_before_the_merge(client: Client, by: Actor) -> None:
    person, second = make_user(), make_user()
    course = held((person, S.ATTENDED, "3"), (second, S.ATTENDED, "3"))
    merge(person, second, by)
    assert course.handler
    client.force_login(course.handler.user)
    page = client.get(reverse("courses:applicants", args=[course.code]))
    assert len(page.context["applicants"]) == 1 and page.context["doubles"] == 0


def test_who_waits_under_another_record_is_not_notified_of_the_end(by: Actor) -> None:
    person, second = make_user(), make_user()
    course = make_course(ago=2)
    first = make_enrolment(course, person)
    waiting = make_enrolment(course, second, S.WAITLISTED)
    merge(person, second, by)
    assert not undecided(course).exists()
    close_course(course=course, by=acting(course.handler), sheet=full_sheet(first))
    waiting.refresh_from_db()
    assert waiting.state == S.CANCELLED and not Notice.objects.filter(kind="course_over").exists()


def full_sheet(*rows: Enrolment) -> Sheet:
    return replace(sheet_with({row.pk: (S.ATTENDED, "3") for row in rows}), request_key="key")


def test_a_person_with_two_places_gets_one_notice_of_what_happens_to_the_course(by: Actor) -> None:
    """Of an enrolment with a place and one that waits, the place counts; the notices of both records are in one inbox."""
    person, second, other = make_user(), make_user(), make_user()
    course = make_course()
    make_enrolment(course, person, state=S.WAITLISTED)
    make_enrolment(course, second)
    make_enrolment(course, other)
    merge(person, second, by)
    assert who_may_move_up(course) == []
    handler = acting(course.handler)
    notify_changes(course, [Change("fee", 0, 200)], handler, clock.now())
    county = make_officer(course.unit.county)
    facts = SuspensionFacts(county=course.unit.county, name="颱風", day=course.starts_on)
    row, _job = suspensions.announce(by=acting(county), facts=facts)
    postponements.postpone_some(by=acting(county), suspension=row)
    withdraw(course=course, by=handler, reason=WithdrawalReason.NOT_HELD)
    for kind in ("course_changed", "course_postponed", "course_withdrawn"):
        told = Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True)
        assert sorted(told) == sorted((second.pk, other.pk)), kind
    assert {row.state for row in course.enrolments.all()} == {S.CANCELLED}
    people = AuditEvent.objects.get(action="course.withdraw").subjects.values_list("person_id", flat=True)
    assert set(people) >= {person.pk, second.pk, other.pk}


def test_a_course_of_the_second_is_in_the_weeks_list_of_the_firsts_school(by: Actor) -> None:
    unit, monday = make_unit(), date(2026, 11, 30)
    person, second = make_user(unit=unit), make_user()
    course = make_course(day=date(2026, 12, 2))
    make_enrolment(course, second)
    assert not away_in([unit.pk], monday)
    merge(person, second, by)
    make_enrolment(course, person)
    [away] = away_in([unit.pk], monday)[unit.pk]
    assert away.row.person_id == person.pk


def test_the_countys_record_names_the_unit_at_which_the_person_of_a_merged_record_served(by: Actor) -> None:
    unit = make_unit()
    person, second = make_user(unit=unit), make_user()
    held((second, S.ATTENDED, "3"))
    merge(person, second, by)
    rows = records.county_records(unit.county_id or 0, PERIOD)
    assert [cells[:2] for cells in record_table.county_rows(rows)] == [[unit.code, unit.name]]
