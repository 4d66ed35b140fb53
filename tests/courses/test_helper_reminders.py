"""What lecturers and staff are told by the clock and find in calendars, on their page and on the list of who is away."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import merging
from accounts.models import User
from courses.actions import calendar_files, feeds, helpers, withdrawal
from courses.actions.helper_reminders import KIND, batch
from courses.enums import Participation as P
from courses.models import Course, CourseHelper, Session
from courses.queries.away import away_in
from hours.queries import teacher
from kit import clock
from kit.holidays import DAY
from notices import outbox, timed
from notices.models import Notice
from tests.courses.test_changes import change
from tests.courses.test_suspensions import announced, held
from tests.factories import acting, make_course, make_enrolment, make_operator, make_unit, make_user

pytestmark = pytest.mark.django_db
# A Tuesday.
HELD = date(2026, 3, 10)


def named(course: Course, person: User | None = None, part: str = P.LECTURER) -> CourseHelper:
    return CourseHelper.objects.create(
        course=course, user=person or make_user(), participation=part, named_at=clock.now()
    )


def run(day: date, hour: int) -> list[Notice]:
    """The reminders to lecturers and staff that the clock writes at an hour of a day."""
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(clock.at_taipei(day, time(hour))):
        timed.prepare_due()
    return list(Notice.objects.exclude(pk__in=before).filter(kind=KIND).order_by("pk"))


def test_they_are_reminded_on_the_day_before_with_hour_place_link_and_contact() -> None:
    course = make_course(
        day=HELD, place="視聽教室", meeting_link="https://meet.example/a", contact_phone="08-1"
    )
    make_enrolment(course)
    lecturer, helper = named(course), named(course, part=P.STAFF)
    told = {
        day: [row.recipient_id for hour in (8, 9) for row in run(day, hour)]
        for day in (HELD - 2 * DAY, HELD - DAY, HELD)
    }
    assert told == {HELD - 2 * DAY: [], HELD - DAY: [lecturer.user_id, helper.user_id], HELD: []}
    first, second = Notice.objects.filter(kind=KIND).order_by("pk")
    for words in ("講師", "視聽教室", "13:30–16:30", "https://meet.example/a", "08-1", "請告知聯絡人"):
        assert words in first.body
    assert "工作人員" in second.body and "講師" not in second.body
    assert "取消" not in first.body and "未參與" not in first.body, "they have no place to cancel"


def test_not_before_nine_also_on_a_sunday() -> None:
    named(make_course(day=date(2026, 3, 9)))
    assert not run(date(2026, 3, 8), 8) and len(run(date(2026, 3, 8), 9)) == 1


def test_a_person_of_two_records_is_reminded_once_and_not_as_a_participant_as_well() -> None:
    course, person, second, enrolled = make_course(day=HELD), make_user(), make_user(), make_user()
    named(course, second)
    named(course, person)
    named(course, enrolled)
    twin = make_enrolment(course).user
    for into, record in ((person, second), (enrolled, twin)):
        merging.merge(person=into, second=record, by=acting(make_operator()), reason="同一人")
    assert [row.recipient_id for row in run(HELD - DAY, 9)] == [person.pk]


def taken_off(row: CourseHelper) -> None:
    CourseHelper.objects.all().delete()


def withdrawn(row: CourseHelper) -> None:
    withdrawal.withdraw(course=row.course, by=acting(row.course.handler), reason="not_held")


def moved(row: CourseHelper) -> None:
    for session in row.course.sessions.all():
        times = {"starts_at": session.starts_at + 7 * DAY, "ends_at": session.ends_at + 7 * DAY}
        Session.objects.filter(pk=session.pk).update(**times)


@pytest.mark.parametrize("act", [taken_off, withdrawn, moved])
def test_mail_that_waited_is_not_sent_about_what_has_changed(act: Any, mailoutbox: list[Any]) -> None:
    row = named(make_course(day=HELD))
    assert run(HELD - DAY, 9)
    with time_machine.travel(clock.at_taipei(HELD - DAY, time(10))):
        act(row)
        outbox.drain()
    assert not [mail for mail in mailoutbox if "明天" in mail.subject]


def test_mail_that_waited_names_place_and_kind_as_they_are_now(mailoutbox: list[Any]) -> None:
    row = named(make_course(day=HELD))
    run(HELD - DAY, 9)
    Course.objects.update(place="圖書館")
    CourseHelper.objects.filter(pk=row.pk).update(participation=P.STAFF)
    with time_machine.travel(clock.at_taipei(HELD - DAY, time(10))):
        outbox.drain()
    assert "圖書館" in mailoutbox[0].body and "工作人員" in mailoutbox[0].body


def test_a_batch_takes_the_same_queries_for_one_and_for_thirty() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            outbox.write(batch(HELD - DAY, 0).notices)
        return len(seen)

    named(make_course(day=HELD))
    one = queries()
    for _ in range(29):
        named(make_course(day=HELD))
    assert queries() == one <= 10


def test_batches_cover_every_course_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courses.queries.coming_courses.COURSES", 2)
    for _ in range(5):
        make_course(day=HELD)
        named(make_course(day=HELD))
    assert len(run(HELD - DAY, 9)) == 5


# --- calendars -------------------------------------------------------------------------------------------------------
def methods() -> list[str]:
    """How each notice changes its reader's calendar, in the order in which they were written."""
    rows = list(Notice.objects.order_by("pk"))
    files = calendar_files.calendar_files(rows)
    return [files[row.pk].media_type.rpartition("=")[2] for row in rows if row.pk in files]


def test_being_named_moved_and_taken_off_changes_the_calendar_of_the_reader() -> None:
    course, person = make_course(), make_user()
    by = acting(course.handler)
    helpers.name(course=course, by=by, people=[person.pk], part=P.LECTURER)
    change(course, place="二樓")
    assert methods() == ["PUBLISH", "PUBLISH"]
    helpers.take_off(course=course, by=by, person=person.pk)
    assert methods() == ["CANCEL"], "who is not named any more gets no session"


def test_a_postponed_and_a_withdrawn_course_change_it_too() -> None:
    course, person = held(), make_user()
    helpers.name(course=course, by=acting(course.handler), people=[person.pk], part=P.STAFF)
    announced()
    row = Notice.objects.get(kind="course_postponed", recipient=person)
    assert b"STATUS:CANCELLED" in calendar_files.calendar_files([row])[row.pk].content
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    row = Notice.objects.get(kind="course_withdrawn", recipient=person)
    assert b"METHOD:CANCEL" in calendar_files.calendar_files([row])[row.pk].content


def own_calendar(person: User) -> str:
    _row, secret = feeds.make(by=Actor(person), of_unit=False)
    answer = Client().get(reverse("courses:feed", args=[secret]))
    return answer.content.decode().replace("\r\n ", "")


def test_the_own_calendar_has_the_courses_at_which_a_person_lectures() -> None:
    course, person, second = make_course(title="閱讀"), make_user(), make_user()
    named(course, second)
    named(course, person)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    text = own_calendar(person)
    assert text.count("BEGIN:VEVENT") == 1 and "SUMMARY:閱讀 (講師)" in text
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    assert "BEGIN:VEVENT" not in own_calendar(person)


def test_a_postponed_session_is_not_in_the_calendar() -> None:
    course, person = held(), make_user()
    named(course, person)
    make_enrolment(course, teacher_of := make_user())
    assert "BEGIN:VEVENT" in own_calendar(person)
    announced()
    assert "BEGIN:VEVENT" not in own_calendar(person) and "BEGIN:VEVENT" not in own_calendar(teacher_of)


# --- pages -----------------------------------------------------------------------------------------------------------
def test_the_course_page_says_so_shows_the_link_and_offers_no_place(client: Client) -> None:
    course, person = make_course(mode="online", meeting_link="https://meet.example/a"), make_user()
    page = reverse("courses:public", args=[course.code])
    client.force_login(person)
    assert "meet.example" not in client.get(page).content.decode()
    named(course, person)
    text = client.get(page).content.decode()
    assert "meet.example" in text and "參與身分" in text and "您已列為本課程的講師" in text
    assert reverse("courses:enrol", args=[course.code]) not in text


def test_the_home_page_lists_what_is_ahead(client: Client) -> None:
    course, person = make_course(title="閱讀研習"), make_user()
    over = make_course(title="過去研習", ago=2)
    for one in (course, over):
        named(one, person)
    client.force_login(person)
    text = client.get(reverse("hours:me")).content.decode()
    assert "閱讀研習" in text and "過去研習" not in text
    assert [row.course for row in teacher.helping_ahead(person.pk)] == [course]


def test_the_school_sees_who_is_away_to_lecture_before_the_course_is_closed() -> None:
    course, school = make_course(day=HELD), make_unit()
    person = make_user(unit=school)
    named(course, person)
    [line] = away_in([school.pk], clock.monday(HELD))[school.pk]
    assert (line.row.user, line.part) == (person, "講師")
    make_enrolment(course, person)
    [line] = away_in([school.pk], clock.monday(HELD))[school.pk]
    assert line.part == "", "once, as a participant"
