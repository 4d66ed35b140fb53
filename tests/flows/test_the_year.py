"""A school's year, day by day (practice.md §6): what the clock sent to whom, compared with a written calendar.

Four times a day the clock runs as beat runs it. People act as the story says; nobody but the clock writes a time-driven notice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

import pytest
import time_machine

from accounts.acting import Actor
from accounts.models import BusinessAccount, User
from backup import runs
from backup.enums import RunKind
from courses.actions import campaign_notices, campaigns, lights, saved_searches, watch_notices, watches
from courses.enums import CourseState, EnrolmentState, Questionnaire
from courses.models import Course, Enrolment
from courses.models.deadlines import DAY
from hours.actions import objections, questionnaire_reminders, surveys
from hours.actions.closing import close_course
from hours.models import Mark, Sheet
from kit import clock
from notices import timed
from notices.models import Notice
from signin.actions import tokens
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)
from tests.factories import teacher as teacher_hat

pytestmark = pytest.mark.django_db
YEAR = 2026
SCORES = {"content": 5, "instructor": 4, "time": 3, "place": 5, "overall": 5}
HOURS = (time(0, 5), time(8), time(9), time(21))


@dataclass
class School:
    """The people and courses of the story by the names that the calendar uses."""

    people: dict[int, str] = field(default_factory=dict)
    courses: dict[int, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    objections: dict[int, str] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    acts: dict[date, list[Callable[[], object]]] = field(default_factory=dict)

    def person(self, name: str, user: User) -> User:
        self.people[user.pk] = name
        return user

    def course(self, name: str, handler: BusinessAccount, day: date, **fields: object) -> Course:
        with time_machine.travel(clock.at_taipei(day - 30 * DAY, time(10))):
            made = make_course(handler, day=day, **fields)
        self.courses[made.pk] = name
        return made

    def place(self, course: Course, teacher: User, state: str = EnrolmentState.ADMITTED) -> Enrolment:
        """Give a teacher an enrolment, which the calendar names by its course."""
        row = make_enrolment(course, teacher, state=state)
        self.places[f"enrolment:{row.pk}"] = self.courses[course.pk]
        return row

    def on(self, day: date, act: Callable[[], object]) -> None:
        self.acts.setdefault(day, []).append(act)

    def told(self, rows: Iterator[Notice]) -> list[str]:
        return [
            f"{self.people[row.recipient_id or 0]}: {row.kind} {self._about(row)}".strip() for row in rows
        ]

    def _about(self, row: Notice) -> str:
        if row.object_ref in self.places:
            return self.places[row.object_ref]
        if row.kind == questionnaire_reminders.KIND:
            return ", ".join(self.courses[int(ref.split(":")[1])] for ref in row.refs)
        if row.kind in (watch_notices.OPEN, watch_notices.FOUND):
            refs = row.refs if row.kind == watch_notices.FOUND else [row.object_ref]
            return ", ".join(self.courses[int(ref.split(":")[-1])] for ref in refs)
        refs = [ref.split(":") for ref in row.refs or [row.object_ref]]
        named = [
            self._named(*parts[:2], parts[-1 if parts[0] == "objection" else 2])
            for parts in refs
            if len(parts) > 2
        ]
        return ", ".join(named)

    def _named(self, kind: str, number: str, step: str) -> str:
        names = {"objection": self.objections, "key": self.keys}.get(kind, self.courses)
        return f"{names.get(int(number), '?')} {step}"


def closing(course: Course, by: BusinessAccount) -> Callable[[], object]:
    """Close through the real action; everybody was there."""

    def act() -> object:
        rows = course.enrolments.filter(state=EnrolmentState.ADMITTED)
        marks = {row.pk: Mark.of(EnrolmentState.ATTENDED, course.hours) for row in rows}
        return close_course(course=course, by=acting(by), sheet=Sheet(str(course.pk), marks))

    return act


@pytest.fixture
def school() -> School:
    story, unit = School(), make_unit(code="134526")
    since = {"valid_from": date(2025, 8, 1)}
    lead, handler = make_lead(unit, **since), make_account(unit, **since)
    story.person("lead", lead.user)
    story.person("handler", handler.user)
    officer = make_officer(unit.county, **since)
    story.person("officer", officer.user)
    # Restores are drilled until the summer, and again in October.
    story.person("operator", make_operator(**since).user)
    for day in (*(date(2026, month, 20) for month in range(1, 8)), date(2026, 10, 20)):
        story.on(day, drilled)
    # Left from last year; closed in the last week before its final deadline.
    with time_machine.travel(clock.at_taipei(date(2025, 12, 1), time(10))):
        rest = make_course(handler, day=date(2025, 12, 17))
    story.courses[rest.pk] = "last year"
    story.on(date(2026, 3, 25), closing(rest, handler))
    teacher = story.person("teacher", make_user(unit=unit))

    # The first mail is followed: nothing more is sent.
    punctual = story.course("friendly campus", handler, date(2026, 2, 25))
    story.on(date(2026, 2, 26), closing(punctual, handler))
    # Its fortnight before the deadline lies in the spring holidays; closed on the last reminder.
    spring = story.course("reading", handler, date(2026, 3, 11))
    story.on(date(2026, 4, 9), closing(spring, handler))
    # Held by a handler who leaves at the turnover; closed by the lead long after its deadline.
    leaver = make_account(unit, **since, valid_until=date(2026, 7, 31))
    story.person("leaver", leaver.user)
    summer = story.course("life saving", leaver, date(2026, 7, 8))
    story.on(date(2026, 9, 2), closing(summer, lead))
    # The county's campaign: its follow-up of Saturday 22 August is sent on Friday; nothing follows the last closing.
    story.on(date(2026, 8, 12), campaign(officer, date(2026, 8, 29), [-7, 3, 14]))
    # Two on one day, one of which is withdrawn before its end is notified.
    gender = story.course("gender", handler, date(2026, 9, 25))
    wrong = story.course("gender again", handler, date(2026, 9, 25))
    story.on(date(2026, 9, 26), lambda: withdraw(wrong, lead.user))
    story.on(date(2026, 9, 29), closing(gender, handler))
    # The organiser decides; one application stays open until the day before.
    # Its enrolment opens on a Saturday before a Monday off; a person waits for that and for new courses.
    opens = {"admission": "review", "enrol_from": date(2026, 10, 24)}
    review = story.course("team", handler, date(2026, 11, 16), **opens)
    watcher = teacher_hat(story.person("watcher", make_user()))
    story.on(date(2026, 10, 1), lambda: watching(watcher, review))
    story.on(date(2026, 10, 20), lambda: story.place(review, teacher, EnrolmentState.APPLIED))
    # On a Wednesday, on the Monday after the Lunar New Year, and one that the teacher gives back before the day.
    story.place(punctual, teacher)
    # Both have a questionnaire; one is answered before the reminder.
    after = story.course("new term", handler, date(2026, 2, 23))
    Course.objects.filter(pk__in=[punctual.pk, after.pk]).update(questionnaire=Questionnaire.VOLUNTARY)
    story.on(
        date(2026, 2, 26), lambda: surveys.answer(course=punctual, by=teacher_hat(teacher), answers=SCORES)
    )
    story.place(after, teacher)
    story.on(date(2026, 2, 24), closing(after, handler))
    given_back = story.place(gender, teacher)
    story.on(date(2026, 9, 23), lambda: set_state(given_back.pk, EnrolmentState.CANCELLED))
    story.on(date(2026, 11, 15), lambda: set_state(review.enrolments.get().pk, EnrolmentState.ADMITTED))
    story.on(date(2026, 11, 17), closing(review, handler))
    # Two keys for programs, one of which is ended when the first mail has come.
    story.on(date(2026, 3, 18), lambda: making_keys(story, Actor(teacher)))
    story.on(date(2026, 6, 3), lambda: tokens.revoke(by=Actor(teacher), pk=min(story.keys)))
    # Hours in doubt: answered by the handler after the reminder; left until the county has it.
    story.on(date(2026, 3, 2), objecting(story, "few hours", punctual, teacher))
    story.on(date(2026, 3, 10), answering(punctual, handler))
    forgotten = story.person("forgotten", make_user())
    story.on(date(2026, 10, 7), objecting(story, "no hours", gender, forgotten))
    story.on(date(2026, 11, 20), answering(gender, officer))
    return story


def drilled() -> object:
    return runs.record(RunKind.DRILL, began_at=clock.now())


def objecting(story: School, name: str, course: Course, person: User) -> Callable[[], object]:
    """Raise an objection through the real action; the calendar names it."""

    def act() -> object:
        row = objections.object_to(course=course, by=Actor(person), text="時數有誤")
        story.objections[row.pk] = name
        return row

    return act


def answering(course: Course, by: BusinessAccount) -> Callable[[], object]:
    return lambda: objections.answer(objection=course.objections.get(), by=acting(by), text="已查明")


def campaign(officer: BusinessAccount, deadline: date, steps: list[int]) -> Callable[[], object]:
    """Begin a campaign through the real actions."""

    def act() -> object:
        by = acting(officer)
        facts = campaigns.CampaignFacts(by.county, "清查", year=115, deadline=deadline, steps=steps)
        draft = campaigns.save(by=by, facts=facts)
        campaigns.begin(by=by, campaign=draft, version=draft.version)
        return campaign_notices.notify_units(by=by, campaign=draft)

    return act


def withdraw(course: Course, by: User) -> None:
    Course.objects.filter(pk=course.pk).update(
        state=CourseState.WITHDRAWN,
        withdrawn_at=clock.now(),
        withdrawn_by=by,
        withdrawal_reason="registered_twice",
    )


def making_keys(story: School, by: Actor) -> None:
    for name in ("old program", "own program"):
        story.keys[tokens.make(by=by, name=name)[0].pk] = name


def watching(by: Actor, course: Course) -> None:
    watches.watch_course(by=by, course=course)
    search = saved_searches.save(by=by, name="all", query="")
    watches.watch_search(by=by, search=search, is_on=True)


def set_state(pk: int, state: str) -> None:
    Enrolment.objects.filter(pk=pk).update(state=state)


# Days off of the year beside weekends: 16–20 and 27 February, 3 and 6 April, 25 and 28 September, and others.
CALENDAR = """
2026-01-02 08:00 operator: drill_due
2026-01-05 08:00 lead: unit_week
2026-01-05 08:00 officer: county_rest
2026-01-09 08:00 handler: hours_due last year first
2026-01-12 08:00 lead: unit_week
2026-01-12 08:00 officer: county_rest
2026-01-15 08:00 handler: hours_due last year last
2026-01-19 08:00 handler: hours_due last year after
2026-01-19 08:00 lead: hours_due last year after
2026-01-19 08:00 lead: unit_week
2026-01-19 08:00 officer: county_rest
2026-01-26 08:00 lead: unit_week
2026-01-26 08:00 officer: county_rest
2026-01-30 08:00 handler: hours_due last year late
2026-01-30 08:00 lead: hours_due last year late
2026-02-02 08:00 lead: unit_week
2026-02-02 08:00 officer: county_rest
2026-02-09 08:00 lead: unit_week
2026-02-09 08:00 officer: county_rest
2026-02-11 08:00 teacher: leave_due new term
2026-02-13 08:00 teacher: leave_due friendly campus
2026-02-22 09:00 teacher: course_tomorrow new term
2026-02-23 08:00 lead: unit_week
2026-02-23 08:00 officer: county_rest
2026-02-24 08:00 handler: hours_due new term ended
2026-02-24 09:00 teacher: course_tomorrow friendly campus
2026-02-26 08:00 handler: hours_due friendly campus ended
2026-03-02 08:00 lead: unit_week
2026-03-02 08:00 officer: county_rest
2026-03-03 08:00 teacher: questionnaire_open new term
2026-03-09 08:00 handler: objection_due few hours remind
2026-03-09 08:00 lead: unit_week
2026-03-09 08:00 officer: county_rest
2026-03-12 08:00 handler: hours_due reading ended
2026-03-16 08:00 lead: unit_week
2026-03-16 08:00 officer: county_rest
2026-03-23 08:00 lead: unit_week
2026-03-23 08:00 officer: county_rest
2026-03-30 08:00 lead: unit_week
2026-04-02 08:00 handler: hours_due reading first
2026-04-07 08:00 lead: unit_week
2026-04-09 08:00 handler: hours_due reading last
2026-06-02 08:00 teacher: key_ends old program fortnight
2026-06-02 08:00 teacher: key_ends own program fortnight
2026-06-15 08:00 teacher: key_ends own program day
2026-07-09 08:00 leaver: hours_due life saving ended
2026-07-13 08:00 lead: unit_week
2026-07-20 08:00 lead: unit_week
2026-07-27 08:00 lead: unit_week
2026-07-31 08:00 leaver: hours_due life saving first
2026-08-03 08:00 lead: hours_due life saving first
2026-08-03 08:00 lead: unit_week
2026-08-06 08:00 lead: hours_due life saving last
2026-08-10 08:00 lead: hours_due life saving after
2026-08-10 08:00 lead: unit_week
2026-08-17 08:00 lead: unit_week
2026-08-21 08:00 lead: campaign_follow_up
2026-08-21 08:00 lead: hours_due life saving late
2026-08-24 08:00 lead: unit_week
2026-08-31 08:00 lead: unit_week
2026-09-01 08:00 lead: campaign_follow_up
2026-09-01 08:00 officer: county_month
2026-09-01 08:00 operator: drill_due
2026-09-22 08:00 teacher: leave_due gender
2026-09-29 08:00 handler: hours_due gender ended
2026-09-29 08:00 lead: unit_week
2026-10-01 08:00 operator: drill_due
2026-10-12 08:00 lead: unit_week
2026-10-14 08:00 handler: objection_due no hours remind
2026-10-19 08:00 lead: unit_week
2026-10-19 08:00 watcher: search_found team
2026-10-22 08:00 handler: objection_due no hours lead
2026-10-22 08:00 lead: objection_due no hours lead
2026-10-27 08:00 lead: unit_week
2026-10-27 08:00 watcher: enrolment_open team
2026-11-02 08:00 lead: unit_week
2026-11-06 08:00 officer: objection_due no hours county
2026-11-09 08:00 lead: unit_week
2026-11-13 08:00 handler: hours_due team decide
2026-11-13 08:00 teacher: decision_open team
2026-11-16 08:00 lead: unit_week
2026-11-17 08:00 handler: hours_due team ended
2026-12-01 08:00 operator: drill_due
"""


def test_what_the_clock_sends_to_whom_in_a_year(school: School) -> None:
    found = list(calendar(school))
    assert "\n".join(found) == CALENDAR.strip()


def calendar(school: School) -> Iterator[str]:
    day, seen = date(YEAR, 1, 1), 0
    while day.year == YEAR:
        for hour in HOURS:
            moment: datetime = clock.at_taipei(day, hour)
            with time_machine.travel(moment, tick=False):
                if hour == HOURS[0]:
                    lights.refresh()
                timed.prepare_due()
                rows = Notice.objects.filter(pk__gt=seen, kind__in=timed.TIMED).order_by("pk")
                for said in sorted(school.told(rows.iterator())):
                    yield f"{day} {hour:%H:%M} {said}"
                if hour == time(9):
                    for act in school.acts.get(day, []):
                        act()
                seen = max(seen, Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
        day += DAY
