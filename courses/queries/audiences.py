"""Who may enrol in a course, and for whom its quotas keep places: judged by where a person serves and under which title.

One place of service has to meet every condition. The page, the API, the actions and the catalogue's filter judge by the same rules:
`Audience.obstacle` for people at hand, `may_enrol_q` for many courses; a test compares the two.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Q

from accounts.job_titles import TitleOrder
from accounts.models import Affiliation, Title
from accounts.queries.persons import persons_of_all
from courses.enums import AudienceObstacle, EnrolmentState, OpenTo, stages_covering
from courses.models import AudienceTarget, Course, Enrolment, Quota
from courses.models.lookups import AnyOf
from courses.queries.enrolment_offer import STAGE_OF_LEVEL
from kit import clock

# A course for all stages is also one for people who serve at no school.
ALL_STAGES = "75"
# What courses and their quotas name, with all that shows it.
NAMED = AudienceTarget.objects.select_related("unit", "county", "title")


class Place(NamedTuple):
    """Where a person serves, as the conditions see it. `titles`: primary keys of the titles that the person has there."""

    unit: int
    county: int | None
    stages: frozenset[str]
    titles: frozenset[int]


def places_of(user_ids: Collection[int], day: date | None = None) -> dict[int, list[Place]]:
    """Return where people serve on a Taipei day, those of merged records included: two queries."""
    rows = Affiliation.objects.serving(day).filter(AnyOf(F("user_id"), persons_of_all(user_ids)))
    found = list(
        rows.order_by("rank", "id").values_list(
            "user_id", "user__merged_into_id", "unit_id", "unit__county_id", "unit__level", "title"
        )
    )
    held = _titles_held({row[-1] for row in found})
    wanted: set[int | None] = set(user_ids)
    places: dict[int, list[Place]] = defaultdict(list)
    for user, survivor, unit, county, level, title in found:
        place = Place(unit, county, stages_of_level(level), held[title])
        for person in {user, survivor} & wanted:
            places[person or user].append(place)
    return places


def stages_of_level(level: str) -> frozenset[str]:
    """Return the audience codes that fit a unit of this level."""
    fitting = (stages_covering(code) for code in STAGE_OF_LEVEL.get(level, ()))
    return frozenset({ALL_STAGES}).union(*fitting)


def _titles_held(titles: Collection[str]) -> dict[str, frozenset[int]]:
    if not any(titles):
        return dict.fromkeys(titles, frozenset())
    keys, orders = {}, {}
    for pk, name, place in Title.objects.values_list("pk", "name", "order"):
        keys[name], orders[name] = pk, place
    order = TitleOrder(orders)
    return {title: frozenset(keys[name] for name in order.names_in(title)) for title in titles}


@dataclass(frozen=True)
class Audience:
    """Conditions on a place of service. `stages` and `titles` are None where they do not matter."""

    open_to: str
    own_unit: int
    units: frozenset[int] = frozenset()
    counties: frozenset[int] = frozenset()
    stages: frozenset[str] | None = None
    titles: frozenset[int] | None = None

    def obstacle(self, places: Sequence[Place]) -> AudienceObstacle | None:
        """Return why a person who serves there may not enrol; None if the person may."""
        if self.open_to == OpenTo.INVITED:
            return AudienceObstacle.INVITED
        left = [place for place in places if self._is_there(place)]
        if not left and self.open_to != OpenTo.ALL:
            return AudienceObstacle(self.open_to)
        if self.stages is not None:
            left = [place for place in left if place.stages & self.stages]
            if not left:
                return AudienceObstacle.STAGES
        if self.titles is not None and not any(place.titles & self.titles for place in left):
            return AudienceObstacle.TITLES
        return None

    def includes(self, places: Sequence[Place]) -> bool:
        return self.obstacle(places) is None

    def _is_there(self, place: Place) -> bool:
        if self.open_to == OpenTo.OWN_UNIT:
            return place.unit == self.own_unit
        if self.open_to == OpenTo.UNITS:
            return place.unit == self.own_unit or place.unit in self.units
        return self.open_to == OpenTo.ALL or place.county in self.counties


def audience_of(course: Course) -> Audience:
    """Return who may enrol in a course: no query for one that is open to all, at most two for another one."""
    if not course.is_restricted:
        return Audience(OpenTo.ALL, course.unit_id)
    rows = [row for row in course.targets.all() if row.quota_id is None] if has_targets(course) else []
    return _audience(course, course, rows, _stages(course) if course.only_stages else None)


def quota_audiences(course: Course, quotas: Sequence[Quota]) -> list[tuple[Quota, Audience]]:
    """Return each of a course's quotas with those for whom it keeps places, in one query; in none where `targets` are prefetched."""
    rows = defaultdict(list)
    for target in course.targets.all() if quotas else ():
        rows[target.quota_id].append(target)
    return [(quota, _audience(course, quota, rows[quota.pk], None)) for quota in quotas]


def who_may_move_up(course: Course, at: datetime | None = None, most: int | None = None) -> list[Enrolment]:
    """Return who waits for a place and may enrol at a moment, first come first, at `most` so many. The others stay on the list: they may
    have moved to another unit, or the audience was changed.
    """
    waiting = course.enrolments.waiting().counting_once().select_related("user")
    if not course.is_restricted:
        return list(waiting[:most])
    rows = list(waiting)
    outside = outside_of(course, {row.person_id for row in rows}, at)
    return [row for row in rows if row.person_id not in outside][:most]


class Outside(NamedTuple):
    """How many people have a place, and how many wait or are under review, who could not enrol."""

    seated: int
    waiting: int


def people_outside(course: Course, at: datetime | None = None) -> Outside:
    """Count who is enrolled in a course but not among those who may enrol; whom the organiser put on the list included."""
    if not course.is_restricted:
        return Outside(0, 0)
    rows = list(course.enrolments.live().select_related("user"))
    outside = outside_of(course, {row.person_id for row in rows}, at)
    found = [row.state for row in rows if row.person_id in outside]
    seated = sum(state == EnrolmentState.ADMITTED for state in found)
    return Outside(seated, len(found) - seated)


def outside_of(course: Course, user_ids: Collection[int], at: datetime | None = None) -> set[int]:
    """Return those of some people who may not enrol in a course; nobody, without a query, for one that is open to all."""
    if not course.is_restricted or not user_ids:
        return set()
    audience, places = audience_of(course), places_of(user_ids, clock.today(at))
    return {person for person in user_ids if not audience.includes(places.get(person, ()))}


def obstacle_of(course: Course, user_id: int, at: datetime | None = None) -> AudienceObstacle | None:
    """Return why a person may not enrol in a course; None, without a query, for a course that is open to all."""
    if not course.is_restricted:
        return None
    places = places_of([user_id], clock.today(at)) if course.open_to != OpenTo.INVITED else {}
    return audience_of(course).obstacle(places.get(user_id, ()))


def has_targets(course: Course) -> bool:
    """Return whether a course's own conditions name units, counties or titles."""
    return course.only_titles or course.open_to in (OpenTo.UNITS, OpenTo.COUNTIES)


def targets_of(course: Course) -> list[AudienceTarget]:
    """Return what a course and its quotas name, in one query."""
    return list(NAMED.filter(course=course))


def _stages(course: Course) -> frozenset[str]:
    return frozenset(stage.code for stage in course.stages.all())


def _audience(
    course: Course,
    rule: Course | Quota,
    targets: Iterable[AudienceTarget],
    stages: frozenset[str] | None,
) -> Audience:
    rows = list(targets)
    return Audience(
        rule.open_to,
        course.unit_id,
        frozenset(row.unit_id for row in rows if row.unit_id),
        frozenset(row.county_id for row in rows if row.county_id),
        stages,
        frozenset(row.title_id for row in rows if row.title_id) if rule.only_titles else None,
    )


def may_enrol_q(places: Iterable[Place]) -> Q:
    """Return the condition of the courses in which a person who serves there may enrol."""
    found = Q(open_to=OpenTo.ALL, only_stages=False, only_titles=False)
    for place in places:
        found |= _there_q(place) & _stage_q(place) & _title_q(place)
    return found


def _there_q(place: Place) -> Q:
    named = AudienceTarget.objects.filter(quota=None)
    own = Q(open_to__in=[OpenTo.OWN_UNIT, OpenTo.UNITS], unit=place.unit)
    units = Q(open_to=OpenTo.UNITS, pk__in=named.filter(unit=place.unit).values("course"))
    found = Q(open_to=OpenTo.ALL) | own | units
    if place.county is not None:
        of_county = named.filter(county=place.county).values("course")
        found |= Q(open_to=OpenTo.COUNTIES, pk__in=of_county)
    return found


def _stage_q(place: Place) -> Q:
    fitting = Course.stages.through.objects.filter(stage__code__in=sorted(place.stages))
    return Q(only_stages=False) | Q(pk__in=fitting.values("course_id"))


def _title_q(place: Place) -> Q:
    fitting = AudienceTarget.objects.filter(quota=None, title__in=sorted(place.titles))
    return Q(only_titles=False) | Q(pk__in=fitting.values("course"))
