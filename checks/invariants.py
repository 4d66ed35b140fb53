"""Invariants of the whole database, one set-wise query per rule: each returns the rows that break it."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Lower, TruncDate

from accounts.enums import PARENT_KINDS, UnitKind
from accounts.models import Affiliation, BusinessAccount, Unit, User
from checks.attendance import (
    helpers_of_settled_courses,
    helpers_who_are_enrolled,
    hours_off_signs,
    phone_signs_of_others,
    reports_of_closed_courses,
    signs_after_closing,
    signs_of_nobody,
)
from courses.enums import (
    OUTCOMES,
    SEATED,
    SETTLED,
    Colour,
    CourseState,
    EnrolmentState,
    Participation,
    PlannedAbsenceState,
    TransferState,
)
from courses.models import (
    Course,
    Enrolment,
    PlannedAbsence,
    Postponement,
    Quota,
    TransferRequest,
    UnitLight,
    YearlyPolicy,
)
from courses.models.policy import policy_of
from courses.queries.lights import UnitCount, unit_colour, unit_counts
from courses.queries.planned_absences import OF_THIS_PLACE
from hours.enums import CreditKind
from hours.models import Closing, ClosingDraft, HourCredit, Survey, SurveyAnswered
from hours.models.credit import ZERO
from kit import clock
from notices.models import Notice

# The kinds of notices about courses that are to be closed, which they name (`courses.actions.reminders`, `courses.actions.campaign_notices`).
REMINDERS = ("please_close", "campaign_begun", "campaign_follow_up")


def seat_counters() -> int:
    """Courses whose seat counter differs from the enrolments that hold a place."""
    seated = Count("enrolments", filter=Q(enrolments__state__in=SEATED, enrolments__walk_in=False))
    return Course.objects.annotate(seated=seated).exclude(seats_taken=F("seated")).order_by().count()


def quota_counters() -> int:
    """Quotas whose counter differs from the enrolments that hold one of their places."""
    seated = Count("enrolments", filter=Q(enrolments__state__in=SEATED, enrolments__walk_in=False))
    return Quota.objects.annotate(seated=seated).exclude(taken=F("seated")).order_by().count()


def seats_kept_counters() -> int:
    """Courses whose number of kept places differs from what is left of their quotas."""
    open_quotas = Q(quotas__released_at=None)
    left = Coalesce(Sum(F("quotas__places") - F("quotas__taken"), filter=open_quotas), 0)
    return Course.objects.annotate(left=left).exclude(seats_kept=F("left")).order_by().count()


def enrolled_twice() -> int:
    """Pairs of person and course with more than one enrolment."""
    rows = Enrolment.objects.order_by().values("course_id", "user_id").annotate(n=Count("pk"))
    return rows.filter(n__gt=1).count()


def credits_outside_closed_courses() -> int:
    """Ledger rows in courses that are not closed."""
    return HourCredit.objects.exclude(course__state=CourseState.CLOSED).order_by().count()


def credits_strayed() -> int:
    """Ledger rows whose person or course is not that of their enrolment."""
    return (
        HourCredit.objects.exclude(user=F("enrolment__user"), course=F("enrolment__course"))
        .order_by()
        .count()
    )


def hours_out_of_bounds() -> int:
    """Enrolments whose hours sum to less than nothing or to more than the course's, or that carry hours without attendance."""
    rows = Enrolment.objects.annotate(net=Coalesce(Sum("credits__hours"), ZERO)).order_by()
    wrong = Q(net__lt=0) | Q(net__gt=F("course__hours")) | (Q(net__gt=0) & ~Q(state=EnrolmentState.ATTENDED))
    return rows.filter(wrong).count()


def hours_of_another_kind() -> int:
    """Enrolments that have hours of another kind than as what the person took part: after a correction of the kind none is left."""
    rows = HourCredit.objects.exclude(participation=F("enrolment__participation"))
    return rows.order_by().values("enrolment").annotate(net=Sum("hours")).exclude(net=0).count()


def closings_not_summing() -> int:
    """Closings whose totals, of participants and of lecturers and staff, are not the sums of the rows issued with them."""
    own = Q(course__credits__kind=CreditKind.ISSUED, course__credits__issued_at=F("closed_at"))
    taking = Q(course__credits__participation=Participation.PARTICIPANT)
    helping = Q(course__credits__participation__in=[Participation.LECTURER, Participation.STAFF])
    rows = Closing.objects.annotate(
        issued=Coalesce(Sum("course__credits__hours", filter=own & taking), ZERO),
        helping=Coalesce(Sum("course__credits__hours", filter=own & helping), ZERO),
    )
    return rows.exclude(hours_total=F("issued"), helper_hours=F("helping")).count()


def closed_without_closing() -> int:
    """Courses that are closed without a closing, or have one and are not closed."""
    return (
        Course.objects.filter(
            Q(state=CourseState.CLOSED, closing=None)
            | (~Q(state=CourseState.CLOSED) & Q(closing__isnull=False))
        )
        .order_by()
        .count()
    )


def outcomes_outside_closed_courses() -> int:
    """Attended, absent or excused in a course that is not closed."""
    return (
        Enrolment.objects.filter(state__in=OUTCOMES)
        .exclude(course__state=CourseState.CLOSED)
        .order_by()
        .count()
    )


def handler_of_another_unit() -> int:
    """Courses whose handler's account belongs to another unit (the column itself allows exactly one)."""
    return Course.objects.exclude(handler__unit=F("unit")).order_by().count()


def withdrawn_with_hours() -> int:
    """Withdrawn courses that carry ledger rows or live enrolments."""
    live = [EnrolmentState.APPLIED, EnrolmentState.ADMITTED, EnrolmentState.WAITLISTED]
    rows: QuerySet[Course] = Course.objects.filter(state=CourseState.WITHDRAWN)
    return rows.filter(Q(credits__isnull=False) | Q(enrolments__state__in=live)).order_by().distinct().count()


def dates_off_sessions() -> int:
    """Registered or closed courses without a session, or whose last moment is not that of the last session."""
    rows = Course.objects.filter(state__in=[CourseState.REGISTERED, CourseState.CLOSED]).annotate(
        last=Max("sessions__ends_at")
    )
    return rows.filter(Q(last=None) | ~Q(last=F("ends_at"))).order_by().count()


def drafts_of_closed_courses() -> int:
    """Drafts of a closing that outlived it."""
    return ClosingDraft.objects.filter(course__state=CourseState.CLOSED).order_by().count()


def lights_off_recount() -> int:
    """Stored lights, of whatever year, that differ from a recount as of the moment they were counted.

    Every action on a course recounts the lights that it changes, so today's courses, evaluated at the day of the count, must
    give the same number.
    """
    wrong = 0
    facts = UnitLight.objects.values_list(
        "unit_id", "year", "colour", "overdue", "unclosed", "registration_open", "computed_at"
    )
    counts: dict[tuple[int, object], dict[int, UnitCount]] = {}
    policies = YearlyPolicy.objects.current()
    for unit_id, year, colour, overdue, unclosed, is_open, computed_at in facts.iterator():
        key = (year, clock.day_of(computed_at))
        if key not in counts:
            counts[key] = unit_counts(*key)
        count = counts[key].get(unit_id, UnitCount())
        expected = unit_colour(count.overdue, policy_of(policies, year))
        stored = (colour, overdue, unclosed, is_open)
        wrong += stored != (expected, count.overdue, count.unclosed, expected != Colour.RED)
    return wrong


def transfers_of_settled_courses() -> int:
    """Pending transfers of a course that is closed or withdrawn."""
    rows = TransferRequest.objects.filter(state=TransferState.PENDING, course__state__in=SETTLED)
    return rows.order_by().count()


def reminded_without_notice() -> int:
    """Courses stamped as reminded that no reminder names.

    Reminders of earlier revisions name no course (`refs` is empty): they count for the courses stamped in the same second.
    """
    stamped = Course.objects.exclude(notified_at=None).values_list("pk", "notified_at")
    named: set[str] = set()
    unnamed: set[int] = set()
    reminders = Notice.objects.filter(kind__in=REMINDERS).values_list("refs", "created_at")
    for refs, created_at in reminders.iterator():
        named.update(refs)
        if not refs:
            unnamed |= {int(created_at.timestamp()) + second for second in (-1, 0, 1)}
    return sum(
        f"course:{pk}" not in named and int(at.timestamp()) not in unnamed
        for pk, at in stamped.iterator()
        if at is not None
    )


def postponed_astray() -> int:
    """Courses that are postponed without a suspension they wait for, or wait for new days and are not postponed."""
    waits = Exists(Postponement.objects.filter(course=OuterRef("pk"), settled_at=None))
    wrong = Q(postponed_at=None, waits=True) | Q(postponed_at__isnull=False, waits=False)
    return Course.objects.annotate(waits=waits).filter(wrong).order_by().count()


def excused_and_absent() -> int:
    """Planned absences that were accepted, of people who are recorded as absent from the very place."""
    rows = PlannedAbsence.objects.filter(OF_THIS_PLACE, state=PlannedAbsenceState.ACCEPTED)
    return rows.filter(enrolment__state=EnrolmentState.ABSENT).order_by().count()


def absences_left_open() -> int:
    """Planned absences that wait for a decision though the person has no place, or the course is closed or withdrawn."""
    rows = PlannedAbsence.objects.filter(state=PlannedAbsenceState.OPEN)
    held = Q(enrolment__state=EnrolmentState.ADMITTED, enrolment__course__state=CourseState.REGISTERED)
    return rows.exclude(held).order_by().count()


def addresses_astray() -> int:
    """Addresses of the log-in library that are not their person's e-mail, and primary ones beyond a person's first."""
    rows = EmailAddress.objects.annotate(folded=Lower("email"), mine=Lower("user__email"))
    primary = EmailAddress.objects.filter(primary=True).order_by().values("user_id").annotate(n=Count("pk"))
    return int(rows.exclude(folded=F("mine")).order_by().count() + primary.filter(n__gt=1).count())


def places_overlapping() -> int:
    """Places of service that share a day with another one of the same person and unit."""
    twice = (
        Affiliation.objects.order_by().values("user_id", "unit_id").annotate(n=Count("pk")).filter(n__gt=1)
    )
    rows = Affiliation.objects.filter(user_id__in=twice.values("user_id"))
    days: dict[tuple[int, int], list[tuple[date, date]]] = {}
    for user, unit, since, until in (
        rows.order_by().values_list("user_id", "unit_id", "since", "until").iterator()
    ):
        days.setdefault((user, unit), []).append((since or date.min, until or date.max))
    spans = map(sorted, days.values())
    return sum(later[0] <= earlier[1] for found in spans for earlier, later in pairwise(found))


def accounts_outliving_places() -> int:
    """Open accounts whose person served at the unit, and does so no longer when the account is in force."""
    own = Affiliation.objects.filter(user_id=OuterRef("user_id"), unit_id=OuterRef("unit_id")).order_by()
    last = own.values("user_id").annotate(last=Max("until")).values("last")
    rows = BusinessAccount.objects.open().annotate(
        last=Subquery(last), endless=Exists(own.filter(until=None))
    )
    outlived = Q(valid_until=None) | Q(valid_until__gt=F("last"))
    return rows.filter(outlived, endless=False, last__isnull=False).order_by().count()


def parents_astray() -> int:
    """Units whose parent is of a kind or county that it cannot be under."""
    wrong = ~Q(parent__county=None) & ~Q(parent__county=F("county"))
    wrong |= ~Q(parent__county=None) & Q(county=None)
    for kind in UnitKind.values:
        wrong |= Q(kind=kind) & ~Q(parent__kind__in=sorted(PARENT_KINDS.get(kind, ())))
    return Unit.objects.exclude(parent=None).filter(wrong).order_by().count()


def registered_after_the_unit_closed() -> int:
    """Courses that were registered after the last day of their unit."""
    rows = Course.objects.exclude(state=CourseState.DRAFT).exclude(registered_at=None)
    day = TruncDate("registered_at", tzinfo=clock.TAIPEI)
    return rows.filter(unit__until__lt=day).order_by().count()


def surveys_not_counting() -> int:
    """Questionnaires that counted another number of replies than of people who replied."""
    answered = SurveyAnswered.objects.filter(course=OuterRef("course")).order_by().values("course")
    people = Coalesce(Subquery(answered.annotate(n=Count("pk")).values("n")), 0)
    return Survey.objects.annotate(people=people).exclude(answers=F("people")).count()


def merged_astray() -> int:
    """Merged records whose person is merged too, or who hold a business account."""
    held = BusinessAccount.objects.open().filter(user=OuterRef("pk"))
    wrong = Q(merged_into__merged_into__isnull=False) | Q(Exists(held))
    return User.objects.filter(wrong, merged_into__isnull=False).order_by().count()


def guests_without_unit() -> int:
    """Guests of whom no unit is known that entered them."""
    return User.objects.filter(is_guest=True, guest=None).order_by().count()


RULES: dict[str, Callable[[], int]] = {
    "seat counters equal the enrolments that hold a place": seat_counters,
    "quota counters equal the enrolments that hold their places": quota_counters,
    "kept places are what is left of the quotas": seats_kept_counters,
    "nobody is enrolled twice in a course": enrolled_twice,
    "hours exist only in closed courses": credits_outside_closed_courses,
    "every ledger row belongs to its enrolment's person and course": credits_strayed,
    "hours lie between nothing and the course's hours, and only with attendance": hours_out_of_bounds,
    "hours are of the kind as which the person took part": hours_of_another_kind,
    "every closing's total is the sum of its rows": closings_not_summing,
    "closed courses have exactly one closing": closed_without_closing,
    "outcomes exist only in closed courses": outcomes_outside_closed_courses,
    "every course has one handler, of its own unit": handler_of_another_unit,
    "withdrawn courses carry no hours and no live enrolments": withdrawn_with_hours,
    "a course's days are those of its sessions": dates_off_sessions,
    "a draft of a closing goes with the closing": drafts_of_closed_courses,
    "every stored light equals a recount": lights_off_recount,
    "a course is postponed while it waits for new days": postponed_astray,
    "nobody is excused and absent": excused_and_absent,
    "no planned absence waits in a course that is closed": absences_left_open,
    "a settled course has no pending transfer": transfers_of_settled_courses,
    "a course stamped as reminded is named by a reminder": reminded_without_notice,
    "no two places of one person and unit share a day": places_overlapping,
    "no business account outlives its person's service at the unit": accounts_outliving_places,
    "a log-in address is its own person's e-mail, at most one primary a person": addresses_astray,
    "no course is registered after the last day of its unit": registered_after_the_unit_closed,
    "signs of attendance are of registered courses, of the past, and unchanged once hours are issued": signs_after_closing,
    "a sign by code or number is a person's own": phone_signs_of_others,
    "who was signed in by hand was on the list, named, or there": signs_of_nobody,
    "hours follow from the signs, or the record says where they differ": hours_off_signs,
    "no report of a missed sign is open once its course is closed": reports_of_closed_courses,
    "a questionnaire counts each person who has answered": surveys_not_counting,
    "a merged record points to one that is not merged, and holds no business account": merged_astray,
    "lecturers and staff are named in advance for registered courses only": helpers_of_settled_courses,
    "nobody is named as a lecturer or staff and enrolled": helpers_who_are_enrolled,
    "every guest was entered by a unit": guests_without_unit,
    "a unit's parent is of a kind and county that it can be under": parents_astray,
}
