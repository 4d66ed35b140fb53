"""The organiser's page of a session: who has come, live; signs by hand, by a person's own code, and taken back."""

import json
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.acting import ActorRequest
from accounts.actions.guests import GuestFacts
from courses.actions.access_log import people_seen
from courses.enums import CourseState
from courses.errors.participants import PlacesShort
from courses.models import Course, Session
from hours.actions import attendance as actions
from hours.actions import missed_signs, on_the_spot, void_signs
from hours.actions.attendance import HandSign
from hours.enums import ReportState, SignKind
from hours.errors import ReportDecided, SignGone, SignsChanged, SignsUnreadable
from hours.forms.guests import guest_errors, read_guest
from hours.models import Attendance, MissedSign
from hours.queries.session_list import changed_since, names_of, session_list, version_of
from hours.queries.sign_codes import is_open, window_of
from hours.views.session_guard import session_news, session_page
from kit import clock
from kit.errors import Refusal
from kit.numbers import whole_number
from kit.response_headers import with_camera
from kit.sentence_parts import listed
from kit.texts import typed

# A device sends at most this many kept marks at a time.
MOST_OFFLINE = 2000


@session_page
def attendance(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    if "guest_name" in request.POST:
        return _enter_guest(request, course, session)
    if request.method == "POST":
        return _enter(request, course, session)
    return with_camera(render(request, "hours/attendance.html", _context(request, course, session)))


def _context(request: ActorRequest, course: Course, session: Session) -> dict[str, Any]:
    version, now = version_of(session), clock.now()
    people = session_list(course, session)
    people_seen(course, by=request.actor, people=[row.person.pk for row in people.rows])
    query = request.GET.get("q", "").strip()
    opens, _closes = window_of(session)
    return {
        "course": course,
        "session": session,
        "sessions": course.sessions.all(),
        "list": people,
        "rows": people.matching(query) if query else people.rows,
        "query": query,
        "signs": Attendance.objects.valid().filter(session=session).count(),
        "reports": MissedSign.objects.filter(session=session, state=ReportState.OPEN).select_related("user"),
        "version": version,
        "since": f"{now.timestamp():.3f}",
        "opens": opens,
        "is_open": is_open(session, now),
        **_acts_offered(course, session),
        "guest": GuestFacts("", ""),
        "guest_errors": {},
        "is_full": False,
        "words": words(),
    }


def _acts_offered(course: Course, session: Session) -> dict[str, bool]:
    """Return which acts the page offers: signs are taken back also while the session is postponed, but none is entered."""
    is_unclosed = course.state == CourseState.REGISTERED
    is_postponed = session.suspension_id is not None
    return {
        "is_postponed": is_unclosed and is_postponed,
        "may_enter": is_unclosed and not is_postponed,
        "may_take_back": is_unclosed,
    }


def words() -> dict[str, str]:
    """Return the sentences of the page's script."""
    return {
        "kept": _("No connection: %(n)s signs are kept on this device, without names, and sent later."),
        "offline": _("No connection. Please try again."),
        "hold": _("Hold the code of the teacher's phone before the camera."),
        "camera": _("The camera cannot be used. Type the eight digits beside the code."),
    }


@require_GET
@session_news("hours:attendance")
def news(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    """Return what has changed since the page was drawn: counts, and the rows of those who signed; 204 when nothing has."""
    version = version_of(session)
    if version == request.GET.get("version"):
        return HttpResponse(status=204)
    now = clock.now()
    people = session_list(course, session)
    rows = people.of_people(changed_since(session, _moment(request.GET.get("since"), now)))
    people_seen(course, by=request.actor, people=[row.person.pk for row in rows])
    context = {
        "course": course,
        "session": session,
        "list": people,
        "rows": rows,
        "version": version,
        "since": f"{now.timestamp():.3f}",
        **_acts_offered(course, session),
        "oob": True,
    }
    return render(request, "hours/partials/attendance_news.html", context)


def _moment(text: str | None, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(text or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def _enter(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    """One act of the page. The script of the page gets the sentence as JSON, and 409 for a refusal."""
    left_out = 0
    try:
        if "marks" in request.POST:
            said, left_out = _enter_offline(request, session)
        else:
            said = _act(request, session)
    except Refusal as refusal:
        if _wants_json(request):
            return JsonResponse({"said": refusal.message}, status=409)
        messages.error(request, refusal.message)
    else:
        if _wants_json(request):
            return JsonResponse({"said": said, "left_out": left_out})
        messages.success(request, said)
    query = {"session": session.pk} | ({"q": q} if (q := request.POST.get("q", "").strip()) else {})
    return redirect(f"{reverse('hours:attendance', args=[course.code])}?{urlencode(query)}")


def _enter_guest(request: ActorRequest, course: Course, session: Session) -> HttpResponse:
    """A person from outside who has come. A refusal is shown at its field, with what was typed."""
    facts = read_guest(request.POST)
    more_places = request.POST.get("more_places") == "yes"
    try:
        guest = on_the_spot.enter_guest(
            session=session, facts=facts, by=request.actor, more_places=more_places
        )
    except Refusal as refusal:
        context = _context(request, course, session)
        context |= {"guest": facts, "guest_errors": guest_errors(refusal)}
        context["is_full"] = isinstance(refusal, PlacesShort)
        return with_camera(render(request, "hours/attendance.html", context))
    messages.success(request, _("%(name)s is on the list and signed in.") % {"name": guest.name})
    return redirect(f"{reverse('hours:attendance', args=[course.code])}?{urlencode({'session': session.pk})}")


def _wants_json(request: ActorRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _act(request: ActorRequest, session: Session) -> str:
    post = request.POST
    if "take_back" in post:
        pk = whole_number(post["take_back"], 0)
        sign = (
            Attendance.objects.valid()
            .filter(session=session, pk=pk)
            .select_related("session__course")
            .first()
        )
        if sign is None:
            raise SignGone
        actions.take_back(sign=sign, by=request.actor)
        return _("The sign is taken back.")
    if "take_all_back" in post:
        return _take_all_back(request, session)
    for accept in (True, False):
        if (name := "accept" if accept else "decline") in post:
            return _decide(request, session, whole_number(post[name], 0), accept=accept)
    if "own_code" in post:
        kind = post.get("kind", "")
        name = actions.sign_by_own_code(session=session, by=request.actor, code=post["own_code"], kind=kind)
        return _("%(name)s: signed.") % {"name": name}
    wanted = [_hand_sign(post.get("sign", ""))]
    return _entered(len(actions.sign_by_hand(session=session, by=request.actor, signs=wanted)))


def _entered(number: int) -> str:
    return ngettext("%(n)s sign entered.", "%(n)s signs entered.", number) % {"n": number}


def _enter_offline(request: ActorRequest, session: Session) -> tuple[str, int]:
    """Enter what a device kept; return the sentence, and of how many people nothing can be entered any more."""
    marks = _offline_marks(request.POST["marks"])
    found = actions.sign_offline(session=session, by=request.actor, signs=marks)
    number = len(found.left_out)
    if not number:
        return _entered(len(found.entered)), 0
    said = ngettext(
        "Not entered for %(n)s person who is not on the list any more, or at that time: %(names)s.",
        "Not entered for %(n)s people who are not on the list any more, or at that time: %(names)s.",
        number,
    )
    names = listed(names_of(session.course, found.left_out)) or "–"
    return f"{_entered(len(found.entered))} {said % {'n': number, 'names': names}}", number


def _take_all_back(request: ActorRequest, session: Session) -> str:
    """Take all signs back that the page showed. Raise SignsChanged where it is not confirmed, or more have come since."""
    number = Attendance.objects.valid().filter(session=session).count()
    if request.POST.get("confirmed") != "yes" or whole_number(request.POST["take_all_back"], 0) < number:
        raise SignsChanged(number=number)
    reason = typed(request.POST.get("reason", ""), 200)
    number = void_signs.take_all_back(session=session, by=request.actor, reason=reason)
    return ngettext("%(n)s sign is taken back.", "%(n)s signs are taken back.", number) % {"n": number}


def _decide(request: ActorRequest, session: Session, pk: int, *, accept: bool) -> str:
    rows = MissedSign.objects.filter(session=session, pk=pk).select_related("session__course", "user")
    report = rows.first()
    if report is None:
        raise ReportDecided
    missed_signs.decide(report=report, by=request.actor, accept=accept)
    said = (
        _("%(name)s: the report is accepted and entered.")
        if accept
        else _("%(name)s: the report is not accepted.")
    )
    return said % {"name": report.user.name}


def _hand_sign(text: str, at: datetime | None = None) -> HandSign:
    """Read `in-12`: a kind and a person. Raise SignsUnreadable."""
    kind, _line, person = text.partition("-")
    number = whole_number(person, 0)
    if kind not in SignKind.values or not number:
        raise SignsUnreadable
    return HandSign(number, kind, at)


def _offline_marks(text: str) -> list[HandSign]:
    """Read what a device kept without a network: [["in-12", 1764567890], …]. Raise SignsUnreadable."""
    try:
        now = clock.now()
        # The clock of a device may be ahead of the site's.
        marks = [(str(s), min(now, datetime.fromtimestamp(float(at), UTC))) for s, at in json.loads(text)]
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        raise SignsUnreadable from None
    if len(marks) > MOST_OFFLINE:
        raise SignsUnreadable
    return [_hand_sign(sign, at) for sign, at in marks]
