"""The vocabulary: every count shown anywhere is built from these words, and so is every rule."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.acting import Actor
from accounts.queries.persons import persons_of, persons_of_all
from courses.enums import LIVE, SEATED, CourseState, EnrolmentState, Participation
from courses.models.deadlines import DAY
from courses.models.double_enrolments import once_q, weighed
from courses.models.lookups import AnyOf
from courses.models.policy import YearlyPolicy, policy_of
from kit import clock
from kit.highlighting import MOST_WORDS
from kit.texts import fold

if TYPE_CHECKING:
    from courses.models import Course, Enrolment  # noqa: F401

WHOLE_CODE = re.compile(r"[1-9]\d{6,9}\Z")


def overdue_q(day: date, policies: Mapping[int, YearlyPolicy]) -> Q:
    """Return the condition of a course of any year that was not closed on time on a Taipei day (`deadlines.Deadlines`)."""
    last_year = clock.roc_year(day) - 1
    # Of a year before the last one that has no policy of its own, the default final deadline (31 March) lies behind.
    found = Q(year__lt=last_year) & ~Q(year__in=list(policies))
    for year in {last_year, last_year + 1, *policies}:
        found |= _overdue_of(year, day, policies)
    return found


def lighting_q(year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> Q:
    """Return the condition of an unclosed course that lights its unit in a ROC year: it is overdue and of that year (當年度, letter)
    or, where the year's policy says so, of an earlier year past its final deadline.

    `first_lit_day` gives the same as a day.
    """
    counted = _overdue_of(year, day, policies)
    if policy_of(policies, year).count_earlier_years:
        last_year = clock.roc_year(day) - 1
        counted |= Q(year__lt=min(year, last_year)) & ~Q(year__in=list(policies))
        for earlier in {last_year, *policies}:
            if earlier < year and day > policy_of(policies, earlier).last_day:
                counted |= _overdue_of(earlier, day, policies)
    return counted


def first_lit_day(
    year: int, policies: Mapping[int, YearlyPolicy], own_year: int | None, ends_on: date | None
) -> date | None:
    """Return the first Taipei day on which a course of `own_year`, if it stays unclosed, lights its unit in a ROC year.

    None for a course that will not. `lighting_q` gives the same as a condition.
    """
    if own_year is None or ends_on is None or own_year > year:
        return None
    policy = policy_of(policies, own_year)
    if own_year == year:
        first = policy.due_on(ends_on) + DAY
    elif policy_of(policies, year).count_earlier_years:
        first = max(policy.last_day, policy.due_on(ends_on)) + DAY
    else:
        return None
    return first


def _overdue_of(year: int, day: date, policies: Mapping[int, YearlyPolicy]) -> Q:
    return Q(year=year) & policy_of(policies, year).deadlines.overdue_q(day)


def open_q(at: datetime | None = None) -> Q:
    """Same rule as `Course.enrolment_is_open`: registered, not over, today within the enrolment window."""
    day = clock.today(at)
    return Q(
        Q(enrol_from=None) | Q(enrol_from__lte=day),
        Q(enrol_until__gte=day) | Q(enrol_until=None, starts_on__gte=day),
        state=CourseState.REGISTERED,
        postponed_at=None,
        ends_at__gt=at or clock.now(),
    )


def absence_q(year: int) -> Q:
    """報名但未參與研習: an absence in a closed course of a ROC year (which ones count is a guess, domain.md §3)."""
    return Q(state=EnrolmentState.ABSENT, course__state=CourseState.CLOSED, course__year=year)


def handled_q(account_id: int, course: str = "") -> Q:
    """Return the condition that an account is the handler or the second handler; `course` is the path to it ("enrolment__course__")."""
    return Q(**{f"{course}handler": account_id}) | Q(**{f"{course}co_handler": account_id})


class CourseQuerySet(models.QuerySet["Course"]):
    def unclosed(self) -> "CourseQuerySet":
        """尚未結案: registered, not yet closed, withdrawn or postponed."""
        return self.filter(state=CourseState.REGISTERED, postponed_at=None)

    def postponed(self) -> "CourseQuerySet":
        """延期: a session was suspended, and the handler has not chosen new days."""
        return self.filter(state=CourseState.REGISTERED, postponed_at__isnull=False)

    def transferable(self) -> "CourseQuerySet":
        """Drafts and unclosed courses: what may move to another account, and what one that ends leaves behind."""
        return self.filter(state__in=[CourseState.DRAFT, CourseState.REGISTERED])

    def overdue(self, at: date | None = None) -> "CourseQuerySet":
        """Unclosed and not closed on time on a Taipei day. The one definition for page, gate, job and API."""
        return self.unclosed().filter(overdue_q(at or clock.today(), YearlyPolicy.objects.current()))

    def lighting(self, year: int, at: date | None = None) -> "CourseQuerySet":
        """The unclosed courses that a unit's light of a ROC year counts (`lighting_q`)."""
        return self.unclosed().filter(lighting_q(year, at or clock.today(), YearlyPolicy.objects.current()))

    def ended(self, at: Any = None) -> "CourseQuerySet":
        """The last session is over at a moment."""
        return self.filter(ends_at__lte=at or clock.now(), postponed_at=None)

    def closable(self, at: Any = None) -> "CourseQuerySet":
        """Unclosed and over: hours are owed to its participants."""
        return self.unclosed().ended(at)

    def handled_by(self, account_id: int) -> "CourseQuerySet":
        """The courses of a handler or second handler, as `Course.is_handled_by`."""
        return self.filter(handled_q(account_id))

    def of_unit(self, unit_id: int) -> "CourseQuerySet":
        return self.filter(unit_id=unit_id)

    def of_year(self, year: int) -> "CourseQuerySet":
        """Courses of a ROC year; drafts without dates belong to the current year."""
        if year == clock.this_year():
            return self.filter(Q(year=year) | Q(year=None))
        return self.filter(year=year)

    def public(self) -> "CourseQuerySet":
        """What the catalogue shows: registered or closed."""
        return self.filter(state__in=[CourseState.REGISTERED, CourseState.CLOSED])

    def upcoming(self, day: date | None = None) -> "CourseQuerySet":
        """Not over before a Taipei day: the catalogue's default, unless past courses are requested."""
        return self.filter(ends_on__gte=day or clock.today())

    def open_for_enrolment(self, at: Any = None) -> "CourseQuerySet":
        """Registered, not over, today within the enrolment window (`open_q`)."""
        return self.filter(open_q(at))

    def matching(self, words: str) -> "CourseQuerySet":
        """Match every word in code, name, unit, summary or instructors; 臺/台 and full or half width are equal.

        At most `MOST_WORDS` words are looked for; pages name the others (`kit.highlighting.words_beyond`).
        """
        rows = self
        for word in fold(words).split()[:MOST_WORDS]:
            # A whole code matches one course; its digit pairs are in every code.
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
        return self.filter(unit_id=actor.appointment.unit_id) if actor.is_unit_hat else self.none()


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def live(self) -> "EnrolmentQuerySet":
        """Applied, admitted or waiting."""
        return self.filter(state__in=LIVE)

    def participants(self) -> "EnrolmentQuerySet":
        """Leave out lecturers and staff, who count for nothing but their hours (docs/adr/0030)."""
        return self.filter(participation=Participation.PARTICIPANT)

    def seated(self) -> "EnrolmentQuerySet":
        """Those who hold one of the course's places; `Course.seats_taken` counts exactly these."""
        return self.filter(state__in=SEATED, walk_in=False)

    def waiting(self) -> "EnrolmentQuerySet":
        return self.filter(state=EnrolmentState.WAITLISTED).order_by("enrolled_at", "id")

    def by_unit(self, *then: str) -> "EnrolmentQuerySet":
        """Return the enrolments by unit and then by the other fields; those without a unit come last on every database."""
        return self.order_by(F("unit__code").asc(nulls_last=True), *then)

    def absences(self, year: int) -> "EnrolmentQuerySet":
        """Return the absences that light a teacher in a ROC year (`absence_q`)."""
        return self.filter(absence_q(year))

    def of_people(self, user_ids: Iterable[int]) -> "EnrolmentQuerySet":
        """Return the enrolments of people, also those of records that were merged into theirs."""
        return self.filter(AnyOf(F("user_id"), persons_of_all(user_ids)))

    def of_person(self, user_id: int) -> "EnrolmentQuerySet":
        """Return the enrolments of one person, also those of records that were merged into theirs."""
        return self.filter(AnyOf(F("user_id"), persons_of(user_id)))

    def counting_once(self) -> "EnrolmentQuerySet":
        """Leave out the enrolments of a person in a course in which another one of theirs counts (`double_enrolments`)."""
        return self.alias(**weighed()).filter(once_q())

    def expected(self) -> "EnrolmentQuerySet":
        """Return who is expected at the sessions of a course: the participants with a place, each person once."""
        return self.participants().filter(state__in=SEATED).counting_once()

    def admitted(self) -> "EnrolmentQuerySet":
        return self.filter(state=EnrolmentState.ADMITTED)

    def on_closing_sheet(self) -> "EnrolmentQuerySet":
        """Return whose outcomes a closing needs: the admitted, each person once."""
        return self.admitted().counting_once()

    def doubles(self) -> "EnrolmentQuerySet":
        """Return what `counting_once` leaves out."""
        return self.alias(**weighed()).filter(~once_q())
