"""個人化專屬首頁: what a teacher sees of the own training."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from courses.enums import LIVE, CourseState, EnrolmentState
from courses.models import Enrolment
from hours.models import HourCredit
from inservice import clock

ZERO = Decimal("0")
RELATED = ("course__unit", "course__handler__user")


def _mine(user_id: int) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(user_id=user_id).select_related(*RELATED)


def ahead(user_id: int, at: datetime | None = None) -> QuerySet[Enrolment]:
    """Live enrolments in courses that are not over."""
    rows = _mine(user_id).filter(
        state__in=LIVE, course__ends_at__gt=at or clock.now(), course__state=CourseState.REGISTERED
    )
    return rows.order_by("course__starts_on", "course_id")


def owed(user_id: int, at: datetime | None = None) -> QuerySet[Enrolment]:
    """Admitted, the course is over, its hours are still owed: it is not closed."""
    rows = _mine(user_id).filter(
        state=EnrolmentState.ADMITTED,
        course__ends_at__lte=at or clock.now(),
        course__state=CourseState.REGISTERED,
    )
    return rows.order_by("course__ends_on", "course_id")


def forgotten(user_id: int) -> QuerySet[Enrolment]:
    """Closed courses in which I was admitted and have no hours: absent, excused, or hours taken back ("forgotten", letter)."""
    rows = _mine(user_id).filter(
        course__state=CourseState.CLOSED, state__in=("absent", "excused", "attended")
    )
    rows = rows.annotate(net=Coalesce(Sum("credits__hours"), ZERO)).filter(net__lte=0)
    return rows.order_by("-course__ends_on", "course_id")


def absences(user_id: int, year: int) -> QuerySet[Enrolment]:
    """The courses behind the absence light: the same rows that the light counts."""
    rows = Enrolment.objects.absences(year).filter(user_id=user_id).select_related(*RELATED)
    return rows.order_by("course__ends_on", "course_id")


def earned(user_id: int, year: int) -> QuerySet[Enrolment]:
    """Courses of a ROC year with the hours that count now."""
    rows = _mine(user_id).filter(course__state=CourseState.CLOSED, course__year=year)
    rows = rows.annotate(net=Coalesce(Sum("credits__hours"), ZERO)).filter(net__gt=0)
    return rows.order_by("-course__ends_on", "course_id")


@dataclass(frozen=True)
class YearHours:
    year: int
    hours: Decimal


def hours_by_year(user_id: int) -> list[YearHours]:
    """Hours of each ROC year, newest first."""
    rows = (
        HourCredit.objects.filter(Q(user_id=user_id))
        .order_by()
        .values("course__year")
        .annotate(total=Sum("hours"))
        .order_by("-course__year")
    )
    return [YearHours(row["course__year"] or 0, row["total"]) for row in rows]
