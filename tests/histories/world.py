"""A small world for random histories: one unit, two handlers, a lead, teachers, three courses at a time, and time that passes."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F

from accounts.acting import Actor
from accounts.actions import appointments
from accounts.models import BusinessAccount, User
from courses.actions import (
    admissions,
    enrolments,
    lights,
    registration,
    reminders,
    transfer_decisions,
    transfers,
    withdrawal,
)
from courses.actions.course_fields import WRITABLE, CourseData, SessionData
from courses.enums import CourseState, EnrolmentState, Participation, TransferState
from courses.models import Course, Enrolment, TransferRequest
from hours.actions import closing, corrections, drafts, objections
from hours.enums import ObjectionState
from hours.models import Mark, Objection, Sheet, WalkIn
from kit import clock
from kit.errors import Refusal
from tests.factories import make_account, make_course, make_lead, make_operator, make_unit, make_user

S = EnrolmentState
COURSES = 3
TEACHERS = 6


@dataclass
class World:
    """Who acts on what. Every act goes through the real action; a refusal is an ordinary outcome, any other error is not."""

    dice: random.Random
    pass_time: Callable[[timedelta], None]
    log: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.unit = make_unit()
        self.accounts = [make_account(self.unit), make_account(self.unit), make_lead(self.unit)]
        self.operator = make_operator()
        self.teachers = [make_user(unit=self.unit) for _ in range(TEACHERS)]
        self.fill()

    def fill(self) -> None:
        """Register courses until three are unclosed: some by review, some full at once, some that are over soon."""
        while Course.objects.filter(unit=self.unit, state=CourseState.REGISTERED).count() < COURSES:
            handlers = [a for a in self.accounts if self.now(a).is_active()]
            handler = self.dice.choice(handlers or self.accounts)
            course = make_course(
                handler,
                day=clock.today() + timedelta(days=self.dice.randint(0, 12)),
                capacity=self.dice.randint(1, 3),
                admission=self.dice.choice(["automatic", "automatic", "review"]),
                waiting_list=self.dice.random() < 0.8,
            )
            # As registering does; the factory writes the rows alone.
            lights.follow(unit_ids=[self.unit.pk], years=[course.year], cause="register")

    def now(self, account: BusinessAccount) -> BusinessAccount:
        return BusinessAccount.objects.select_related("unit__county", "user").get(pk=account.pk)

    def step(self) -> None:
        name = self.dice.choice(sorted(ACTS))
        try:
            ACTS[name](self)
        except Refusal as refusal:
            self.log.append(f"{name}: {type(refusal).__name__}")
        else:
            self.log.append(name)
            self.done[name] = self.done.get(name, 0) + 1
        self.fill()

    # --- Who and what -------------------------------------------------------------------------------------------------

    def hat(self) -> Actor:
        account = self.now(self.dice.choice(self.accounts))
        return Actor(account.user, account)

    def boss(self) -> Actor:
        return Actor(self.operator.user, self.now(self.operator))

    def teacher(self) -> User:
        return self.dice.choice(self.teachers)

    def somebody(self, course: Course, *states: str) -> User:
        """Mostly one of the course's people in these states, sometimes anybody."""
        people = [
            row.user
            for row in course.enrolments.filter(state__in=states).select_related("user").order_by("id")
        ]
        return self.dice.choice(people) if people and self.dice.random() < 0.8 else self.teacher()

    def course(self, *states: str) -> Course:
        """A course of the unit as a page holds it: perhaps an old copy by the time it is used."""
        rows = Course.objects.filter(unit=self.unit, state__in=states or [CourseState.REGISTERED])
        found = list(rows.select_related("handler__user", "unit").order_by("-id")[:6])
        if not found:
            raise NothingThere
        return self.dice.choice(found)

    def rows(self, course: Course, *states: str) -> list[int]:
        pks = list(course.enrolments.filter(state__in=states).order_by("id").values_list("pk", flat=True))
        return self.dice.sample(pks, min(len(pks), self.dice.randint(1, 2)))


class NothingThere(Refusal):
    """No object for this act at the moment."""

    sentence = "nothing there"


def enrol(w: World) -> None:
    enrolments.enrol(code=w.course().code, by=Actor(w.teacher()))


def crowd(w: World) -> None:
    """A course of today with one place and three people, of whom the first gives the place back after the policy's day."""
    handler = w.now(w.accounts[2])
    if clock.now().astimezone(clock.TAIPEI).hour >= 10:
        raise NothingThere
    course = make_course(handler, day=clock.today(), capacity=1)
    lights.follow(unit_ids=[w.unit.pk], years=[course.year], cause="register")
    rows = [enrolments.enrol(code=course.code, by=Actor(person)) for person in w.dice.sample(w.teachers, 3)]
    admissions.decline(course=course, by=Actor(handler.user, handler), enrolment_ids=[rows[0].pk])


def cancel(w: World) -> None:
    course = w.course(CourseState.REGISTERED, CourseState.REGISTERED, CourseState.CLOSED)
    enrolments.cancel(course=course, by=Actor(w.somebody(course, S.ADMITTED, S.WAITLISTED, S.APPLIED)))


def accept(w: World) -> None:
    """Take the place that was offered to everybody waiting, if there is one."""
    offered = Enrolment.objects.filter(state=S.WAITLISTED, course__seats_taken__lt=F("course__capacity"))
    row = offered.select_related("course", "user").order_by("-id").first()
    course = row.course if row else w.course()
    enrolments.accept(course=course, by=Actor(row.user if row else w.teacher()))


def admit(w: World) -> None:
    course = w.course()
    admissions.admit(
        course=course, by=w.hat(), enrolment_ids=w.rows(course, S.APPLIED, S.WAITLISTED, S.DECLINED)
    )


def decline(w: World) -> None:
    course = w.course()
    admissions.decline(
        course=course, by=w.hat(), enrolment_ids=w.rows(course, S.APPLIED, S.WAITLISTED, S.ADMITTED)
    )


def edit(w: World) -> None:
    """Other places, another day or another way of admission."""
    course = w.course(CourseState.REGISTERED, CourseState.CLOSED)
    fields = {name: getattr(course, name) for name in WRITABLE}
    shift = timedelta(0)
    match w.dice.choice(["places", "day", "admission"]):
        case "places":
            fields["capacity"] = w.dice.randint(1, 5)
        case "day":
            shift = timedelta(days=w.dice.randint(-4, 6))
        case _:
            fields["admission"] = w.dice.choice(["automatic", "review"])
    sessions = [SessionData(s.starts_at + shift, s.ends_at + shift) for s in course.sessions.all()]
    people = [(i.name, i.organisation) for i in course.instructors.all()]
    data = CourseData(fields, sessions, people, course.stages.all(), course.groups.all(), course.tags.all())
    registration.update(course=course, by=w.hat(), data=data)


def _sheet(w: World, course: Course) -> Sheet:
    marks = {}
    for row in course.enrolments.filter(state=S.ADMITTED):
        state = w.dice.choice([S.ATTENDED, S.ATTENDED, S.ABSENT, S.EXCUSED])
        marks[row.pk] = Mark.of(state, course.hours if state == S.ATTENDED else Decimal(0))
    part = w.dice.choice(Participation.values)
    walked = [WalkIn.of(w.teacher().pk, course.hours, part)] if w.dice.random() < 0.3 else []
    return Sheet(f"key{w.dice.random()}", marks, walked)


def close(w: World) -> None:
    course = w.course(CourseState.REGISTERED, CourseState.CLOSED)
    closing.close_course(course=course, by=w.hat(), sheet=_sheet(w, course))


def save_draft(w: World) -> None:
    course = w.course()
    drafts.save(course=course, by=w.hat(), sheet=Sheet(), base=99, page="p")


def correct(w: World) -> None:
    course = w.course(CourseState.CLOSED)
    row = course.enrolments.filter(pk__in=w.rows(course, S.ATTENDED, S.ABSENT, S.EXCUSED)).first()
    if row is None:
        raise NothingThere
    state = w.dice.choice([S.ATTENDED, S.ABSENT, S.EXCUSED])
    hours = w.dice.choice([Decimal("0.5"), course.hours]) if state == S.ATTENDED else Decimal(0)
    part = w.dice.choice(Participation.values) if w.dice.random() < 0.3 else None
    corrections.correct(enrolment=row, by=w.hat(), state=state, hours=hours, reason="r", participation=part)


def forgotten(w: World) -> None:
    corrections.add_person(
        course=w.course(CourseState.CLOSED), person=w.teacher(), by=w.hat(), hours=Decimal(1), reason="r"
    )


def object_to(w: World) -> None:
    course = w.course(CourseState.CLOSED)
    objections.object_to(course=course, by=Actor(w.somebody(course, S.ABSENT, S.ATTENDED)), text="?")


def answer(w: World) -> None:
    found = Objection.objects.filter(state=ObjectionState.OPEN).first()
    if found is None:
        raise NothingThere
    objections.answer(objection=found, by=w.hat(), text="!")


def withdraw(w: World) -> None:
    if w.dice.random() < 0.5:
        raise NothingThere
    withdrawal.withdraw(course=w.course(), by=w.hat(), reason="not_held")


def ask_transfer(w: World) -> None:
    transfers.request(by=w.hat(), courses=[w.course()], reason="r")


def decide_transfer(w: World) -> None:
    found = list(TransferRequest.objects.filter(state=TransferState.PENDING).order_by("id"))
    if not found:
        raise NothingThere
    if w.dice.random() < 0.7:
        transfer_decisions.approve(transfers=found[:1], by=w.boss())
    else:
        transfer_decisions.refuse(transfers=found[:1], by=w.boss(), reason="r")


def change_account(w: World) -> None:
    """Suspend, resume, or end a handler's account and appoint the next one."""
    account = w.now(w.dice.choice(w.accounts[:2]))
    if account.suspended_at:
        appointments.resume(account=account, by=w.boss(), reason="r")
    elif w.dice.random() < 0.6:
        appointments.suspend(account=account, by=w.boss(), reason="r")
    else:
        appointments.end(
            account=account,
            by=w.boss(),
            confirmed=True,
            reason="r",
            last_day=clock.today() - timedelta(days=1),
        )
        w.accounts[w.accounts.index(account)] = make_account(w.unit)


def remind(w: World) -> None:
    lead = w.now(w.accounts[2])
    reminders.notify_handlers(by=Actor(lead.user, lead), course_ids=[w.course().pk])


def recount(w: World) -> None:
    lights.refresh()


def hours_pass(w: World) -> None:
    w.pass_time(timedelta(hours=w.dice.randint(1, 18)))


def weeks_pass(w: World) -> None:
    if w.dice.random() < 0.6:
        raise NothingThere
    w.pass_time(timedelta(days=w.dice.randint(3, 20)))


ACTS: dict[str, Callable[[World], Any]] = {
    act.__name__: act
    for act in (
        enrol, crowd, cancel, accept, admit, decline, edit, close, save_draft, correct, forgotten, object_to, answer, withdraw,
        ask_transfer, decide_transfer, change_account, remind, recount, hours_pass, weeks_pass,
    )
}  # fmt: skip
