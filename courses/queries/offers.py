"""What courses offer people: whether a person may enrol, and how many of the free places the person may take.

The one definition for every page, list, notice and endpoint that offers an enrolment or a place. The actions judge by the same rules
(`Audience`, `is_over`) under their locks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, Q, prefetch_related_objects

from accounts.models import Affiliation
from accounts.queries.persons import persons_of
from courses.cached_tables import ANY_QUOTA
from courses.enums import AudienceObstacle, EnrolmentState, OpenTo
from courses.models import AudienceTarget, Course, Enrolment, Quota
from courses.queries.audiences import (
    NAMED,
    Audience,
    Place,
    audience_of,
    has_targets,
    places_of,
    quota_audiences,
)
from courses.queries.quotas import in_force
from courses.queries.windows import is_offered_to
from kit import clock, request_memo, table_versions


@dataclass(frozen=True)
class Offer:
    """`obstacle`: why the person may not enrol, if so. `kept`: free places that quotas keep for the person and others like them;
    `elsewhere`: those that are kept for other people; `places`: all free ones that the person may take.
    """

    obstacle: AudienceObstacle | None
    places: int
    kept: int = 0
    elsewhere: int = 0

    @property
    def has_place(self) -> bool:
        """Whether there is a place that the person may take."""
        return self.obstacle is None and self.places > 0


def offers(pairs: Iterable[tuple[int, Course]], at: datetime | None = None) -> dict[tuple[int, int], Offer]:
    """Return the offer of each (person, course), by their keys; person 0 is a visitor, who is judged by nothing but an invitation.

    No query for courses that are open to all and keep nothing; for others a constant number, however many pairs there are (outside of a
    request, within `request_memo.remembering`).
    """
    wanted = list(pairs)
    courses = {course.pk: course for _person, course in wanted}
    load_conditions(courses.values())
    people = {person for person, course in wanted if person and not is_alike_for_all(course)}
    where = _places_of(people, at) if people else {}
    conditions = {
        pk: _Conditions(audience_of(course), quota_audiences(course, in_force(course, at)))
        for pk, course in courses.items()
    }
    return {
        (person, course.pk): _offer(course, person, conditions[course.pk], where.get(person, ()))
        for person, course in wanted
    }


def is_alike_for_all(course: Course) -> bool:
    """Return whether the course offers each person the same: it is open to all and keeps no places."""
    return not course.is_restricted and not course.seats_kept


def _places_of(people: Collection[int], at: datetime | None) -> dict[int, list[Place]]:
    """Return where people serve: read once for the lists of a page, which all judge its reader."""
    day = clock.today(at)
    return request_memo.once(("offers", "places", frozenset(people), day), lambda: places_of(people, day))


def offer(course: Course, person: int, at: datetime | None = None) -> Offer:
    """Return what a course offers one person, or a visitor (0)."""
    return offers([(person, course)], at)[person, course.pk]


def may_enrol_in(person: int, courses: Sequence[Course], at: datetime | None = None) -> list[Course]:
    """Return those of some courses in which a person, or a visitor (0), may enrol. What quotas keep is not read."""
    _load_audiences(courses)
    is_judged = person and any(course.is_restricted for course in courses)
    serves = _places_of([person], at).get(person, ()) if is_judged else ()
    return [course for course in courses if _obstacle(course, person, audience_of(course), serves) is None]


def courses_with_quota_for(person: int) -> list[int]:
    """Return the courses open for enrolment in which quotas keep free places for a person.

    Mostly no query, as no course keeps any, else one for nearly everybody.
    """
    if table_versions.is_caching() and not table_versions.cached(ANY_QUOTA, "", _any_quota):
        return []
    places = Affiliation.objects.serving(clock.today()).filter(user__in=persons_of(person)).order_by()
    units, counties = places.values("unit"), places.values("unit__county")
    # Titles are judged below.
    fitting = Q(unit__in=units) | Q(county__in=counties) | Q(title__isnull=False)
    named = AudienceTarget.objects.filter(fitting, quota__isnull=False).order_by().values("quota")
    quotas = Quota.objects.filter(Q(course__unit__in=units) | Q(pk__in=named), taken__lt=F("places"))
    keeping = quotas.filter(released_at=None).order_by().values("course")
    found = list(Course.objects.open_for_enrolment().filter(pk__in=keeping).order_by("pk"))
    offered = offers([(person, course) for course in found])
    return [course.pk for course in found if (mine := offered[person, course.pk]).kept and mine.has_place]


def _any_quota() -> bool:
    """Return whether any course that is open for enrolment keeps places: by way of the quotas, which few courses have."""
    keeping = Quota.objects.filter(taken__lt=F("places"), released_at=None).order_by().values("course")
    return Course.objects.open_for_enrolment().filter(pk__in=keeping).exists()


def load_conditions(courses: Iterable[Course]) -> None:
    """Read what the courses' conditions and quotas name, once however often it is needed. For courses that are only shown."""
    found = list(courses)
    _load_audiences(found)
    keeping = [course for course in found if course.seats_kept]
    prefetch_related_objects(keeping, Prefetch("targets", NAMED), "quotas", "sessions")


def _load_audiences(courses: Iterable[Course]) -> None:
    found = list(courses)
    prefetch_related_objects([course for course in found if has_targets(course)], Prefetch("targets", NAMED))
    prefetch_related_objects([course for course in found if course.only_stages], "stages")


@dataclass(frozen=True)
class _Conditions:
    """Who may enrol in a course, and its quotas in force with whom each is for."""

    audience: Audience
    quotas: Sequence[tuple[Quota, Audience]]


def _offer(course: Course, person: int, conditions: _Conditions, serves: Sequence[Place]) -> Offer:
    obstacle = _obstacle(course, person, conditions.audience, serves)
    kept = sum(quota.left for quota, audience in conditions.quotas if audience.includes(serves))
    elsewhere = sum(quota.left for quota, _audience in conditions.quotas) - kept
    return Offer(obstacle, max(course.capacity - course.seats_taken - elsewhere, 0), kept, elsewhere)


def _obstacle(
    course: Course, person: int, audience: Audience, serves: Sequence[Place]
) -> AudienceObstacle | None:
    """Return why a person may not enrol; a visitor (0) is judged by nothing but an invitation."""
    is_judged = course.is_restricted and (person or course.open_to == OpenTo.INVITED)
    return audience.obstacle(serves) if is_judged else None


def show(course: Course, found: Offer) -> None:
    """Let a course that is shown count only the places kept for others than the reader."""
    course.seats_kept = found.elsewhere


@dataclass(frozen=True)
class Waiting:
    """Of enrolments: the primary keys of those whose person `may_take` a free place now, and why others of them may not enrol."""

    may_take: frozenset[int]
    obstacles: Mapping[int, AudienceObstacle]


def offers_to_waiting(
    rows: Iterable[Enrolment], at: datetime | None = None, *, person: int | None = None
) -> Waiting:
    """Return which of some enrolments, with their courses and sessions, are offered a free place: `is_offered_to`, for people who may
    enrol. `person`: whose they all are; else `user` is read of each. No query unless one waits for a place in a restricted course.
    """
    waiting = [row for row in rows if row.state == EnrolmentState.WAITLISTED]
    judged = {row: (person or row.person_id, row.course) for row in waiting if row.course.is_restricted}
    found = offers(judged.values(), at)
    obstacles = {
        row.pk: obstacle
        for row, (who, course) in judged.items()
        if (obstacle := found[who, course.pk].obstacle) is not None
    }
    taking = {row.pk for row in waiting if row.pk not in obstacles and is_offered_to(row.course, row, at)}
    return Waiting(frozenset(taking), obstacles)
