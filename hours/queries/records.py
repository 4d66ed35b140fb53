"""研習紀錄: what the people of a unit or a county earned in a year.

A course counts for the places held on the Taipei day of its last session: a unit sees nothing that was earned before a person came or
after a person left, and keeps seeing what was earned meanwhile.
"""

from django.db.models import Aggregate, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Affiliation
from accounts.queries.persons import merged_records, person_key, with_merged
from courses.enums import CourseState
from courses.models import Enrolment
from kit.periods import Period

# The rows of one person follow each other, also those of merged records.
BY_PERSON = (
    Coalesce("user__merged_into__name_key", "user__name_key"),
    Coalesce("user__merged_into__name", "user__name"),
    "person",
    "course__ends_on",
    "course_id",
)


def served(unit_id: int, period: Period) -> QuerySet[Affiliation]:
    """Return the places at a unit on any day of a year, also of people who have left since."""
    return Affiliation.objects.filter(unit_id=unit_id).overlapping(period.first, period.last)


def people_served(unit_id: int, period: Period) -> int:
    """Return how many people served at a unit in a year."""
    rows = served(unit_id, period).order_by().annotate(person=person_key())
    return rows.values("person").distinct().count()


def records(unit_id: int, period: Period) -> QuerySet[Enrolment]:
    """Return enrolments with hours that count, by the people's administrative order and the strokes of their names.

    `left_on` is the last day of a person who has left (`credited.left_on`).
    """
    places = served(unit_id, period)
    at_unit = Affiliation.objects.filter(unit_id=unit_id)
    rows = _credited(period, places).annotate(
        rank=_of_person(places, Min("rank")),
        last_day=_of_person(at_unit, Max("until")),
        endless=Exists(at_unit.filter(until=None, user_id=OuterRef("person"))),
    )
    return rows.order_by(
        F("rank").asc(nulls_last=True),
        *BY_PERSON,
    )


def _of_person(places: QuerySet[Affiliation], found: Aggregate) -> Coalesce:
    """Return what is found of the places of an enrolment's person; where the person has none, of those of records merged into theirs."""
    own = places.filter(user_id=OuterRef("person")).order_by().values("user_id")
    merged = places.filter(user__merged_into=OuterRef("person")).order_by().values("user__merged_into")
    return Coalesce(
        *(Subquery(rows.annotate(found=found).values("found")) for rows in (own, merged)),
    )


def county_records(county_id: int, period: Period) -> QuerySet[Enrolment]:
    """Return the same of the whole county, each course once for a person, at the first of the units held on its day."""
    places = Affiliation.objects.filter(unit__county_id=county_id).overlapping(period.first, period.last)
    rows = _credited(period, places).annotate(
        home_code=_home(places, "unit__code"), home_name=_home(places, "unit__name")
    )
    return rows.order_by(
        "home_code",
        "home_name",
        *BY_PERSON,
    )


def _home(places: QuerySet[Affiliation], column: str) -> Coalesce:
    """Return the column of the first unit of an enrolment's day; of merged records the place may be another record's."""
    own = _on_the_day(places).order_by("rank", "id")
    of_person = _on_the_day(places.annotate(person=person_key()), "person").order_by("rank", "id")
    return Coalesce(Subquery(own.values(column)[:1]), Subquery(of_person.values(column)[:1]))


def _on_the_day(places: QuerySet[Affiliation], same: str = "user_id") -> QuerySet[Affiliation]:
    """Return those of the places at which the person of an enrolment served on the last day of its course.

    `same` is what a place and an enrolment have in common: the record, or with merged records the `person`.
    """
    day = OuterRef("course__ends_on")
    begun = Q(since=None) | Q(since__lte=day)
    return places.filter(begun, Q(until=None) | Q(until__gte=day), **{same: OuterRef(same)})


def _credited(period: Period, places: QuerySet[Affiliation]) -> QuerySet[Enrolment]:
    of_period = (
        {"course__ends_on__range": (period.first, period.last)}
        if period.is_school
        else {"course__year": period.year}
    )
    of_person = Exists(_on_the_day(places.annotate(person=person_key()), "person"))
    here = Exists(_on_the_day(places)) | Q(user_id__in=merged_records()) & of_person
    rows = Enrolment.objects.annotate(person=person_key()).filter(
        here,
        course__state=CourseState.CLOSED,
        # From the people to their few enrolments, never through the enrolments of the nation.
        user_id__in=with_merged(places.order_by().values("user_id")),
        **of_period,
    )
    rows = rows.counting_once().annotate(net=Sum("credits__hours")).filter(net__gt=0)
    return rows.select_related("user__merged_into", "user__guest", "course__unit")
