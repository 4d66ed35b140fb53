"""The enrol button with its sentence, and the places of a course in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.enums import Admission, AudienceObstacle, DeclineCause, Participation
from courses.enums import EnrolmentState as S
from courses.errors.audience import OUTSIDE
from courses.errors.participants import NamedAsHelper
from courses.models import Course, Enrolment
from courses.queries import enrolment_offer
from courses.queries.enrolment_offer import EnrolObstacle, EnrolOutcome, PlaceKind
from courses.queries.windows import moves_up_unasked
from kit.templatetags.ui import roc


@dataclass(frozen=True)
class PlacesView:
    """The places in words. `kind` names the style: left, full, soon, shut, postponed or over."""

    kind: str
    words: str


@dataclass(frozen=True)
class EnrolButton:
    """Whether the button works, its label, and the sentence beside it."""

    is_open: bool
    label: str
    why: str


def places_view(course: Course, waiting: int) -> PlacesView:
    """Return the places of a course today, in words."""
    found = enrolment_offer.places(course, waiting)
    match found.kind:
        case PlaceKind.OVER:
            words = _("over")
        case PlaceKind.POSTPONED:
            words = _("postponed")
        case PlaceKind.SOON:
            words = _("opens on %(day)s") % {"day": roc(course.enrol_from)}
        case PlaceKind.SHUT:
            words = _("enrolment closed")
        case PlaceKind.KEPT:
            text = ngettext(
                "%(n)s place, kept for the waiting list",
                "%(n)s places, kept for the waiting list",
                found.left,
            )
            return PlacesView(PlaceKind.FULL, text % {"n": found.left})
        case PlaceKind.LEFT:
            words = ngettext("%(n)s place left", "%(n)s places left", found.left) % {"n": found.left}
        case PlaceKind.FULL:
            words = _("full, %(n)s on the waiting list") % {"n": waiting} if waiting else _("full")
    return PlacesView(found.kind, words)


def enrol_button(
    course: Course,
    mine: Enrolment | None,
    *,
    known: bool,
    waiting: int,
    position: int,
    outside: AudienceObstacle | None = None,
    part: str = "",
) -> EnrolButton:
    """Return the button for a person. `known`: the person is logged in; `mine`: their enrolment; `position`: on the waiting list;
    `outside`: why the person is not among those who may enrol; `part`: as what the person is named, if not enrolled.
    """
    label = _label(course, waiting)
    if mine is not None and mine.state != S.CANCELLED:
        return EnrolButton(False, label, _already(course, mine, position, outside))
    if obstacle := enrolment_offer.obstacle(course):
        return EnrolButton(False, label, _why_not(course, obstacle))
    if part:
        return EnrolButton(False, label, NamedAsHelper(kind=Participation(part).label).message)
    if outside is not None and (known or outside == AudienceObstacle.INVITED):
        return EnrolButton(False, label, outside_words(outside))
    if not known:
        return EnrolButton(
            True, _("Log in to enrol"), _("You are not logged in yet. Log in and you come back here.")
        )
    return EnrolButton(True, label, _what_happens(enrolment_offer.outcome(course, waiting), waiting))


def _label(course: Course, waiting: int) -> str:
    if course.admission == Admission.REVIEW:
        return _("Apply")
    return _("Join the waiting list") if enrolment_offer.joins_waiting_list(course, waiting) else _("Enrol")


def _already(course: Course, mine: Enrolment, position: int, outside: AudienceObstacle | None = None) -> str:
    if mine.state == S.WAITLISTED:
        place = _("You are number %(n)s on the waiting list.") % {"n": position}
        if outside is not None:
            return f"{place} {stays_waiting(outside)}"
        return f"{place} {_how_one_moves_up(course)}"
    if mine.cause == DeclineCause.COURSE_OVER:
        return _("The course is over. Your enrolment had not been decided by then; this is no absence.")
    return {
        S.APPLIED: _("You have applied. The organiser decides and you will be notified."),
        S.ADMITTED: _("You are enrolled and have a place."),
        S.DECLINED: _(
            "The organiser did not admit you. Ask the contact below if you think this is a mistake."
        ),
        S.ATTENDED: _("The course is over; you are recorded as attended."),
        S.ABSENT: _("The course is over; you are recorded as absent."),
        S.EXCUSED: _("The course is over; you are recorded as excused."),
    }[S(mine.state)]


def outside_words(outside: AudienceObstacle | None) -> str:
    """Return why a person may not enrol, as a sentence; empty for one who may."""
    return OUTSIDE[outside]().message if outside else ""


def stays_waiting(outside: AudienceObstacle | None) -> str:
    """Return what a person may expect who waits and may not enrol any more; empty for one who may."""
    if outside is None:
        return ""
    stays = _("You stay on the list, but the organiser alone can admit you:")
    return f"{stays} {outside_words(outside)}"


def _how_one_moves_up(course: Course) -> str:
    """Return what a person who waits may expect of a place that becomes free."""
    if course.admission == Admission.REVIEW:
        return _("The organiser decides and you will be notified.")
    if moves_up_unasked(course):
        return _("You will be notified when you move up.")
    return _("Everybody who waits will be notified of a free place; the first to accept gets it.")


def _why_not(course: Course, obstacle: EnrolObstacle) -> str:
    match obstacle:
        case EnrolObstacle.WITHDRAWN:
            return _("This course was withdrawn by the organising unit.")
        case EnrolObstacle.OVER:
            return _("This course is over.")
        case EnrolObstacle.NOT_YET:
            return _("Enrolment opens on %(day)s.") % {"day": roc(course.enrol_from)}
        case EnrolObstacle.SHUT:
            return _("Enrolment closed on %(day)s.") % {"day": roc(course.enrol_until or course.starts_on)}
        case EnrolObstacle.POSTPONED:
            return _("This course is postponed; enrolment opens again when its new days are known.")
        case EnrolObstacle.FULL:
            return _("All places are taken and there is no waiting list.")


def _what_happens(outcome: EnrolOutcome, waiting: int) -> str:
    match outcome:
        case EnrolOutcome.REVIEWED:
            return _("The organiser looks at every application; you will be notified of the decision.")
        case EnrolOutcome.KEPT:
            text = _("The free places are kept for those who wait: you would be number %(n)s on the list.")
            return text % {"n": waiting + 1}
        case EnrolOutcome.ADMITTED:
            return _("There are places left: you are admitted at once.")
        case EnrolOutcome.WAITLISTED:
            text = _("The course is full: you would be number %(n)s on the waiting list.")
            return text % {"n": waiting + 1}
