"""個人化專屬首頁: what a teacher sees of the own training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.queries.persons import has_one_record, persons_of
from courses.enums import LIVE, OUTCOMES, CourseState, EnrolmentState, Participation
from courses.models import CourseHelper, Enrolment
from courses.models.lookups import AnyOf
from courses.models.querysets import EnrolmentQuerySet, absence_q
from courses.queries.helpers import helping
from hours.models import HourCredit
from hours.models.credit import ZERO, HourCreditQuerySet
from hours.queries import credited
from kit import clock

RELATED = ("course__unit", "course__handler__user", "course__co_handler__user")


def _mine(user_id: int) -> EnrolmentQuerySet:
    """Return the enrolments of a person, also of merged records."""
    rows = Enrolment.objects.select_related(*RELATED)
    return rows.filter(user=user_id) if has_one_record(user_id) else rows.of_person(user_id)


def _counting(user_id: int) -> QuerySet[Enrolment]:
    """Return those of `_mine` that count: of two in one course one."""
    return _mine(user_id) if has_one_record(user_id) else _mine(user_id).counting_once()


def _credits(user_id: int) -> HourCreditQuerySet:
    """Return the ledger rows that count for a person: of two enrolments in one course those of one."""
    if has_one_record(user_id):
        return HourCredit.objects.filter(user=user_id).order_by()
    counting = Enrolment.objects.of_person(user_id).counting_once()
    of_person = AnyOf(F("user_id"), persons_of(user_id))
    return HourCredit.objects.filter(of_person, AnyOf(F("enrolment_id"), counting.values("pk"))).order_by()


def live(user_id: int) -> list[Enrolment]:
    """Live enrolments in registered courses by their start, each with `place`: the position on its waiting list, from 1.

    The sessions of their courses are prefetched.
    """
    earlier = Enrolment.objects.filter(
        Q(enrolled_at__lt=OuterRef("enrolled_at"))
        | Q(enrolled_at=OuterRef("enrolled_at"), pk__lte=OuterRef("pk")),
        course=OuterRef("course"),
        state=EnrolmentState.WAITLISTED,
    )
    place = earlier.order_by().values("course").annotate(n=Count("pk")).values("n")
    rows = _mine(user_id).filter(state__in=LIVE, course__state=CourseState.REGISTERED)
    rows = rows.annotate(place=Subquery(place)).prefetch_related("course__sessions")
    return list(rows.order_by("course__starts_on", "course_id"))


def helping_ahead(user_id: int, at: datetime | None = None) -> list[CourseHelper]:
    """Return the registered courses that are not over for which a person is named as a lecturer or member of staff, by their start."""
    rows = helping(user_id).filter(course__ends_at__gt=at or clock.now()).select_related("course__unit")
    return list(rows.prefetch_related("course__sessions").order_by("course__starts_on", "course_id"))


def parted(rows: Iterable[Enrolment], at: datetime | None = None) -> tuple[list[Enrolment], list[Enrolment]]:
    """Of `live`: what lies ahead, and what is owed: admitted, the course is over, and it is not closed."""
    moment = at or clock.now()
    ahead, owed = [], []
    for row in rows:
        if not row.course.has_ended(moment):
            ahead.append(row)
        elif row.state == EnrolmentState.ADMITTED:
            owed.append(row)
    return ahead, owed


@dataclass(frozen=True)
class YearRecord:
    """The totals of a teacher's record of a ROC year, and closed courses of any year without hours."""

    earned: Sequence[Enrolment]
    absences: Sequence[Enrolment]
    forgotten: Sequence[Enrolment]

    @property
    def taken(self) -> list[Enrolment]:
        """The courses in which the person was a participant."""
        return [row for row in self.earned if not row.is_helper]

    @property
    def hours(self) -> Decimal:
        """The hours as a participant."""
        return credited.participant_hours(self.earned)

    @property
    def helper_hours(self) -> Decimal:
        """The hours as a lecturer or member of staff."""
        return credited.helper_hours(self.earned)


def record_of_year(user_id: int, year: int) -> YearRecord:
    """Return the totals of a teacher in one query.

    `earned`: courses of the year with hours that count now; `absences`: the rows that the light counts
    (`Enrolment.objects.absences`); `forgotten`: admitted and no hours, whatever the year ("forgotten", letter); excused people
    are left out.
    """
    rows = _counting(user_id).filter(course__state=CourseState.CLOSED, state__in=OUTCOMES)
    rows = rows.annotate(
        net=Coalesce(Sum("credits__hours"), ZERO),
        lights=ExpressionWrapper(absence_q(year), output_field=BooleanField()),
    ).filter(Q(course__year=year) | Q(net__lte=0))
    return record_from(rows.order_by("-course__ends_on", "course_id"), year)


def record_from(rows: Iterable[Any], year: int) -> YearRecord:
    """Return the totals from the rows of `record_of_year`, with `net` and `lights`."""
    found = list(rows)
    ours = [row for row in found if row.course.year == year]
    absences = [row for row in ours if row.lights]
    return YearRecord(
        earned=[row for row in ours if row.net > 0],
        absences=absences,
        forgotten=[row for row in found if _is_forgotten(row) and row not in absences],
    )


def _is_forgotten(row: Enrolment) -> bool:
    return credited.net_of(row) <= 0 and row.state != EnrolmentState.EXCUSED


def earned(user_id: int, year: int) -> QuerySet[Enrolment]:
    """Courses of a ROC year with the hours that count now."""
    return earned_between(user_id, year, year)


def earned_between(user_id: int, first: int, last: int) -> QuerySet[Enrolment]:
    """Courses of some ROC years, first and last included, with the hours that count now."""
    rows = _counting(user_id).filter(course__state=CourseState.CLOSED, course__year__range=(first, last))
    rows = rows.annotate(net=Coalesce(Sum("credits__hours"), ZERO)).filter(net__gt=0)
    return rows.select_related("unit", *RELATED).order_by("course__ends_on", "course_id")


def hours_by_topic(user_id: int, year: int) -> list[tuple[str, Decimal]]:
    """Return hours as a participant of a ROC year by the tags of their courses, most first; a course of several tags counts for each, one without for ""."""
    rows = _credits(user_id).participants().filter(course__year=year)
    named = rows.values_list("course__tags__name").annotate(total=Sum("hours")).filter(total__gt=0)
    return [(name or "", total) for name, total in named.order_by("-total", "course__tags__name")]


@dataclass(frozen=True)
class YearHours:
    """The hours of a ROC year as a participant, and those as a lecturer or member of staff."""

    year: int
    hours: Decimal
    helper_hours: Decimal = ZERO


def year_totals(user_id: int) -> Any:
    """Return a queryset with a row of `year` (ROC), `total`, `lecturer` and `staff` hours for each year, newest first.

    `total` counts the hours as a participant.
    """
    years = _credits(user_id).values(year=Coalesce("course__year", 0))
    sums = {
        name: Coalesce(Sum("hours", filter=Q(participation=part)), ZERO) for name, part in KIND_SUMS.items()
    }
    return years.annotate(**sums).order_by("-year")


# The sums of a year by the kind of hours that each counts.
KIND_SUMS = {
    "total": Participation.PARTICIPANT,
    "lecturer": Participation.LECTURER,
    "staff": Participation.STAFF,
}


def has_hours_q() -> Q:
    """Return the condition of the rows of `year_totals` with hours of any kind."""
    return Q(total__gt=0) | Q(lecturer__gt=0) | Q(staff__gt=0)


def hours_by_year(user_id: int) -> list[YearHours]:
    """Return the hours of each ROC year, newest first."""
    return _by_year(year_totals(user_id))


def years_with_hours(user_id: int) -> list[YearHours]:
    """Return `hours_by_year` without the years whose hours were all taken back: what a person is shown."""
    return _by_year(year_totals(user_id).filter(has_hours_q()))


def _by_year(rows: Any) -> list[YearHours]:
    return [YearHours(row["year"], row["total"], row["lecturer"] + row["staff"]) for row in rows]
