"""The demonstration's school with the clock moved: its people log in as new users and follow the first link of each mail."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, time

import pytest
import time_machine
from django.core import mail

from accounts.models import BusinessAccount, User
from courses.actions import lights
from courses.enums import Colour, CourseState, EnrolmentState
from courses.models import Course, UnitLight
from courses.models.deadlines import DAY
from courses.models.querysets import CourseQuerySet
from demo import events
from demo.logins import PASSWORD
from demo.people import DemoPeople
from hours.queries.closing_steps import DECIDE, ENDED, LATE
from kit import clock
from notices import outbox, timed
from notices.models import Notice
from tests.flows.mail_reader import MailReader

# The statements behind it are tested one by one on both databases.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
# Until the last course of the school is past its deadline.
DAYS = 70
# Pages on which a sheet is confirmed before it is closed.
MOST_CONFIRMATIONS = 3


@pytest.fixture
def cast() -> DemoPeople:
    return events.load()


def courses_of(cast: DemoPeople) -> CourseQuerySet:
    return Course.objects.of_unit(cast.handler.unit_id)


def test_no_course_gets_overdue_when_each_first_mail_is_followed(cast: DemoPeople) -> None:
    """Courses that are overdue when the demonstration begins are closed as soon as a mail names them."""
    staff = {user.email: user for user in people_of(cast)}
    readers = {email: MailReader(person, PASSWORD) for email, person in staff.items()}
    before = set(courses_of(cast).overdue().values_list("pk", flat=True))
    assert len(before) == 5
    for day in mornings(cast):
        overdue = set(courses_of(cast).overdue().values_list("pk", flat=True))
        assert overdue <= before, f"{overdue - before} got overdue on {day}"
        for letter in mail.outbox[:]:
            if letter.to[0] in readers:
                follow(readers[letter.to[0]], letter)
        mail.outbox.clear()
    assert not courses_of(cast).unclosed().exists()
    assert steps_named_to(staff.values(), but=before) == {ENDED, DECIDE}, "no second mail was needed"
    assert steps_named_to(staff.values()) == {ENDED, DECIDE, LATE}
    assert not UnitLight.objects.filter(unit=cast.handler.unit).exclude(colour=Colour.GREEN).exists()
    review = courses_of(cast).get(title="跨領域課程共備社群")
    attended = review.enrolments.filter(state=EnrolmentState.ATTENDED).count()
    assert (review.state, attended) == (CourseState.CLOSED, review.capacity)


def test_without_reading_courses_of_the_school_get_overdue(cast: DemoPeople) -> None:
    before = courses_of(cast).overdue().count()
    assert max(courses_of(cast).overdue().count() for _day in mornings(cast, of_the_month=8)) > before


def people_of(cast: DemoPeople) -> list[User]:
    accounts = BusinessAccount.objects.filter(unit=cast.handler.unit).select_related("user")
    return [account.user for account in accounts]


def steps_named_to(people: Iterable[User], but: Collection[int] = ()) -> set[str]:
    """Return the steps of the reminders to people, but those of some courses."""
    rows = Notice.objects.filter(kind="hours_due", recipient__in=people)
    parts = [ref.split(":") for row in rows for ref in row.refs]
    return {step for _course, number, step, _day in parts if int(number) not in but}


def mornings(cast: DemoPeople, of_the_month: int = 0) -> Iterator[date]:
    """At eight prepare and send what is due and yield the day, until every course of the school has been closed."""
    first = clock.today()
    for day in (first + number * DAY for number in range(DAYS)):
        if not courses_of(cast).unclosed().exists():
            return
        if of_the_month in (0, day.day):
            with time_machine.travel(clock.at_taipei(day, time(8)), tick=False):
                lights.refresh()
                timed.prepare_due()
                outbox.drain_all(seconds=60)
                yield day


def follow(reader: MailReader, letter: mail.EmailMessage) -> None:
    """Open the first link of a mail and do what its page offers; a page that lists courses to close leads to each of them."""
    reader.go(reader.links_of(letter)[0])
    assert reader.page.status_code == 200, (reader.path, letter.subject, letter.to)
    if reader.offers("action", "admit"):
        course = Course.objects.get(code=reader.path.split("/")[3])
        reader.press("action", "admit", tick="enrolment", most=course.capacity - course.seats_taken)
    for sheet in [reader.path, *reader.links_of_page("/close/")]:
        if sheet.endswith("/close/"):
            reader.go(sheet)
            close(reader)


def close(reader: MailReader) -> None:
    """Close a course by its sheet as it is filled in."""
    if reader.offers("action", "check"):
        reader.press("action", "check")
        for _confirmed in range(MOST_CONFIRMATIONS):
            if reader.offers("action", "close"):
                reader.press("action", "close")
