"""The vocabulary: every count shown anywhere is built from these words, and so is every rule."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.acting import Actor
from courses.enums import LIVE, SEATED, CourseState, EnrolmentState
from courses.models.lookups import AnyOf
from courses.models.policy import YearlyPolicy
from inservice import clock
from inservice.texts import fold

if TYPE_CHECKING:
    from courses.models import Course, Enrolment  # noqa: F401

WHOLE_CODE = re.compile(r"[1-9]\d{6,9}\Z")


def overdue_q(day: date, policies: Mapping[int, YearlyPolicy]) -> Q:
    """Not closed on time on a Taipei day: past `closing_days` after the last session, or past the year's final deadline.

    Years without a policy of their own follow the defaults (domain.md §3).
    """
    found = Q(pk__in=[])
    for year, policy in policies.items():
        found |= Q(year=year) & _late(day, policy)
    default = YearlyPolicy(year=clock.roc_year(day))
    last_year = clock.roc_year(day) - 1
    past_final = last_year if day > YearlyPolicy(year=last_year).last_day else last_year - 1
    others = ~Q(year__in=list(policies)) & (_late(day, default) | Q(year__lte=past_final))
    return found | others


def lighting_q(year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> Q:
    """Of unclosed courses, those that a unit's light of a ROC year counts: overdue ones of that year (當年度, letter) and, where the
    year's policy says so, of earlier years past their final deadline."""
    counted = Q(year=year)
    if policies.get(year, YearlyPolicy(year=year)).count_earlier_years:
        earlier = [y for y, p in policies.items() if y < year and day > p.last_day]
        default_before = clock.roc_year(day) - (
            1 if day > YearlyPolicy(year=clock.roc_year(day) - 1).last_day else 2
        )
        counted |= Q(year__in=earlier)
        counted |= Q(year__lt=year, year__lte=default_before) & ~Q(year__in=list(policies))
    return counted & overdue_q(day, policies)


def _late(day: date, policy: YearlyPolicy) -> Q:
    if day > policy.last_day:
        return Q(year__isnull=False)
    return Q(ends_on__lt=day - timedelta(days=policy.closing_days))


def open_q(at: datetime | None = None) -> Q:
    """Same rule as `Course.enrolment_is_open`: registered, not over, today within the enrolment window."""
    day = clock.today(at)
    return Q(
        Q(enrol_from=None) | Q(enrol_from__lte=day),
        Q(enrol_until__gte=day) | Q(enrol_until=None, starts_on__gte=day),
        state=CourseState.REGISTERED,
        ends_at__gt=at or clock.now(),
    )


class CourseQuerySet(models.QuerySet["Course"]):
    def unclosed(self) -> "CourseQuerySet":
        """尚未結案: registered, not yet closed or withdrawn."""
        return self.filter(state=CourseState.REGISTERED)

    def overdue(self, at: date | None = None) -> "CourseQuerySet":
        """Unclosed and not closed on time on a Taipei day. The one definition: page, gate, job and API ask here."""
        return self.unclosed().filter(overdue_q(at or clock.today(), YearlyPolicy.objects.current()))

    def lighting(self, year: int, at: date | None = None) -> "CourseQuerySet":
        """The unclosed courses that a unit's light of a ROC year counts (`lighting_q`)."""
        return self.unclosed().filter(lighting_q(year, at or clock.today(), YearlyPolicy.objects.current()))

    def ended(self, at: Any = None) -> "CourseQuerySet":
        """The last session is over at a moment."""
        return self.filter(ends_at__lte=at or clock.now())

    def closable(self, at: Any = None) -> "CourseQuerySet":
        """Unclosed and over: hours are owed to somebody."""
        return self.unclosed().ended(at)

    def of_unit(self, unit_id: int) -> "CourseQuerySet":
        return self.filter(unit_id=unit_id)

    def of_year(self, year: int) -> "CourseQuerySet":
        """Courses of a ROC year; drafts without dates belong to the running year."""
        if year == clock.this_year():
            return self.filter(Q(year=year) | Q(year=None))
        return self.filter(year=year)

    def public(self) -> "CourseQuerySet":
        """What the catalogue shows: registered or closed."""
        return self.filter(state__in=[CourseState.REGISTERED, CourseState.CLOSED])

    def upcoming(self, day: date | None = None) -> "CourseQuerySet":
        """Not over before a Taipei day: what the catalogue shows unless past courses are asked for."""
        return self.filter(ends_on__gte=day or clock.today())

    def open_for_enrolment(self, at: Any = None) -> "CourseQuerySet":
        """Registered, not over, today within the enrolment window: `open_q` says it."""
        return self.filter(open_q(at))

    def matching(self, words: str) -> "CourseQuerySet":
        """Every word stands in code, name, unit, summary or instructors; 臺/台 and full or half width are the same."""
        rows = self
        for word in fold(words).split()[:8]:
            # A whole code is one course; its digits by pairs stand in every code.
            rows = rows.filter(Q(code=word) if WHOLE_CODE.match(word) else Q(search_text__has_word=word))
        return rows

    def running(self, day: date) -> "CourseQuerySet":
        """Public courses that began before a Taipei day and are not over."""
        return self.public().filter(starts_on__lt=day, ends_on__gte=day)

    def ahead(self, day: date) -> "CourseQuerySet":
        """Public courses that begin on a Taipei day or later."""
        return self.public().filter(starts_on__gte=day)

    def manageable_by(self, actor: Actor) -> "CourseQuerySet":
        """本單位研習課程: a unit's hat sees all of its unit's courses; others see none here."""
        return self.filter(unit_id=actor.unit_id) if actor.is_unit_hat else self.none()


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def live(self) -> "EnrolmentQuerySet":
        """Applied, admitted or waiting: somebody still wants to come."""
        return self.filter(state__in=LIVE)

    def seated(self) -> "EnrolmentQuerySet":
        """Those who hold one of the course's places; `Course.seats_taken` counts exactly these."""
        return self.filter(state__in=SEATED, walk_in=False)

    def waiting(self) -> "EnrolmentQuerySet":
        return self.filter(state=EnrolmentState.WAITLISTED).order_by("enrolled_at", "id")

    def absences(self, year: int) -> "EnrolmentQuerySet":
        """報名但未參與研習: absences in closed courses of a ROC year (which ones count is a guess, domain.md §3)."""
        return self.filter(state=EnrolmentState.ABSENT, course__state=CourseState.CLOSED, course__year=year)

    def of_people(self, user_ids: Iterable[int]) -> "EnrolmentQuerySet":
        return self.filter(AnyOf(F("user_id"), list(user_ids)))
