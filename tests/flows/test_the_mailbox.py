"""A school that only reads its mail: each person who gets a first mail opens its link and does what the page offers. In a year nothing gets overdue."""

from collections.abc import Iterator
from datetime import date, time

import pytest
import time_machine
from django.core import mail

from accounts.models import BusinessAccount, User
from courses.actions import lights
from courses.enums import Admission, Colour, CourseState, EnrolmentState
from courses.models import Course, UnitLight
from courses.models.deadlines import DAY
from hours.queries.closing_steps import DECIDE, ENDED
from kit import clock
from notices import outbox, timed
from notices.models import Notice
from tests.factories import make_account, make_course, make_enrolment, make_lead, make_unit, make_user
from tests.flows.mail_reader import MailReader

# The statements behind it are tested one by one on both databases.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
# Decisions are reminded of three days before a course, weekends and holidays included.
NEAR = 7 * DAY
SINCE = {"valid_from": date(2025, 8, 1)}


def prepared(handler: BusinessAccount, day: date, people: int = 2, **fields: object) -> Course:
    with time_machine.travel(clock.at_taipei(day - 30 * DAY, time(10))):
        course = make_course(handler, day=day, **fields)
    for _ in range(people):
        make_enrolment(course)
    return course


@pytest.fixture
def staff() -> dict[str, User]:
    """The school's lead, a handler who has an account at another school as well, and one who leaves in summer; their courses of the year."""
    unit = make_unit(code="134526")
    lead, handler = make_lead(unit, **SINCE), make_account(unit, **SINCE)
    elsewhere = make_account(make_unit(), user=handler.user, **SINCE)
    leaver = make_account(unit, **SINCE, valid_until=date(2026, 7, 31))
    prepared(handler, date(2026, 1, 21))
    # Before the Lunar New Year, and one whose deadline is in the spring holidays.
    prepared(handler, date(2026, 2, 13))
    prepared(handler, date(2026, 3, 5))
    # Two on one day, another in the same week at the other school: one mail names several.
    prepared(handler, date(2026, 5, 20))
    prepared(handler, date(2026, 5, 20))
    prepared(elsewhere, date(2026, 5, 20))
    # On a Saturday; nobody had enrolled.
    prepared(handler, date(2026, 6, 6), people=0)
    # Over on the last day of its handler's account: the lead gets the mail of a course without a handler.
    prepared(leaver, date(2026, 7, 31))
    # The organiser decides, and has not looked at the applications.
    review = prepared(handler, date(2026, 10, 14), people=0, admission=Admission.REVIEW)
    for _ in range(2):
        make_enrolment(review, make_user(), state=EnrolmentState.APPLIED)
    prepared(handler, date(2026, 12, 16))
    return {account.user.email: account.user for account in (lead, handler, leaver)}


def test_nothing_gets_overdue_where_each_first_mail_is_followed(staff: dict[str, User]) -> None:
    """Each person has a browser that knows nothing: it logs in where a page needs it, and puts on the hat that the page offers."""
    read: set[int] = set()
    readers = {email: MailReader(person) for email, person in staff.items()}
    for day, number in mornings(FIRST, LAST):
        for letter in mail.outbox[:]:
            if letter.to[0] in readers:
                follow(readers[letter.to[0]], letter)
        mail.outbox.clear()
        assert number == 0, f"{number} overdue on {day}"
        read |= set(Notice.objects.filter(kind="hours_due").values_list("pk", flat=True))
    steps = {ref.split(":")[2] for row in Notice.objects.filter(pk__in=read) for ref in row.refs}
    assert steps == {ENDED, DECIDE}, "no second mail was needed"
    assert not Course.objects.exclude(state=CourseState.CLOSED).exists()
    assert not UnitLight.objects.exclude(colour=Colour.GREEN).exists()
    applied = Course.objects.get(admission=Admission.REVIEW).enrolments.all()
    assert {row.state for row in applied} == {EnrolmentState.ATTENDED}


def test_without_reading_it_would_be_overdue(staff: dict[str, User]) -> None:
    assert max(number for _day, number in mornings(FIRST, date(2026, 2, 23))) == 1


def mornings(first: date, last: date) -> Iterator[tuple[date, int]]:
    """At eight prepare and send what is due; yield the day and how many courses are overdue, and let the reader act.

    Days on which every course is closed or far ahead are passed over: there is nothing to remind of.
    """
    day = first
    while day <= last:
        if Course.objects.unclosed().filter(starts_on__lte=day + NEAR).exists():
            with time_machine.travel(clock.at_taipei(day, time(8)), tick=False):
                lights.refresh()
                timed.prepare_due()
                outbox.drain_all(seconds=60)
                yield day, Course.objects.overdue().count()
        day += DAY


def follow(reader: MailReader, letter: mail.EmailMessage) -> None:
    """Open each link of a mail and do what its page offers: admit who has applied, close the sheet as it is filled in."""
    for link in reader.links_of(letter):
        reader.go(link)
        if reader.offers("action", "admit"):
            reader.press("action", "admit", tick="enrolment")
        if reader.offers("action", "check"):
            reader.press("action", "check")
            while reader.offers("action", "close"):
                reader.press("action", "close")
