"""研習紀錄: what the teachers of a unit or a county earned in a ROC year."""

from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum

from accounts.models import Affiliation
from courses.enums import CourseState
from courses.models import Enrolment


def records(unit_id: int, year: int) -> QuerySet[Enrolment]:
    """Enrolments with hours that count, of people who serve at the unit today, in the school's administrative order."""
    serves = _serving().filter(unit_id=unit_id)
    rank = (
        serves.filter(user_id=OuterRef("user_id"))
        .order_by()
        .values("user_id")
        .annotate(r=Min("rank"))
        .values("r")
    )
    rows = _credited(year, serves).annotate(rank=Subquery(rank))
    return rows.order_by(
        F("rank").asc(nulls_last=True), "user__name", "user_id", "course__ends_on", "course_id"
    )


def county_records(county_id: int, year: int) -> QuerySet[Enrolment]:
    """The same of everybody who serves at a unit of the county today, each once, by the first of their units there."""
    serves = _serving().filter(unit__county_id=county_id)
    home = serves.filter(user_id=OuterRef("user_id")).order_by("rank", "id")
    rows = _credited(year, serves).annotate(
        home_code=Subquery(home.values("unit__code")[:1]), home_name=Subquery(home.values("unit__name")[:1])
    )
    return rows.order_by("home_code", "home_name", "user__name", "user_id", "course__ends_on", "course_id")


def _serving() -> QuerySet[Affiliation]:
    return Affiliation.objects.serving()


def _credited(year: int, serves: QuerySet[Affiliation]) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(
        course__state=CourseState.CLOSED, course__year=year, user_id__in=serves.order_by().values("user_id")
    )
    return rows.annotate(net=Sum("credits__hours")).filter(net__gt=0).select_related("user", "course__unit")
