"""How a person stands to a course: whether enrolling is possible and why (not), place on the waiting list, what clashes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import UnitLevel
from accounts.models import Affiliation
from courses.enums import LIVE, Admission, CourseState, DeclineCause, EnrolmentState, stages_covering
from courses.models import Course, Enrolment, Session
from courses.models.querysets import CourseQuerySet
from courses.queries.windows import is_kept_for_waiting, moves_up_unasked
from kit import clock
from kit.templatetags.ui import roc

S = EnrolmentState
SIMILAR_DAYS = 90
# The stage that a school's level teaches, as the audience's codes name it.
STAGE_OF_LEVEL: dict[str, tuple[str, ...]] = {
    UnitLevel.ELEMENTARY: ("40",),
    UnitLevel.ATTACHED_ELEMENTARY: ("40",),
    UnitLevel.JUNIOR_HIGH: ("30",),
    UnitLevel.SENIOR_HIGH: ("10",),
    UnitLevel.VOCATIONAL: ("20", "23"),
    UnitLevel.SPECIAL: ("60",),
    UnitLevel.PRESCHOOL: ("50",),
}


@dataclass(frozen=True)
class Places:
    """What is left, in words. `kind`: left, full, soon, shut or over."""

    kind: str
    words: str


@dataclass(frozen=True)
class Offer:
    """The enrol button: whether it works, what it says, and the sentence beside it."""

    is_open: bool
    label: str
    why: str


def with_standing(rows: CourseQuerySet, user_id: int | None) -> CourseQuerySet:
    """Each course with `waiting`, how many wait for a place, and `my_state`, the person's own enrolment."""
    waiting = (
        Enrolment.objects.filter(course=OuterRef("pk"), state=S.WAITLISTED)
        .order_by()
        .values("course")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rows.annotate(
        waiting=Coalesce(Subquery(waiting), 0, output_field=IntegerField()),
        my_state=Value("") if user_id is None else Subquery(_own_state("pk", user_id)[:1]),
    )


def with_own(rows: CourseQuerySet, user_id: int | None) -> CourseQuerySet:
    """`with_standing`, and the whole of the person's own enrolment for `own`."""
    rows = with_standing(rows, user_id)
    if user_id is None:
        return rows.annotate(my_pk=Value(None, output_field=IntegerField()))
    return rows.annotate(
        mine=FilteredRelation("enrolments", condition=Q(enrolments__user_id=user_id)),
        my_pk=F("mine__pk"),
        my_enrolled_at=F("mine__enrolled_at"),
        my_decided_at=F("mine__decided_at"),
        my_note=F("mine__note"),
        my_cause=F("mine__cause"),
        my_user=F("mine__user_id"),
    )


def own(course: Any) -> Enrolment | None:
    """The person's own enrolment in a course that came from `with_own`."""
    if course.my_pk is None:
        return None
    return Enrolment(
        pk=course.my_pk,
        course=course,
        user_id=course.my_user,
        state=course.my_state,
        enrolled_at=course.my_enrolled_at,
        decided_at=course.my_decided_at,
        note=course.my_note,
        cause=course.my_cause,
    )


def _own_state(course: str, user_id: int) -> QuerySet[Enrolment, Any]:
    return Enrolment.objects.filter(course=OuterRef(course), user_id=user_id).values("state")


def places(course: Course, waiting: int) -> Places:
    """The places of a course today. The same rules as `courses.actions.enrolments.enrol`."""
    if course.state == CourseState.CLOSED or course.has_ended():
        return Places("over", _("over"))
    if course.enrol_from and clock.today() < course.enrol_from:
        return Places("soon", _("opens on %(day)s") % {"day": roc(course.enrol_from)})
    if not course.enrolment_is_open():
        return Places("shut", _("enrolment closed"))
    left = course.seats_left
    if is_kept_for_waiting(course, waiting):
        words = ngettext(
            "%(n)s place, kept for the waiting list", "%(n)s places, kept for the waiting list", left
        )
        return Places("full", words % {"n": left})
    if left:
        return Places("left", ngettext("%(n)s place left", "%(n)s places left", left) % {"n": left})
    if waiting:
        return Places("full", _("full, %(n)s on the waiting list") % {"n": waiting})
    return Places("full", _("full"))


def offer(course: Course, mine: Enrolment | None, *, known: bool, waiting: int, position: int) -> Offer:
    """The button and the sentence beside it. `known`: the person is logged in."""
    label = _label(course, waiting)
    if mine is not None and mine.state != S.CANCELLED:
        return Offer(False, label, _already(course, mine, position))
    refusal = _why_not(course)
    if refusal:
        return Offer(False, label, refusal)
    if not known:
        return Offer(
            True, _("Log in to enrol"), _("You are not logged in yet. Log in and you come back here.")
        )
    return Offer(True, label, _what_happens(course, waiting))


def _label(course: Course, waiting: int) -> str:
    if course.admission == Admission.REVIEW:
        return _("Apply")
    is_full = not course.seats_left and course.waiting_list
    if (is_full or is_kept_for_waiting(course, waiting)) and course.enrolment_is_open():
        return _("Join the waiting list")
    return _("Enrol")


def _already(course: Course, mine: Enrolment, position: int) -> str:
    if mine.state == S.WAITLISTED:
        place = _("You are number %(n)s on the waiting list.") % {"n": position}
        return f"{place} {how_one_moves_up(course)}"
    if mine.cause == DeclineCause.COURSE_OVER:
        return _("The course is over. Your enrolment had not been decided by then; this is no absence.")
    return {
        S.APPLIED: _("You have applied. The organiser decides and you will be told."),
        S.ADMITTED: _("You are enrolled and have a place."),
        S.DECLINED: _(
            "The organiser did not admit you. Ask the contact below if you think this is a mistake."
        ),
        S.ATTENDED: _("The course is over; you are recorded as attended."),
        S.ABSENT: _("The course is over; you are recorded as absent."),
        S.EXCUSED: _("The course is over; you are recorded as excused."),
    }[S(mine.state)]


def how_one_moves_up(course: Course) -> str:
    """What a person who waits may expect of a place that becomes free."""
    if course.admission == Admission.REVIEW:
        return _("The organiser decides and you will be told.")
    if moves_up_unasked(course):
        return _("You will be told when you move up.")
    return _("Everybody who waits will be told of a free place; the first to accept gets it.")


def _why_not(course: Course) -> str:
    if course.state == CourseState.WITHDRAWN:
        return _("This course was withdrawn by the organising unit.")
    if course.state == CourseState.CLOSED or course.has_ended():
        return _("This course is over.")
    if course.enrol_from and clock.today() < course.enrol_from:
        return _("Enrolment opens on %(day)s.") % {"day": roc(course.enrol_from)}
    if not course.enrolment_is_open():
        return _("Enrolment closed on %(day)s.") % {"day": roc(course.enrol_until or course.starts_on)}
    if not course.seats_left and not course.waiting_list and course.admission != Admission.REVIEW:
        return _("All places are taken and there is no waiting list.")
    return ""


def _what_happens(course: Course, waiting: int) -> str:
    if course.admission == Admission.REVIEW:
        return _("The organiser looks at every application; you will be told the decision.")
    if is_kept_for_waiting(course, waiting):
        return _("The free places are kept for those who wait: you would be number %(n)s on the list.") % {
            "n": waiting + 1
        }
    if course.seats_left:
        return _("There are places left: you are admitted at once.")
    return _("The course is full: you would be number %(n)s on the waiting list.") % {"n": waiting + 1}


def position(mine: Enrolment) -> int:
    """The place on the waiting list, first come first served; the order in which `places.fill` moves people up."""
    earlier = Q(enrolled_at__lt=mine.enrolled_at) | Q(enrolled_at=mine.enrolled_at, pk__lt=mine.pk)
    return mine.course.enrolments.waiting().filter(earlier).count() + 1


def clashes(course: Course, user_id: int) -> QuerySet[Session]:
    """Sessions of other courses in which the person is live and that overlap one of this course; information only.

    Each carries `my_state`. Ends that touch a beginning are no clash.
    """
    overlapping = Session.objects.filter(
        course=course, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    # From the person's few enrolments to their sessions, never through the sessions of the nation.
    mine = {"course__enrolments__user_id": user_id, "course__enrolments__state__in": LIVE}
    return (
        Session.objects.filter(Exists(overlapping), **mine)
        .exclude(course=course)
        .annotate(my_state=F("course__enrolments__state"))
        .select_related("course")
        .order_by("starts_at", "id")
    )


def audience_gap(stages: Iterable[str], user_id: int) -> list[Affiliation]:
    """The person's places of service when the course's stages name none of their levels; empty when one fits or none is known."""
    codes = set(stages)
    if not codes:
        return []
    serves = list(Affiliation.objects.in_force().filter(user_id=user_id).select_related("unit"))
    known = [row for row in serves if row.unit.level in STAGE_OF_LEVEL]
    fits = any(codes & stages_covering(stage) for row in known for stage in STAGE_OF_LEVEL[row.unit.level])
    return known if codes and not fits else []


def similar(course: Course, tags: Iterable[int], number: int = 3) -> CourseQuerySet:
    """Courses ahead that share a tag (`tags`: those of the course) or the nature and can be enrolled in, the next ones first.

    Walks the courses ahead by day and stops at the third: only those that begin within `SIMILAR_DAYS` days.
    """
    today = clock.today()
    shares = Course.tags.through.objects.filter(course=OuterRef("pk"), tag__in=list(tags))
    alike = Q(Exists(shares)) | Q(nature=course.nature_id, nature__isnull=False)
    rows = Course.objects.ahead(today).filter(starts_on__lte=today + timedelta(days=SIMILAR_DAYS))
    found: CourseQuerySet = rows.open_for_enrolment().filter(alike).exclude(pk=course.pk)
    return found.select_related("unit").order_by("starts_on", "id")[:number]
