"""核發時數 → 結案: the page. What it sends decides what happens; without a script every act is a button of the same form."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.acting import ActorRequest
from accounts.actions import guests
from courses.actions.access_log import people_seen
from courses.enums import CourseState, EnrolmentState, Participation
from courses.models import Course, Enrolment
from courses.models.typed import read_typed
from courses.queries.hour_steps import hour_step
from courses.queries.undecided import undecided
from courses.rules import may_manage
from courses.views.registration import own_course
from hours.actions import drafts, walk_ins
from hours.actions.closing import close_course
from hours.errors import AlreadyClosed, NewerDraft, SheetUnreadable
from hours.forms import closing as sheets
from hours.forms.closing import add_walk_ins
from hours.forms.closing_page import ClosingPage
from hours.forms.closing_post import MOST_FIELDS
from hours.forms.guests import guest_errors, read_guest
from hours.models import Closing
from hours.presenters.closing_rows import closing_rows
from hours.presenters.closing_script import words_of
from hours.queries.closing_effect import effect_of_closing
from hours.queries.closing_needs import closing_needs
from hours.queries.drafts import drafts_of
from hours.queries.weekly_hours import beyond_the_week
from hours.views.conflicts import base_of, conflict_of, conflict_with
from kit import clock
from kit.errors import Refusal
from kit.long_forms import long_form
from kit.numbers import whole_number
from kit.sentence_parts import day_words
from kit.texts import tidy


@long_form(MOST_FIELDS)
def close(request: ActorRequest, code: str) -> HttpResponse:
    course = own_course(request, code)
    if refused := _not_now(request, course):
        return refused
    if request.method != "POST":
        return _opened(request, course)
    try:
        page = sheets.posted(course, hour_step(course), request.POST)
    except SheetUnreadable as refusal:
        messages.error(request, refusal.message)
        return redirect("hours:close", code=code)
    act = "refresh" if "drop" in request.POST else request.POST.get("action", "")
    return ACTS.get(act, _check)(request, page)


def _not_now(request: ActorRequest, course: Course) -> HttpResponse | None:
    """Where the page cannot be used, a sentence and a way on. A repeated request still reaches the action."""
    if not may_manage(request.actor, course):
        messages.error(
            request, _("Only the course's handler (%s) or the unit lead may do this.") % course.handler.user
        )
    elif course.state == CourseState.CLOSED:
        if request.method == "POST":
            return _repeat(request, course)
        return redirect("hours:receipt", code=course.code)
    elif course.state != CourseState.REGISTERED:
        messages.error(
            request, _("This course cannot be closed: its state is “%s”.") % course.get_state_display()
        )
    elif not course.has_ended():
        return render(request, "hours/not_over.html", {"course": course})
    else:
        return None
    return redirect("courses:detail", code=course.code)


def _repeat(request: ActorRequest, course: Course) -> HttpResponse:
    """Redirect a repeated request to the receipt; for another request, or the same with other marks, show that the course is closed."""
    try:
        sheet = sheets.sheet_of(course, request.POST)
        close_course(course=course, by=request.actor, sheet=sheet)
    except Refusal:
        closing = Closing.objects.select_related("closed_by").get(course=course)
        when = f"{day_words(clock.day_of(closing.closed_at))}"
        messages.error(request, AlreadyClosed(when=when, who=closing.closed_by.name).message)
    return redirect("hours:receipt", code=course.code)


def _opened(request: ActorRequest, course: Course) -> HttpResponse:
    """Return the page of the newest draft, of the requested one, or a fresh one."""
    needs = closing_needs(course.pk)
    kept = list(drafts_of(course.pk)) if needs.drafts else []
    wanted = whole_number(request.GET.get("draft"), 0)
    draft = next((d for d in kept if d.version == wanted), kept[0] if kept else None)
    step = hour_step(course)
    page = sheets.restored(course, step, draft) if draft else sheets.fresh(course, step, needs)
    others = [d for d in kept if d is not draft and not d.sheet.is_empty]
    shown = None if draft is None or draft.sheet.is_empty else draft
    waiting: list[Enrolment] | None = None if needs.undecided else []
    base = kept[0].version if kept else 0
    return _page(request, page, base=base, draft=shown, others=others, waiting=waiting)


def _page(
    request: ActorRequest, page: ClosingPage, waiting: Sequence[Enrolment] | None = None, **more: Any
) -> HttpResponse:
    """Return the page. `waiting`: who is undecided, where that is known."""
    shown = [row.person.pk for row in page.everybody if row.person]
    people_seen(page.course, by=request.actor, people=shown)
    context = {
        "course": page.course,
        "sheet": page,
        "base": base_of(request),
        "effect": effect_of_closing(page.course),
        "rows": closing_rows(page),
        "words": words_of(page),
        "most_look_ups": walk_ins.MOST_A_DAY,
        "parts": Participation.choices,
        "part": _part(request),
        "undecided": undecided(page.course) if waiting is None else waiting,
        "unsaved": request.method == "POST",
    }
    return render(request, "hours/close.html", context | more)


def _check(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    """Show everything for confirmation before closing: totals, exceptions by name, the light; or the problems."""
    conflict = conflict_of(request, page)
    ready = page.is_ready and not conflict
    crowded = people_beyond_the_week(page) if ready else []
    return _page(request, page, conflict=conflict, confirm=ready, crowded=crowded)


def _part(request: ActorRequest) -> str:
    """Return as what people are added: the choice above both ways to add them. A page of an earlier release has none."""
    return tidy(request.POST.get("part", Participation.PARTICIPANT))


def people_beyond_the_week(page: ClosingPage) -> list[tuple[str, Decimal]]:
    """Whose hours of this week would be more than the policy names, with the sum: a warning."""
    people = {
        row.person.pk: row for row in page.participants if row.person and row.state == EnrolmentState.ATTENDED
    }
    found = beyond_the_week(page.course, {pk: row.hours or Decimal("0") for pk, row in people.items()})
    return [(people[pk].name, total) for pk, total in found.items()]


def _confirm(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    """Return the same confirmation as a fragment, for the script's dialog. With problems: 409, and the script loads the page."""
    if not page.is_ready or conflict_of(request, page):
        return HttpResponse(status=409)
    effect, crowded = effect_of_closing(page.course), people_beyond_the_week(page)
    context = {
        "course": page.course,
        "sheet": page,
        "effect": effect,
        "crowded": crowded,
        "undecided": undecided(page.course),
    }
    return render(request, "hours/partials/closing_confirm.html", context)


def _close(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    conflict = conflict_of(request, page)
    if not page.is_ready or conflict:
        return _page(request, page, conflict=conflict)
    if not page.in_state(EnrolmentState.ATTENDED) and request.POST.get("nobody") != "yes":
        return _page(request, page, confirm=True, again=True, crowded=people_beyond_the_week(page))
    try:
        close_course(course=page.course, by=request.actor, sheet=page.sheet)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return _page(request, sheets.posted(page.course, page.step, request.POST))
    return redirect("hours:receipt", code=page.course.code)


def _refresh(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    return _page(request, page)


def _add(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    """Look up who came without enrolment: one line, or several that were pasted."""
    typed = tidy(request.POST.get("walk_in", ""))
    people = [read_typed(line) for line in typed.splitlines() if line.strip()] or [read_typed("")]
    actor = request.actor
    try:
        found = walk_ins.look_up(course=page.course, by=actor, typed=people)
        page = add_walk_ins(page, found, _part(request))
    except Refusal as refusal:
        # Numbers go back masked: the screen of a clerk is seen by others.
        echo = " ".join(one.echo for one in people)
        page = replace(page, walk_in_error=refusal.message, walk_in_typed=echo)
    return _page(request, page)


def _add_guest(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    """Enter a person from outside, without an account, who came."""
    facts = read_guest(request.POST)
    try:
        guest = guests.enter(unit=page.course.unit, facts=facts, by=request.actor)
        page = add_walk_ins(page, [guest], _part(request))
    except Refusal as refusal:
        page = replace(page, guest=facts, guest_errors=guest_errors(refusal))
    return _page(request, page)


def _save_draft(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    return _save_sheet(request, page, base_of(request))


def _save_over_theirs(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    """Knowing the colleague's draft, which stays beside it, this sheet becomes the newest."""
    return _save_sheet(request, page, whole_number(request.POST.get("draft_theirs"), 0))


def _save_sheet(request: ActorRequest, page: ClosingPage, base: int) -> HttpResponse:
    course, actor = page.course, request.actor
    try:
        drafts.save(course=course, by=actor, sheet=page.sheet, base=base, page=page.key)
    except NewerDraft as newer:
        return _page(request, page, conflict=conflict_with(request, page, newer.draft))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The draft is saved. Nothing is issued until you close the course."))
    return redirect("hours:close", code=course.code)


def _take_theirs(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    course, actor = page.course, request.actor
    try:
        drafts.step_back(course=course, by=actor, sheet=page.sheet, page=page.key)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("hours:close", code=page.course.code)


def _start_anew(request: ActorRequest, page: ClosingPage) -> HttpResponse:
    try:
        drafts.start_anew(course=page.course, by=request.actor, page=page.key)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("hours:close", code=page.course.code)


ACTS: dict[str, Callable[[ActorRequest, ClosingPage], HttpResponse]] = {
    "check": _check,
    "confirm": _confirm,
    "close": _close,
    "refresh": _refresh,
    "add": _add,
    "add_guest": _add_guest,
    "draft": _save_draft,
    "keep": _save_over_theirs,
    "take": _take_theirs,
    "anew": _start_anew,
}
