"""Who is expected at a session, who has come, and what the organiser should look at."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Count, Exists, Max, OuterRef

from accounts.models import User
from accounts.queries.guests import organisation_of
from accounts.queries.names import distinguish
from accounts.queries.persons import person_key
from courses.enums import Participation
from courses.models import Course, Session
from courses.queries.helpers import helpers_of
from hours.enums import SignKind
from hours.models import Attendance
from hours.queries.attendance import terms_of
from hours.queries.merged_signs import listed_record
from kit.texts import fold

# A poll repeats the changes of so many seconds: a sign is seen although a later one was committed before it.
OVERLAP = timedelta(seconds=30)


@dataclass(frozen=True)
class SessionRow:
    """A person at a session. `is_listed`: admitted; `same_phone`: other people who signed with the same phone there."""

    person: User
    unit_name: str
    is_listed: bool
    known_by: str = ""
    came: Attendance | None = None
    left: Attendance | None = None
    is_late: bool = False
    is_early: bool = False
    same_phone: tuple[str, ...] = ()
    # As what a lecturer or member of staff is named.
    part: str = ""

    @property
    def part_label(self) -> str:
        return str(Participation(self.part).label) if self.part else ""


@dataclass(frozen=True)
class SessionList:
    """The people of a session by unit and name; who is not on the list comes first, lecturers and staff last."""

    session: Session
    rows: tuple[SessionRow, ...]

    @property
    def expected(self) -> int:
        return sum(row.is_listed for row in self.rows)

    @property
    def came(self) -> int:
        return sum(row.came is not None for row in self.rows if not row.part)

    @property
    def left(self) -> int:
        return sum(row.left is not None for row in self.rows if not row.part)

    @property
    def noteworthy(self) -> list[SessionRow]:
        return [
            r for r in self.rows if r.is_late or r.is_early or r.same_phone or not (r.is_listed or r.part)
        ]

    def matching(self, text: str) -> list[SessionRow]:
        """Return the rows whose name or unit contains a text."""
        wanted = fold(text)
        names = ((row, f"{row.person.name} {row.unit_name}") for row in self.rows)
        return [row for row, name in names if wanted in fold(name)]

    def of_people(self, people: Collection[int]) -> list[SessionRow]:
        return [row for row in self.rows if row.person.pk in people]


def version_of(session: Session) -> str:
    """Return a text that changes with every sign of a session, in one cheap query."""
    rows = Attendance.objects.filter(session=session).order_by()
    found = rows.aggregate(number=Count("pk"), last=Max("pk"), gone=Count("taken_back_at"))
    return f"{found['number']}-{found['last'] or 0}-{found['gone']}"


def changed_since(session: Session, moment: datetime) -> set[int]:
    """Return the people whose signs changed since a moment, or shortly before it."""
    rows = Attendance.objects.filter(session=session)
    since = moment - OVERLAP
    changed = rows.filter(recorded_at__gte=since) | rows.filter(taken_back_at__gte=since)
    person = listed_record(session.course_id)
    return set(changed.order_by().annotate(person=person).values_list("person", flat=True))


def session_list(course: Course, session: Session) -> SessionList:
    """Return the people of a session, in a constant number of queries."""
    signs: dict[int, dict[str, Attendance]] = defaultdict(dict)
    for sign, person_id in _signs(course, session):
        # Of two records of a person that both signed, the earlier sign counts.
        signs[person_id].setdefault(sign.kind, sign)
    people = list(
        course.enrolments.expected()
        .select_related("user__guest", "unit")
        .by_unit("user__name_key", "user__name", "pk")
    )
    listed = {row.user_id for row in people}
    enrolled = {row.person_id for row in people}
    helpers = [row for row in helpers_of(course) if row.person_id not in enrolled]
    helping = {row.person_id for row in helpers}
    strangers = User.objects.filter(pk__in=signs.keys() - listed - helping)
    strangers = strangers.select_related("guest").order_by("name_key", "name", "pk")
    names = {row.user_id: row.user.name for row in people} | {person.pk: person.name for person in strangers}
    names |= {row.person_id: row.user.name for row in helpers}
    facts = _Facts(session, terms_of(course).tolerance, signs, _phones(signs), names)
    known = distinguish(people)
    expected = (facts.row(row.user, row.unit_name, known[row.user_id].known_by) for row in people)
    last = (
        replace(facts.row(row.user, organisation_of(row.user)), part=row.participation) for row in helpers
    )
    return SessionList(
        session, (*(facts.row(person, organisation_of(person)) for person in strangers), *expected, *last)
    )


def _signs(course: Course, session: Session) -> list[tuple[Attendance, int]]:
    """Return the valid signs of a session, each with the record for which it counts."""
    rows = Attendance.objects.valid().filter(session=session).order_by("at", "pk")
    found = rows.annotate(person=listed_record(course.pk))
    return [(sign, cast(Any, sign).person) for sign in found]


@dataclass(frozen=True)
class _Facts:
    """The signs of a session by person and kind, the people of each phone, and everybody's name."""

    session: Session
    tolerance: timedelta
    signs: Mapping[int, Mapping[str, Attendance]]
    phones: Mapping[str, set[int]]
    names: Mapping[int, str]

    def row(self, person: User, unit_name: str = "", known_by: str | None = None) -> SessionRow:
        """Return the row of a person; one who is not on the list has no `known_by`."""
        mine = self.signs.get(person.pk, {})
        came, left = mine.get(SignKind.IN), mine.get(SignKind.OUT)
        same = {pk for sign in mine.values() for pk in self.phones.get(sign.device, ())} - {person.pk}
        return SessionRow(
            person,
            unit_name,
            known_by is not None,
            known_by or "",
            came,
            left,
            came is not None and came.at > self.session.starts_at + self.tolerance,
            left is not None and left.at < self.session.ends_at - self.tolerance,
            tuple(sorted(self.names[pk] for pk in same)),
        )


def _phones(signs: Mapping[int, Mapping[str, Attendance]]) -> dict[str, set[int]]:
    """Return the people who signed with each phone."""
    found: dict[str, set[int]] = defaultdict(set)
    for person_id, mine in signs.items():
        for sign in mine.values():
            if sign.device:
                found[sign.device].add(person_id)
    return found


@dataclass(frozen=True)
class Counts:
    """How many people are expected, and how many signed in and out, on the list or not."""

    expected: int
    came: int
    left: int


def counts_of(course: Course, session: Session) -> Counts:
    """Return the counts of a session, in two queries. Lecturers and staff who are not enrolled are not counted."""
    signs = Attendance.objects.valid().filter(session=session).order_by()
    enrolled = course.enrolments.expected().annotate(person=person_key()).values("person")
    helpers = course.helpers.annotate(person=person_key()).exclude(person__in=enrolled)
    helping = Exists(helpers.filter(person=OuterRef("person")))
    kinds = signs.annotate(person=person_key()).exclude(helping).values_list("kind")
    signed = dict(kinds.annotate(number=Count(listed_record(course.pk), distinct=True)))
    expected = course.enrolments.expected().count()
    return Counts(expected, signed.get(SignKind.IN, 0), signed.get(SignKind.OUT, 0))


def names_of(course: Course, people: Collection[int]) -> list[str]:
    """Return the names of those among some people who are or were on the list of a course."""
    rows = course.enrolments.filter(user__in=people).order_by("user__name_key", "pk")
    return list(rows.values_list("user__name", flat=True))
