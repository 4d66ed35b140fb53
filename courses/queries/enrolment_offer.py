"""What a course offers a person: whether enrolling is possible, the place on the waiting list, clashes, similar courses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, cast

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.enums import UnitLevel
from accounts.models import Affiliation
from accounts.queries.persons import has_one_record
from courses.enums import LIVE, Admission, CourseState, EnrolmentState, stages_covering
from courses.models import Course, Enrolment, Session
from courses.models.double_enrolments import weight_of
from courses.models.querysets import CourseQuerySet
from courses.queries.windows import is_reserved_for_waiting
from kit import clock
from kit.joined_rows import JoinedRows

S = EnrolmentState
SIMILAR_DAYS, SIMILAR_AMONG = 90, 800
# What says for whom a course is.
AUDIENCE = ("open_to", "only_stages", "only_titles")
# The stage that a school's level teaches, as the audience's codes name it.
STAGE_OF_LEVEL: dict[str, tuple[str, ...]] = {
    UnitLevel.ELEMENTARY: ("40",),
    UnitLevel.ATTACHED_ELEMENTARY: ("40",),
    UnitLevel.JUNIOR_HIGH: ("30",),
    UnitLevel.SENIOR_HIGH: ("10",),
    UnitLevel.VOCATIONAL: ("20", "23"),
    UnitLevel.SPECIAL: ("60",),
    UnitLevel.PRESCHOOL: ("50",),
}
IN_CLASH = ("starts_at", "ends_at", "course__title")
# From the person's few enrolments to their sessions, never through the sessions of the nation.
CLASHING = JoinedRows(
    Session,
    ("course",),
    """
SELECT {columns}, mine.state AS my_state
FROM courses_enrolment AS mine
JOIN courses_course AS course ON course.id = mine.course_id
JOIN courses_session AS session ON session.course_id = mine.course_id
WHERE mine.user_id = %(person)s AND mine.state IN ({live}) AND mine.course_id <> %(course)s
    AND session.starts_at < %(last)s AND session.ends_at > %(first)s
ORDER BY session.starts_at, session.id
""".replace("{live}", ", ".join(f"'{EnrolmentState(state).value}'" for state in sorted(LIVE))),
    only=IN_CLASH,
)
IN_PLACE = ("unit__name", "unit__level")
SERVES = JoinedRows(
    Affiliation,
    ("unit",),
    """
SELECT {columns}
FROM accounts_affiliation AS affiliation JOIN accounts_unit AS unit ON unit.id = affiliation.unit_id
WHERE affiliation.user_id = %(person)s AND (affiliation.since IS NULL OR affiliation.since <= %(today)s)
    AND (affiliation.until IS NULL OR affiliation.until >= %(today)s)
ORDER BY affiliation.rank, affiliation.id
""",
    only=IN_PLACE,
)


class PlaceKind(StrEnum):
    OVER = "over"
    POSTPONED = "postponed"
    SOON = "soon"
    SHUT = "shut"
    KEPT = "kept"
    LEFT = "left"
    FULL = "full"


@dataclass(frozen=True)
class Places:
    """The places of a course: the kind, how many are `left`, how many people wait."""

    kind: PlaceKind
    left: int = 0
    waiting: int = 0


class EnrolObstacle(StrEnum):
    """Why enrolling is closed now."""

    WITHDRAWN = "withdrawn"
    OVER = "over"
    NOT_YET = "not_yet"
    SHUT = "shut"
    FULL = "full"
    POSTPONED = "postponed"


class EnrolOutcome(StrEnum):
    """What enrolling would do."""

    REVIEWED = "reviewed"
    KEPT = "kept"
    ADMITTED = "admitted"
    WAITLISTED = "waitlisted"


class HasOwnState(Protocol):
    """A course of `with_own_state`: how many wait for a place, and the state of the person's own enrolment, if any."""

    waiting: int
    my_state: str | None


def own_state_of(course: Course) -> HasOwnState:
    """Return what `with_own_state` has added to a course."""
    return cast(HasOwnState, course)


def with_own_state(rows: CourseQuerySet, user_id: int | None) -> CourseQuerySet:
    """Each course with `waiting`, how many wait for a place, and `my_state`, the person's own enrolment."""
    waiting = (
        Enrolment.objects.filter(course=OuterRef("pk"), state=S.WAITLISTED)
        .order_by()
        .values("course")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rows.annotate(
        waiting=Coalesce(Subquery(waiting), 0, output_field=IntegerField()),
        my_state=Value("") if user_id is None else Subquery(_own_state("pk", user_id)[:1]),
    )


def _own_state(course: str, user_id: int) -> QuerySet[Enrolment, Any]:
    of_course = Enrolment.objects.filter(course=OuterRef(course))
    if has_one_record(user_id):
        return of_course.filter(user=user_id).order_by().values("state")
    mine = of_course.of_person(user_id)
    return mine.annotate(weight=weight_of()).order_by("-weight", "pk").values("state")


def places(course: Course, waiting: int) -> Places:
    """Return the places of a course today. The same rules as `courses.actions.enrolments.enrol`."""
    if course.state == CourseState.CLOSED or course.has_ended():
        return Places(PlaceKind.OVER)
    if course.postponed_at is not None:
        return Places(PlaceKind.POSTPONED)
    if course.enrol_from and clock.today() < course.enrol_from:
        return Places(PlaceKind.SOON)
    if not course.enrolment_is_open():
        return Places(PlaceKind.SHUT)
    left = course.seats_left
    if is_reserved_for_waiting(course, waiting):
        return Places(PlaceKind.KEPT, left, waiting)
    return Places(PlaceKind.LEFT if left else PlaceKind.FULL, left, waiting)


def obstacle(course: Course) -> EnrolObstacle | None:
    """Return why enrolling in the course is closed now; None when it is open."""
    if course.state == CourseState.WITHDRAWN:
        return EnrolObstacle.WITHDRAWN
    if course.state == CourseState.CLOSED or course.has_ended():
        return EnrolObstacle.OVER
    if course.postponed_at is not None:
        return EnrolObstacle.POSTPONED
    if course.enrol_from and clock.today() < course.enrol_from:
        return EnrolObstacle.NOT_YET
    if not course.enrolment_is_open():
        return EnrolObstacle.SHUT
    if not course.seats_left and not course.waiting_list and course.admission != Admission.REVIEW:
        return EnrolObstacle.FULL
    return None


def outcome(course: Course, waiting: int) -> EnrolOutcome:
    """Return what enrolling in an open course would do."""
    if course.admission == Admission.REVIEW:
        return EnrolOutcome.REVIEWED
    if is_reserved_for_waiting(course, waiting):
        return EnrolOutcome.KEPT
    return EnrolOutcome.ADMITTED if course.seats_left else EnrolOutcome.WAITLISTED


def joins_waiting_list(course: Course, waiting: int) -> bool:
    """Whether a newcomer would wait for a place."""
    is_full = not course.seats_left and course.waiting_list
    return (is_full or is_reserved_for_waiting(course, waiting)) and course.enrolment_is_open()


def position(mine: Enrolment) -> int:
    """The place on the waiting list, first come first served; the order in which `places.fill` moves people up."""
    earlier = Q(enrolled_at__lt=mine.enrolled_at) | Q(enrolled_at=mine.enrolled_at, pk__lt=mine.pk)
    return mine.course.enrolments.waiting().filter(earlier).count() + 1


@dataclass(frozen=True)
class Clash:
    """A session of another course, and the person's own state there."""

    session: Session
    state: EnrolmentState


def clashes(course: Course, user_id: int) -> list[Clash]:
    """Return the sessions of other courses in which the person is live and that overlap one of this course; information only.

    Ends that touch a beginning are no clash. Reads `course.sessions.all()`.
    """
    mine = list(course.sessions.all())
    if not mine:
        return []
    first, last = min(row.starts_at for row in mine), max(row.ends_at for row in mine)
    rows = CLASHING.all(person=user_id, course=course.pk, first=first, last=last)
    return [Clash(row, EnrolmentState(cast(Any, row).my_state)) for row in rows if _overlaps(row, mine)]


def clashing(course: Course, user_id: int, first: datetime, last: datetime) -> QuerySet[Session]:
    """The sessions that `CLASHING` reads; a test compares them."""
    own = {"course__enrolments__user_id": user_id, "course__enrolments__state__in": LIVE}
    return (
        Session.objects.filter(starts_at__lt=last, ends_at__gt=first, **own)
        .exclude(course=course)
        .annotate(my_state=F("course__enrolments__state"))
        .select_related("course")
        .only(*IN_CLASH)
        .order_by("starts_at", "id")
    )


def _overlaps(session: Session, others: Iterable[Session]) -> bool:
    return any(session.starts_at < row.ends_at and row.starts_at < session.ends_at for row in others)


def audience_gap(stages: Iterable[str], user_id: int) -> list[Affiliation]:
    """The person's places of service when the course's stages name none of their levels; empty when one fits or none is known."""
    codes = set(stages)
    if not codes:
        return []
    serves = SERVES.all(person=user_id, today=clock.today())
    known = [row for row in serves if row.unit.level in STAGE_OF_LEVEL]
    fits = any(codes & stages_covering(stage) for row in known for stage in STAGE_OF_LEVEL[row.unit.level])
    return known if codes and not fits else []


def serving(user_id: int) -> QuerySet[Affiliation]:
    """The places of service that `SERVES` reads; a test compares them."""
    return Affiliation.objects.serving().filter(user_id=user_id).select_related("unit").only(*IN_PLACE)


def similar(course: Course, tags: Iterable[int], number: int) -> list[Course]:
    """Return coming courses that share a tag (`tags`: those of the course) or the nature and are open for enrolment, next
    first.

    They begin within `SIMILAR_DAYS` days. The first `SIMILAR_AMONG` of the coming ones nearly always have enough: the nation has
    twenty thousand, and the database cannot estimate how many of them are alike.
    """
    today = clock.today()
    shares = Course.tags.through.objects.filter(course=OuterRef("pk"), tag__in=list(tags))
    alike = Q(Exists(shares)) | Q(nature=course.nature_id, nature__isnull=False)
    rows = Course.objects.ahead(today).filter(starts_on__lte=today + timedelta(days=SIMILAR_DAYS))
    # By the index of the days alone: what else is asked for, the database takes for rarer than it is.
    next_ones = rows.order_by("starts_on", "id").values("pk")[:SIMILAR_AMONG]
    open_ones = rows.open_for_enrolment().filter(alike).exclude(pk=course.pk).order_by("starts_on", "id")
    shown = open_ones.select_related("unit").only("code", "title", "starts_on", "unit__name", *AUDIENCE)
    found = list(shown.filter(pk__in=next_ones)[:number])
    return found if len(found) == number else list(shown[:number])
