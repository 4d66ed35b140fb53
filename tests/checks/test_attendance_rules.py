"""The invariants of attendance find each breach, made behind the actions' back, and are silent about what the actions do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent, AuditSubject
from checks import attendance as rules
from checks.invariants import RULES
from courses.actions import helpers
from courses.enums import EnrolmentState as S
from courses.enums import Participation as P
from courses.models import Course, CourseHelper, Enrolment, Session, YearlyPolicy
from hours.actions import attendance, closing, corrections
from hours.actions.attendance import HandSign
from hours.actions.closing import close_course
from hours.models import Attendance, HourCredit, Mark, Sheet, WalkIn
from hours.queries import deviations
from hours.queries.deviations import ACT
from kit import clock
from tests.factories import acting, make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def sign(session: Session, person: User, kind: str = "in", at: datetime | None = None, **facts: Any) -> None:
    moment = at or (session.starts_at if kind == "in" else session.ends_at)
    given = {"way": "scan", "recorded_at": moment, "recorded_by": person} | facts
    Attendance.objects.create(session=session, user=person, kind=kind, at=moment, **given)


def signed_course() -> tuple[Course, list[Enrolment]]:
    """A course that is over; of three people the first was there, the second left an hour early, the third did not come."""
    course = make_course(ago=3)
    rows, session = [make_enrolment(course) for _ in range(3)], course.sessions.get()
    for row in rows[:2]:
        sign(session, row.user)
    sign(session, rows[0].user, "out")
    sign(session, rows[1].user, "out", session.ends_at - timedelta(hours=1))
    return course, rows


def closed(
    marks: tuple[str, str, str] = (S.ATTENDED, S.ATTENDED, S.ABSENT),
) -> tuple[Course, list[Enrolment]]:
    """Close the course: the second person gets hours although the signs say otherwise."""
    course, rows = signed_course()
    sheet = {row.pk: Mark.of(state, course.hours) for row, state in zip(rows, marks, strict=True)}
    close_course(course=course, by=acting(course.handler), sheet=Sheet("k", sheet))
    return course, rows


def silent() -> bool:
    return not any(rule() for rule in RULES.values())


def test_a_closing_keeps_where_its_hours_differ_from_the_signs() -> None:
    _course, rows = closed()
    event = AuditEvent.objects.get(action=ACT)
    assert event.after["people"] == 1 and event.after["by_signs"] == {str(rows[1].pk): "0"}
    assert list(AuditSubject.objects.filter(event=event).values_list("person_id", flat=True)) == [
        rows[1].user_id
    ]
    assert silent()


def test_a_course_without_signs_keeps_no_comparison_and_is_no_breach() -> None:
    closed()
    course = make_course(ago=2)
    row = make_enrolment(course)
    marks = {row.pk: Mark.of(S.ATTENDED, course.hours)}
    close_course(course=course, by=acting(course.handler), sheet=Sheet("n", marks))
    assert AuditEvent.objects.filter(action=ACT).count() == 1 and silent()


def test_corrections_people_added_later_and_a_new_policy_are_no_breach() -> None:
    course, rows = closed()
    by = acting(course.handler)
    corrections.correct(enrolment=rows[0], by=by, state=S.ABSENT, hours=Decimal(0), reason="更正")
    corrections.correct(enrolment=rows[2], by=by, state=S.ATTENDED, hours=Decimal(3), reason="更正")
    corrections.correct(
        enrolment=rows[1], by=by, state=S.ATTENDED, hours=Decimal(3), reason="更正", participation=P.LECTURER
    )
    corrections.add_person(course=course, person=make_user(), by=by, hours=Decimal(3), reason="漏列")
    YearlyPolicy.objects.create(year=clock.this_year(), late_minutes=90, half_signed_counts=True)
    assert silent()


def test_walk_ins_lecturers_and_strangers_who_signed_are_no_breach() -> None:
    course, rows = signed_course()
    session, lecturer, walk_in, stranger = course.sessions.get(), make_user(), make_user(), make_user()
    by = acting(course.handler)
    helpers.name(course=course, by=by, people=[lecturer.pk], part=P.LECTURER)
    attendance.sign_by_hand(session=session, by=by, signs=[HandSign(lecturer.pk, "in")])
    sign(session, walk_in)
    sign(session, stranger)
    added = [WalkIn(walk_in.pk, "3", P.PARTICIPANT), WalkIn(lecturer.pk, "3", P.LECTURER)]
    marks = {row.pk: Mark.of(S.ATTENDED, course.hours) for row in rows}
    close_course(course=course, by=by, sheet=Sheet("w", marks, added))
    assert silent()
    # A lecturer who was signed in, and then taken off again, was named.
    other = make_course(ago=3)
    helpers.name(course=other, by=acting(other.handler), people=[lecturer.pk], part=P.STAFF)
    signs = [HandSign(lecturer.pk, "in")]
    attendance.sign_by_hand(session=other.sessions.get(), by=acting(other.handler), signs=signs)
    helpers.take_off(course=other, by=acting(other.handler), person=lecturer.pk)
    assert silent()


def closed_with(said: Callable[[dict[int, Decimal], list[Enrolment]], dict[int, Decimal]]) -> None:
    """Close a course, and let the record say something else of it."""
    real = deviations.recorded_facts
    with pytest.MonkeyPatch.context() as patch:
        everybody = Enrolment.objects.order_by("pk")
        patch.setattr(
            closing, "recorded_facts", lambda signed, found: real(signed, said(found, list(everybody)))
        )
        closed()


def hours_that_no_sign_gave() -> None:
    """The record says of the first person that the signs were worth less, and they were not."""
    closed_with(lambda found, rows: found | {rows[0].pk: Decimal("1.5")})


def absent_although_signed() -> None:
    _course, rows = closed()
    earlier = Enrolment.objects.get(pk=rows[2].pk)
    sign(earlier.course.sessions.get(), earlier.user)
    sign(earlier.course.sessions.get(), earlier.user, "out")


def deviation_forgotten() -> None:
    closed_with(lambda found, rows: {})


def comparison_forgotten() -> None:
    closed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closing, "_compared", lambda *_args, **_facts: [])
        closed()


def signed_in_by_hand_out_of_nowhere() -> None:
    course = make_course(ago=3)
    sign(course.sessions.get(), make_user(), way="hand", recorded_by=course.handler.user)


def signed_for_somebody_else() -> None:
    course = make_course(ago=3)
    sign(course.sessions.get(), make_enrolment(course).user, recorded_by=make_user())


def named_and_enrolled() -> None:
    course = make_course()
    person = make_enrolment(course).user
    CourseHelper.objects.create(course=course, user=person, participation=P.STAFF, named_at=clock.now())


BREACHES: list[tuple[Callable[[], int], Callable[[], None]]] = [
    (rules.hours_off_signs, hours_that_no_sign_gave),
    (rules.hours_off_signs, absent_although_signed),
    (rules.hours_off_signs, deviation_forgotten),
    (rules.hours_off_signs, comparison_forgotten),
    (rules.signs_of_nobody, signed_in_by_hand_out_of_nowhere),
    (rules.phone_signs_of_others, signed_for_somebody_else),
    (rules.helpers_who_are_enrolled, named_and_enrolled),
]


@pytest.mark.parametrize(("rule", "breach"), BREACHES, ids=[b.__name__ for _, b in BREACHES])
def test_each_rule_finds_its_breach(rule: Callable[[], int], breach: Callable[[], None]) -> None:
    assert rule in RULES.values() and rule() == 0
    breach()
    assert rule() == 1


def test_the_receipt_and_its_file_say_what_the_signs_were_worth(client: Client) -> None:
    course, _rows = closed()
    client.force_login(course.handler.user)
    url = reverse("hours:receipt", args=[course.code])
    assert client.get(url).content.decode().count("依簽到退：") == 1
    file = client.get(url, {"download": "csv"})
    text = (b"".join(file.streaming_content) if file.streaming else file.content).decode("utf-8-sig")
    assert "依簽到退時數" in text.splitlines()[0]


def test_hours_are_compared_in_as_many_queries_for_two_courses_as_for_five(
    django_assert_max_num_queries: Any,
) -> None:
    for number in (2, 5):
        for _ in range(number):
            course, rows = signed_course()
            sheet = {row.pk: Mark.of(S.ATTENDED, course.hours) for row in rows}
            close_course(course=course, by=acting(course.handler), sheet=Sheet(str(course.pk), sheet))
        with django_assert_max_num_queries(7):
            assert rules.hours_off_signs() == 0
    assert HourCredit.objects.count() == 21
