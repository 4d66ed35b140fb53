"""研習紀錄: what a unit's teachers earned in a ROC year, in the columns of the national export (domain.md §5)."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Affiliation
from courses.enums import CourseState
from courses.models import Enrolment
from inservice import clock

HEADER = ["教師姓名", "課程代碼", "研習課程名稱", "主辦單位", "課程結束時間", "實核時數/學分數", "核准文號"]


def records(unit_id: int, year: int) -> QuerySet[Enrolment]:
    """Enrolments with hours that count, of people who serve at the unit today, in the school's administrative order."""
    serves = Affiliation.objects.filter(Q(until=None) | Q(until__gte=clock.today()), unit_id=unit_id)
    rank = (
        serves.filter(user_id=OuterRef("user_id"))
        .order_by()
        .values("user_id")
        .annotate(r=Min("rank"))
        .values("r")
    )
    rows = Enrolment.objects.filter(
        course__state=CourseState.CLOSED, course__year=year, user_id__in=serves.values("user_id")
    )
    rows = rows.annotate(net=Sum("credits__hours"), rank=Subquery(rank)).filter(net__gt=0)
    return rows.select_related("user", "course__unit").order_by(
        F("rank").asc(nulls_last=True), "user__name", "user_id", "course__ends_on", "course_id"
    )


def export_rows(rows: QuerySet[Enrolment]) -> Iterator[list[str]]:
    """Bare numbers for hours, Gregorian YYYY/MM/DD for days: other people's tools read this."""
    for row in rows.iterator(chunk_size=2000):
        course = row.course
        yield [
            row.user.name,
            course.code,
            course.title,
            course.unit.name,
            f"{course.ends_on:%Y/%m/%d}",
            bare(row.net),  # type: ignore[attr-defined]
            course.approval_number,
        ]


def bare(hours: Decimal) -> str:
    """3, 2.5: no unit, no trailing zeros."""
    return f"{hours.normalize():f}"
