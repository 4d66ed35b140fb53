"""Changes of a course: sessions compared as a set; everybody live gets old and new values, and the record shows them."""

from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from audit.models import AuditEvent
from courses.actions import course_fields, enrolments, registration
from courses.actions.course_fields import CourseData, SessionData
from courses.enums import EnrolmentState as S
from courses.errors import DatesFixed, MovedIntoThePast
from courses.models import Course
from kit import clock
from notices.models import Notice
from tests.factories import acting, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
DAYS = (date(2026, 12, 9), date(2026, 12, 16), date(2026, 12, 23))


def session(day: date, hour: int = 13, place: str = "") -> SessionData:
    starts = clock.at_taipei(day, time(hour, 30))
    return SessionData(starts, starts + timedelta(hours=3), place)


def data_of(course: Course, sessions: list[SessionData] | None = None, **fields: Any) -> CourseData:
    """What the form would send of a course, with something changed."""
    people = fields.pop("instructors", [("黃講師", "國立屏東大學")])
    rows = course.sessions.all()
    return CourseData(
        fields={name: getattr(course, name) for name in course_fields.WRITABLE} | fields,
        sessions=sessions or [SessionData(s.starts_at, s.ends_at, s.place) for s in rows],
        instructors=people,
        stages=course.stages.all(),
    )


def change(
    course: Course, sessions: list[SessionData] | None = None, at: Any = None, **fields: Any
) -> Course:
    data = data_of(course, sessions, **fields)
    return registration.update(course=course, by=acting(course.handler), data=data, at=at)


def three_sessions(**fields: Any) -> Course:
    course = make_course(day=DAYS[0], **fields)
    change(course, [session(day) for day in DAYS])
    course.refresh_from_db()
    return course


def told(course: Course) -> str:
    """The text of the one notice of a change."""
    return Notice.objects.get(kind="course_changed", object_ref=f"course:{course.pk}").body


@pytest.mark.parametrize("state", [S.ADMITTED, S.APPLIED, S.WAITLISTED])
def test_a_moved_hour_is_notified_to_everybody_live_with_old_and_new(state: S) -> None:
    course = make_course(day=DAYS[0])
    make_enrolment(course, make_user(language="en"), state=state)
    change(course, [session(DAYS[0], 9)])
    assert "2026-12-09 (Wed) 13:30–16:30 視聽教室 → 2026-12-09 (Wed) 09:30–12:30 視聽教室" in told(course)


def test_a_moved_session_in_the_middle_is_the_only_one_named() -> None:
    course = three_sessions()
    make_enrolment(course, make_user(language="en"))
    change(course, [session(DAYS[0]), session(date(2026, 12, 17)), session(DAYS[2])])
    body = told(course)
    assert "2026-12-16 (Wed) 13:30–16:30 視聽教室 → 2026-12-17 (Thu) 13:30–16:30 視聽教室" in body
    assert body.count("→") == 1 and "2026-12-09" not in body.split("cancel")[0] and "2026-12-23" not in body


def test_a_moved_last_session_is_named_although_the_course_has_begun() -> None:
    course = three_sessions()
    make_enrolment(course, make_user(language="en"))
    with time_machine.travel(clock.at_taipei(date(2026, 12, 18)), tick=False):
        change(course, [session(DAYS[0]), session(DAYS[1]), session(date(2026, 12, 30), 9)])
    assert "2026-12-23 (Wed) 13:30–16:30 視聽教室 → 2026-12-30 (Wed) 09:30–12:30 視聽教室" in told(course)


def test_a_session_that_is_added_and_one_that_is_dropped_are_notified() -> None:
    course = three_sessions()
    make_enrolment(course, make_user(language="en"))
    change(course, [session(day) for day in DAYS[:2]])
    assert "Session dropped: 2026-12-23 (Wed) 13:30–16:30 視聽教室" in told(course)
    Notice.objects.all().delete()
    course.refresh_from_db()
    change(course, [session(day) for day in DAYS])
    assert "New session: 2026-12-23 (Wed) 13:30–16:30 視聽教室" in told(course)


def test_another_room_of_one_session_and_of_the_course_are_notified() -> None:
    course = three_sessions()
    make_enrolment(course, make_user(language="en"))
    change(course, [session(DAYS[0]), session(DAYS[1], place="圖書館"), session(DAYS[2])])
    assert "視聽教室 → 2026-12-16 (Wed) 13:30–16:30 圖書館" in told(course) and told(course).count("→") == 1
    Notice.objects.all().delete()
    course.refresh_from_db()
    change(course, place="活動中心")
    assert told(course).count("活動中心") == 2  # the session in the library stays there


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"hours": 2}, "Hours: 3 → 2"),
        ({"fee": 200, "payer": "participant"}, "Fee (NT$): 0 → 200"),
        ({"payer": "unit"}, "Paid by: free of charge → paid by the participant's unit"),
        ({"instructors": [("林講師", ""), ("吳講師", "")]}, "Instructors: 黃講師 → 林講師, 吳講師"),
        ({"mode": "hybrid", "meeting_link": "https://meet.example/secret"}, "On site or on-line: on site →"),
    ],
)
def test_hours_fee_instructors_and_mode_are_notified(fields: dict[str, Any], line: str) -> None:
    course = make_course()
    make_enrolment(course, make_user(language="en"))
    change(course, **fields)
    assert line in told(course)


def test_another_meeting_link_is_notified_without_its_address_and_only_to_the_admitted() -> None:
    course = make_course(mode="online", meeting_link="https://meet.example/old", capacity=1)
    admitted, waiting = make_enrolment(course), make_enrolment(course, state=S.WAITLISTED)
    change(course, meeting_link="https://meet.example/new")
    notice = Notice.objects.get(kind="course_changed")
    assert notice.recipient == admitted.user != waiting.user and "meet.example" not in notice.body


def test_what_nobody_relies_on_is_notified_to_nobody() -> None:
    course = make_course()
    make_enrolment(course)
    change(course, summary="另一個摘要", capacity=40)
    assert not Notice.objects.exists()


def test_the_record_shows_the_sessions_and_instructors_before_and_after() -> None:
    course = make_course(day=DAYS[0])
    change(course, [session(DAYS[0], 9)], instructors=[("林講師", "")])
    event = AuditEvent.objects.filter(action="course.update").latest("id")
    assert event.before["sessions"] == ["2026-12-09 13:30–16:30 視聽教室"]
    assert event.after["sessions"] == ["2026-12-09 09:30–12:30 視聽教室"]
    assert (event.before["instructors"], event.after["instructors"]) == (["黃講師"], ["林講師"])


def test_a_course_with_enrolled_people_is_not_moved_into_the_past() -> None:
    course = make_course()
    row = make_enrolment(course)
    for moved in (session(clock.today() - timedelta(days=1)), session(clock.today(), 8)):
        with pytest.raises(MovedIntoThePast):
            change(course, [moved])
    enrolments.cancel(course=course, by=teacher(row.user))
    change(course, [session(clock.today() - timedelta(days=1))])  # nobody is moved


def test_the_sessions_that_are_over_may_stay_while_a_later_one_moves() -> None:
    course = three_sessions()
    make_enrolment(course)
    with time_machine.travel(clock.at_taipei(date(2026, 12, 18)), tick=False):
        change(course, [session(DAYS[0]), session(DAYS[1]), session(date(2026, 12, 30))])
        with pytest.raises(MovedIntoThePast):
            change(course, [session(DAYS[0]), session(DAYS[1]), session(date(2026, 12, 17))])


def test_a_session_that_is_running_may_end_later_but_not_in_the_past() -> None:
    course = make_course(day=DAYS[0])
    make_enrolment(course)
    starts = clock.at_taipei(DAYS[0], time(13, 30))
    with time_machine.travel(starts + timedelta(minutes=45), tick=False):
        with pytest.raises(MovedIntoThePast):
            change(course, [SessionData(starts, starts + timedelta(minutes=30))])
        change(course, [SessionData(starts, starts + timedelta(hours=4))])
    assert Course.objects.get(pk=course.pk).ends_at == starts + timedelta(hours=4)


def test_a_slip_is_put_right_on_the_same_day_and_not_later() -> None:
    course, yesterday = make_course(), clock.today() - timedelta(days=1)
    change(course, [session(yesterday)])
    course.refresh_from_db()
    assert course.has_ended()
    change(course, [session(DAYS[0])])
    change(course, [session(yesterday)])
    with pytest.raises(DatesFixed):
        change(course, [session(DAYS[0])], at=clock.at_taipei(clock.today() + timedelta(days=1)))


@pytest.mark.parametrize(
    "fields", [{"place": "活動中心"}, {"mode": "hybrid", "meeting_link": "https://meet.example/x"}]
)
def test_another_room_of_a_course_that_is_over_does_not_free_its_dates(fields: dict[str, Any]) -> None:
    course = make_course(ago=3, registered_at=clock.now() - timedelta(days=9))
    change(course, **fields)
    course.refresh_from_db()
    with pytest.raises(DatesFixed):
        change(course, [session(DAYS[0])])


def test_a_course_is_found_by_the_room_of_one_of_its_sessions() -> None:
    course = three_sessions()
    change(course, [session(DAYS[0]), session(DAYS[1], place="潮州圖書館"), session(DAYS[2])])
    assert list(Course.objects.matching("潮州圖書館")) == [course]


def test_the_units_home_names_the_next_session(client: Client) -> None:
    course = three_sessions()
    soon = make_course(course.handler, day=date(2026, 12, 17))
    client.force_login(course.handler.user)
    with time_machine.travel(clock.at_taipei(date(2026, 12, 10)), tick=False):
        client.force_login(course.handler.user)
        ahead = client.get("/unit/").context["ahead"]
    assert [row.pk for row in ahead] == [course.pk, soon.pk]
    assert clock.day_of(ahead[0].meets_at) == DAYS[1]
