"""What happened: three years of courses, enrolments, closings, hours and their record, chunk by chunk.

Each chunk has its own seed, so that the set is the same however many processes write it. Rows are numbered from the course's number, so
that no chunk needs to know of another.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from audit.models import AuditEvent
from bench.copying import NULL, Table
from bench.people_sets import UnitFacts
from bench.words import KINDS, PLACES, name_of, title
from courses.actions.registration import FIRST_CODE
from courses.models import Course, Enrolment, Instructor, Session
from hours.models import Closing, HourCredit
from kit.clock import ROC_OFFSET
from kit.texts import fold
from notices.models import Notice

CHUNK = 2_000
AHEAD_DAYS = 60
# Room for a course's rows in the numbering of its enrolments and of its events.
PEOPLE_ROOM, EVENT_ROOM = 1_000, 1_200
SPREAD = 0.8
SUMMARY = "以實例說明理念與法規,並安排分組實作、交流與綜合座談。"
OUTLINE = "一、理念與法規\\n二、案例分享\\n三、分組實作\\n四、綜合座談"


@dataclass(frozen=True)
class Chunk:
    """Courses `first` … `first + count - 1` of all, of the given units, spread evenly over the set's days."""

    first: int
    count: int
    offset: int
    total: int
    mean: float
    units: tuple[UnitFacts, ...] = field(repr=False)


@dataclass
class Facts:
    """One course while its rows are written."""

    pk: int
    unit: UnitFacts
    account: int
    handler: int
    title: str
    start: date
    end: date
    hours: Decimal
    capacity: int
    review: bool
    state: str = "registered"
    closed: date | None = None
    seats: int = 0
    attended: int = 0
    absent: int = 0
    excused: int = 0
    walk_ins: int = 0
    issued: Decimal = Decimal(0)
    number: int = 0
    events: int = 0

    @property
    def code(self) -> str:
        return str(FIRST_CODE + self.pk - 1)

    @property
    def closed_at(self) -> str:
        return f"{self.closed} 02:15:00+00" if self.closed else NULL

    @property
    def year(self) -> int:
        return self.end.year - ROC_OFFSET


class Story:
    def __init__(self, seed: int, today: date, chunk: Chunk) -> None:
        self.rng = random.Random(f"{seed}:{chunk.first}")
        self.today, self.chunk = today, chunk
        self.first_day = date(today.year - 2, 1, 1)
        self.days = (today - self.first_day).days + AHEAD_DAYS
        # The mean of a log-normal draw is exp(mu + sigma²/2).
        self.mu = math.log(max(chunk.mean, 1)) - SPREAD**2 / 2
        self.courses = Table(
            Course,
            "id", "code", "unit_id", "handler_id", "state", "title", "search_text", "approval_number", "summary", "outline",
            "audience", "materials", "method", "nature_id", "place", "hours", "capacity", "seats_taken", "admission", "enrol_from",
            "enrol_until", "contact_name", "contact_phone", "starts_on", "ends_on", "ends_at", "year", "created_at",
            "registered_at", "closed_at", "withdrawn_at", "withdrawn_by_id", "withdrawal_reason",
        )  # fmt: skip
        self.sessions = Table(Session, "course_id", "starts_at", "ends_at")
        self.instructors = Table(Instructor, "course_id", "name", "organisation")
        self.stages = Table(Course.stages.through, "course_id", "stage_id")
        self.tags = Table(Course.tags.through, "course_id", "tag_id")
        self.enrolments = Table(
            Enrolment,
            "id",
            "course_id",
            "user_id",
            "unit_id",
            "state",
            "walk_in",
            "enrolled_at",
            "decided_at",
        )
        self.closings = Table(
            Closing,
            "id", "course_id", "request_key", "closed_by_id", "account_id", "closed_at", "attended", "absent", "excused", "walk_ins",
            "hours_total",
        )  # fmt: skip
        self.credits = Table(
            HourCredit,
            "id", "enrolment_id", "course_id", "user_id", "kind", "hours", "reason", "issued_by_id", "issued_at",
        )  # fmt: skip
        self.notices = Table(
            Notice,
            "key", "kind", "recipient_id", "subject", "body", "path", "object_ref", "created_at", "read_at", "by_mail",
        )  # fmt: skip
        self.events = Table(
            AuditEvent,
            "id", "at", "actor_id", "actor_label", "hat", "action", "object_type", "object_id", "object_label", "unit_id", "after",
        )  # fmt: skip

    @property
    def tables(self) -> list[Table]:
        return [
            self.courses, self.sessions, self.instructors, self.stages, self.tags, self.enrolments, self.closings, self.credits,
            self.notices, self.events,
        ]  # fmt: skip

    def write(self) -> int:
        """Write the chunk; answers how many enrolments it holds."""
        people = 0
        for number in range(self.chunk.count):
            course = self._course(self.chunk.first + number, self.chunk.offset + number)
            self._register(course)
            people += self._people(course)
            self._close(course)
            self._write_course(course)
        for table in self.tables:
            table.flush()
        return people

    def _course(self, pk: int, place: int) -> Facts:
        rng = self.rng
        unit = self.chunk.units[0] if len(self.chunk.units) == 1 else rng.choice(self.chunk.units)
        start = self.first_day + timedelta(days=place * self.days // self.chunk.total)
        account, handler = rng.choice(unit.handlers)
        end = start + timedelta(days=rng.choice((0, 0, 0, 0, 1, 2)))
        course = Facts(
            pk, unit, account, handler, title(rng), start, end,
            hours=Decimal(rng.choice((2, 3, 3, 3, 6))),
            capacity=rng.choice((20, 30, 30, 40, 40, 50, 60, 100)),
            review=rng.random() < 0.25,
        )  # fmt: skip
        self._settle(course)
        return course

    def _settle(self, course: Facts) -> None:
        """Withdrawn, closed (on some day before today) or still open, as its unit's people are."""
        rng = self.rng
        if rng.random() < 0.015:
            course.state = "withdrawn"
            return
        since = (self.today - course.end).days
        # Last year's rest has been chased; little of it is left.
        forgets = course.unit.forgets if course.end.year == self.today.year else 0.002
        if since < 2 or rng.random() < forgets or (since < 30 and rng.random() < 0.5):
            return
        course.state = "closed"
        course.closed = course.end + timedelta(days=rng.randint(1, min(since - 1, 28)))

    def _register(self, course: Facts) -> None:
        registered = course.start - timedelta(days=30)
        self._event(course, f"{registered} 01:00:00+00", course.handler, "course.register", "registered")
        for number in range((course.end - course.start).days + 1):
            day = course.start + timedelta(days=number)
            self.sessions.raw(f"{course.pk}\t{day} 05:30:00+00\t{day} 08:30:00+00")
        self.instructors.raw(f"{course.pk}\t{name_of(course.pk * 7)}\t國立屏東大學")
        self.stages.raw(f"{course.pk}\t{course.pk % 12 + 1}")
        self.tags.raw(f"{course.pk}\t{course.pk % 12 + 1}")

    def _event(
        self, course: Facts, at: str, person: int, action: str, state: str, enrolment: int = 0, name: str = ""
    ) -> None:
        course.events += 1
        kind, pk = ("courses.enrolment", enrolment) if enrolment else ("courses.course", course.pk)
        label = f"{course.code} {course.title}"
        hat = "teacher" if enrolment else f"handler {course.unit.code}"
        self.events.raw(
            f"{course.pk * EVENT_ROOM + course.events}\t{at}\t{person}\t{name or name_of(person)}\t{hat}\t{action}\t{kind}\t{pk}\t"
            f'{label}\t{course.unit.id}\t{{"state": "{state}"}}'
        )

    def _people(self, course: Facts) -> int:
        """Who enrolled, first come first served or reviewed, and what became of each."""
        wanted = self._demand(course)
        people = self.rng.sample(course.unit.around, min(wanted, len(course.unit.around)))
        for person in people:
            self._enrol(course, person)
        return len(people)

    def _demand(self, course: Facts) -> int:
        opens = course.start - timedelta(days=30)
        if opens > self.today:
            return 0
        drawn = min(round(self.rng.lognormvariate(self.mu, SPREAD) + 0.35), 400)
        # Enrolment is still going on: part of those who will come have.
        return drawn if course.start <= self.today else drawn * (self.today - opens).days // 30

    def _enrol(self, course: Facts, person: int) -> None:
        rng = self.rng
        state, walk_in = self._admission(course), False
        if course.state == "withdrawn" and state != "declined":
            state = "cancelled"
        elif course.state == "closed":
            state, walk_in = self._outcome(state)
        if state in ("admitted", "attended", "absent", "excused"):
            course.seats += not walk_in
        pk = course.pk * PEOPLE_ROOM + course.number
        course.number += 1
        day = min(course.start - timedelta(days=rng.randint(8, 29)), self.today - timedelta(days=1))
        at = f"{day} {rng.randint(0, 9):02d}:{rng.randint(0, 59):02d}:00+00"
        name = name_of(person)
        self.enrolments.raw(
            f"{pk}\t{course.pk}\t{person}\t{course.unit.id}\t{state}\t{'t' if walk_in else 'f'}\t{at}\t{NULL}"
        )
        self._event(course, at, person, "enrolment.enrol", "admitted", pk, name)
        if course.state == "closed":
            self._issue(course, pk, person, state, walk_in)

    def _admission(self, course: Facts) -> str:
        """What the organiser and the places made of an enrolment before the course."""
        chance = self.rng.random()
        if chance < 0.06:
            return "cancelled"
        if course.review and course.start > self.today and chance < 0.5:
            return "applied"
        if course.seats < course.capacity:
            return "admitted"
        return "declined" if course.review else "waitlisted"

    def _outcome(self, state: str) -> tuple[str, bool]:
        if state in ("waitlisted", "applied"):
            # Now and then somebody comes without a place.
            return ("attended", True) if self.rng.random() < 0.05 else ("declined", False)
        if state != "admitted":
            return state, False
        chance = self.rng.random()
        return ("attended" if chance < 0.89 else "absent" if chance < 0.96 else "excused"), False

    def _issue(self, course: Facts, pk: int, person: int, state: str, walk_in: bool) -> None:
        course.attended += state == "attended"
        course.absent += state == "absent"
        course.excused += state == "excused"
        course.walk_ins += walk_in
        if state != "attended":
            return
        course.issued += course.hours
        at, by = course.closed_at, course.handler
        line = f"{pk}\t{course.pk}\t{person}"
        self.credits.raw(f"{2 * pk}\t{line}\tissued\t{course.hours}\t\t{by}\t{at}")
        if self.rng.random() < 0.005:
            self.credits.raw(f"{2 * pk + 1}\t{line}\tcorrected\t-0.5\t提早離開\t{by}\t{at[:10]} 03:00:00+00")
        self._notice(course, person, at)

    def _notice(self, course: Facts, person: int, at: str) -> None:
        """The inbox of the last two months."""
        if course.closed is None or (self.today - course.closed).days > 60:
            return
        read = NULL if self.rng.random() < 0.2 else at
        self.notices.raw(
            f"hours_issued:{person}:course:{course.pk}:{course.closed}\thours_issued\t{person}\t已核發時數 {course.title}\t"
            f"您參加的研習已核發 {course.hours} 小時。\t/me/\tcourse:{course.pk}\t{at}\t{read}\tf"
        )

    def _close(self, course: Facts) -> None:
        if course.state != "closed":
            return
        self.closings.raw(
            f"{course.pk}\t{course.pk}\tbench-{course.pk}\t{course.handler}\t{course.account}\t{course.closed_at}\t{course.attended}\t"
            f"{course.absent}\t{course.excused}\t{course.walk_ins}\t{course.issued}"
        )
        self._event(course, course.closed_at, course.handler, "course.close", "closed")

    def _write_course(self, course: Facts) -> None:
        rng, withdrawn = self.rng, course.state == "withdrawn"
        opens, closes = course.start - timedelta(days=30), course.start - timedelta(days=1)
        place = f"{course.unit.name} {rng.choice(PLACES)}"
        words = [course.code, course.title, course.unit.name, SUMMARY, place, name_of(course.pk * 7)]
        line = [
            course.pk, course.code, course.unit.id, course.account, course.state, course.title, fold("\n".join(words)), "無文號", SUMMARY,
            OUTLINE, "各級學校教師", "講師自編講義", rng.choice(KINDS), course.pk % 27 + 1, place, course.hours, course.capacity,
            0 if withdrawn else course.seats, "review" if course.review else "automatic", opens, closes, name_of(course.handler),
            "08-8642009#12", course.start, course.end, f"{course.end} 08:30:00+00", course.year, f"{opens} 01:00:00+00",
            f"{opens} 01:00:00+00", course.closed_at, f"{opens} 02:00:00+00" if withdrawn else NULL,
            course.handler if withdrawn else NULL, "not_held" if withdrawn else "",
        ]  # fmt: skip
        self.courses.raw("\t".join(map(str, line)))
