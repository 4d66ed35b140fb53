"""One course in public: what it is, whether one can enrol and why (not), enrol, cancel."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest, SiteRequest
from courses.actions import enrolments
from courses.cached_tables import PARTS, SIMILAR
from courses.enums import NO_PLACE, AbsenceKind, AudienceObstacle, CourseState, EnrolmentState, Participation
from courses.errors.questions import AnswerMissing
from courses.forms.questions import AnswersForm
from courses.models import Course, Question
from courses.presenters.audience import audience_words
from courses.presenters.enrol_button import enrol_button, places_view
from courses.queries import enrolment_offer, offers, whole_course
from courses.queries.contacts import shown_contacts
from courses.queries.course_files import PARTICIPANTS, shown_files
from courses.queries.not_held import is_announced_as_not_held
from courses.queries.planned_absences import latest_of
from courses.queries.reader_facts import ReaderFacts, reader_facts
from courses.queries.references import labels_of
from courses.queries.watches import is_watching, may_watch
from courses.queries.windows import cancel_window, is_offered_to, may_cancel, placed_at
from kit import clock, qr, table_versions
from kit.errors import Refusal
from kit.response_headers import as_file
from kit.templatetags.ui import end_hhmm, hhmm, rocday

MOST_SIMILAR = 3
# Who sees the meeting link, beside lecturers and staff.
FULL = (EnrolmentState.ADMITTED, EnrolmentState.ATTENDED)


def public_course(code: str) -> Course:
    """Return a course that everybody may see; raise Http404 for a draft, as for an unknown one."""
    try:
        return whole_course.public_course(code)
    except Course.DoesNotExist:
        raise Http404 from None


@login_not_required
def public(request: SiteRequest, code: str) -> HttpResponse:
    course = public_course(code)
    if course.state == CourseState.WITHDRAWN:
        return _withdrawn(request, course)
    facts, labels = reader_facts(course, request.user.pk), labels_of(course)
    mine, part, waiting = facts.mine, facts.part, facts.waiting
    audience, offer = audience_words(course), offers.offer(course, request.user.pk or 0)
    offers.show(course, offer)
    waiting = 0 if offer.kept else waiting
    outside = offer.obstacle
    place = enrolment_offer.position(mine) if mine and mine.state == EnrolmentState.WAITLISTED else 0
    context = {
        "course": course,
        **labels,
        "contacts": shown_contacts(course),
        "sessions": course.sessions.all(),
        "instructors": table_versions.cached(
            PARTS, f"instructors:{course.pk}", lambda: list(course.instructors.all())
        ),
        "mine": mine,
        "part": Participation(part).label if part else "",
        "full": bool(part) or (mine is not None and mine.state in FULL),
        "files": shown_files(
            course, takes_part=bool(part) or (mine is not None and mine.state in PARTICIPANTS)
        ),
        "waiting": waiting,
        "places": places_view(course, waiting),
        "offer": enrol_button(
            course,
            mine,
            known=request.user.is_authenticated,
            waiting=waiting,
            position=place,
            outside=outside,
            part=part,
        ),
        "audience": audience,
        **_asking(course, facts),
        "similar": _similar(course, [tag.pk for tag in labels["tags"]], request.user.pk or 0),
        "short_url": request.build_absolute_uri(reverse("courses:short", args=[course.code])),
        **_watching(request, course, outside),
        **_cancelling(course, facts, outside),
        **_hints(request, course, facts, [stage.code for stage in labels["stages"]]),
    }
    return render(request, "courses/public.html", context)


def _similar(course: Course, tags: list[int], person: int) -> list[Course]:
    """Return similar courses in which the reader may enrol."""

    def read() -> list[Course]:
        found = enrolment_offer.similar(course, tags, MOST_SIMILAR * 4)
        # Open to everybody, the first are what each reader sees.
        is_judged = any(row.is_restricted for row in found[:MOST_SIMILAR])
        return found if is_judged else found[:MOST_SIMILAR]

    found = table_versions.cached(SIMILAR, f"{course.pk}", read)
    return offers.may_enrol_in(person, found)[:MOST_SIMILAR]


def _asking(course: Course, facts: ReaderFacts) -> dict[str, Any]:
    """Return the fields of the course's questions for a person who may enrol, and whether the enrolled one has replied to them."""
    asked = list(course.questions.all()) if facts.has_questions else []
    if not asked:
        return {}
    is_over = facts.mine is None or facts.mine.state in NO_PLACE
    return {
        "answers_form": AnswersForm(asked) if is_over else None,
        "may_answer": not is_over,
    }


def _withdrawn(request: SiteRequest, course: Course) -> HttpResponse:
    """The page of a withdrawn course. People still look for one that is not held: until its last day the page says so and names the contact."""
    is_announced = is_announced_as_not_held(course)
    context = {
        "course": course,
        "is_announced": is_announced,
        "contacts": shown_contacts(course) if is_announced else [],
        "sessions": course.sessions.all(),
    }
    return render(request, "courses/withdrawn.html", context, status=200 if is_announced else 410)


@login_not_required
def short(request: SiteRequest, code: str) -> HttpResponse:
    """The address to read out: /c/1234567/."""
    return redirect("courses:public", code=public_course(code).code)


@login_not_required
@require_safe
def poster(request: SiteRequest, code: str) -> HttpResponse:
    """A sheet to hang up: what, when, where, and the short address as a QR code."""
    course = get_object_or_404(whole_course.public_courses().public(), code=code)
    address = request.build_absolute_uri(reverse("courses:short", args=[course.code]))
    context = {
        "course": course,
        "sessions": course.sessions.all(),
        "short_url": address,
        "code_picture": qr.svg(address),
    }
    return render(request, "courses/poster.html", context)


def _watching(request: SiteRequest, course: Course, outside: AudienceObstacle | None) -> dict[str, Any]:
    """Return whether a person may be notified of the opening of enrolment, and whether they have asked for it.

    A person who may not enrol can only end an earlier request.
    """
    if not request.user.is_authenticated or not may_watch(course):
        return {}
    is_on = is_watching(request.user.pk, course)
    return {"may_watch": is_on or outside is None, "is_watched": is_on}


@login_not_required
def short_qr(request: SiteRequest, code: str) -> HttpResponse:
    """The short address as a QR code for the poster: a picture that can be enlarged to any size."""
    course = public_course(code)
    address = request.build_absolute_uri(reverse("courses:short", args=[course.code]))
    picture = HttpResponse(qr.svg_file(address), content_type="image/svg+xml")
    return as_file(picture, f"{course.code}_QR.svg")


def _cancelling(course: Course, facts: ReaderFacts, outside: AudienceObstacle | None) -> dict[str, Any]:
    """Return whether the person may cancel and until when, by the rules of the action; before enrolling, until when it could be undone."""
    mine = facts.mine
    is_admitted = mine is not None and mine.state == EnrolmentState.ADMITTED
    allowed = mine is not None and may_cancel(course, mine)
    window = cancel_window(course, placed_at(mine) if mine and is_admitted else clock.now())
    return {
        "may_cancel": allowed,
        "too_late": is_admitted and not allowed and not course.has_ended(),
        "window": window,
        "is_admitted": is_admitted,
        "is_offered": mine is not None and outside is None and is_offered_to(course, mine),
        "planned": latest_of([mine.pk]).get(mine.pk) if mine and facts.has_planned else None,
        "absence_kinds": AbsenceKind.choices,
    }


def _hints(request: SiteRequest, course: Course, facts: ReaderFacts, stages: list[str]) -> dict[str, Any]:
    """Information for the person who is logged in, never a refusal: clashes, and an audience that is not theirs.

    A restricted course names its conditions instead.
    """
    if not request.user.is_authenticated or course.has_ended() or course.state != CourseState.REGISTERED:
        return {}
    found = enrolment_offer.clashes(course, request.user.pk) if facts.is_live_elsewhere else []
    return {
        "clashes": [_clash(clash) for clash in found],
        "audience_gap": [] if course.is_restricted else enrolment_offer.audience_gap(stages, request.user.pk),
    }


def _clash(clash: enrolment_offer.Clash) -> str:
    """The sentence that names the other course, its time and one's own state there."""
    session = clash.session
    return _("This overlaps with “%(title)s” on %(day)s %(starts)s–%(ends)s (your enrolment: %(state)s).") % {
        "title": session.course.title,
        "day": rocday(session.starts_at),
        "starts": hhmm(session.starts_at),
        "ends": end_hhmm(session.ends_at),
        "state": clash.state.label,
    }


def answers_page(
    request: ActorRequest, course: Course, form: AnswersForm, *, may_answer: bool, is_enrolling: bool = False
) -> HttpResponse:
    """The form of the replies; with `is_enrolling` what is still needed to enrol."""
    name = "courses:enrol" if is_enrolling else "courses:answers"
    context = {
        "course": course,
        "form": form,
        "may_answer": may_answer,
        "is_enrolling": is_enrolling,
        "address": reverse(name, args=[course.code]),
    }
    return render(request, "courses/answers.html", context)


def _questions(code: str) -> list[Question]:
    return list(Question.objects.filter(course__code=code).exclude(course__state=CourseState.DRAFT))


@require_POST
def enrol(request: ActorRequest, code: str) -> HttpResponse:
    # A course without questions costs no query for them.
    asked = _questions(code) if any(name.startswith("q") for name in request.POST) else []
    form = AnswersForm(asked, request.POST)
    if asked and not form.is_valid():
        return answers_page(request, public_course(code), form, may_answer=True, is_enrolling=True)
    try:
        row = enrolments.enrol(code=code, by=request.actor, replies=form.values() if asked else {})
    except AnswerMissing:
        form = AnswersForm(_questions(code), request.POST)
        return answers_page(request, public_course(code), form, may_answer=True, is_enrolling=True)
    except Course.DoesNotExist as unknown:
        raise Http404 from unknown
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = {
            EnrolmentState.ADMITTED: _("You are enrolled and have a place."),
            EnrolmentState.APPLIED: _("You have applied. The organiser decides and you will be notified."),
            EnrolmentState.WAITLISTED: _("You are on the waiting list."),
        }
        messages.success(request, said[EnrolmentState(row.state)])
    return redirect("courses:public", code=code)


@require_POST
def accept(request: ActorRequest, code: str) -> HttpResponse:
    course = public_course(code)
    try:
        enrolments.accept(course=course, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("You are enrolled and have a place."))
    return redirect("home") if request.POST.get("back") == "me" else redirect("courses:public", code=code)


@require_POST
def cancel(request: ActorRequest, code: str) -> HttpResponse:
    course = public_course(code)
    try:
        enrolments.cancel(course=course, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        said = _("Your enrolment in “%(title)s” is cancelled. This is no absence.")
        messages.success(request, said % {"title": course.title})
    return redirect("home") if request.POST.get("back") == "me" else redirect("courses:public", code=code)
