"""課程移轉: the new handler requests it; the operator decides, moves directly, or reads a table from an e-mail."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import transfer_decisions, transfers
from courses.enums import TransferState
from courses.forms.oversight import DirectForm, PasteForm, TransferForm
from courses.imports.transfer_table import MAX_PASTED, PastedRow, read_pasted
from courses.models import Course, TransferRequest
from courses.presenters import lists
from courses.presenters.transfers import course_view, request_view
from courses.queries.transfers import (
    queue as waiting,
)
from courses.queries.transfers import (
    transferable_to,
    unclosed_of,
)
from jobs.delivery import list_file, requested_format
from kit.errors import Refusal
from kit.form_refusals import what_lacks
from kit.numbers import whole_numbers
from kit.previews import is_seen, mark_of
from kit.refused_texts import refused
from kit.texts import typed

PER_PAGE = 50
RELATED = ("course", "from_account__user", "to_account__user", "decided_by", "requested_by")


def mine(request: ActorRequest) -> HttpResponseBase:
    account = request.actor.appointment
    courses = Paginator(transferable_to(account), PER_PAGE).get_page(request.GET.get("courses"))
    asked = (
        TransferRequest.objects.filter(to_account__unit=account.unit).select_related(*RELATED).order_by("-id")
    )
    if fmt := requested_format(request):
        name = f"{account.unit.code}_課程移轉"
        return list_file(request, fmt, name, lists.TRANSFERS, lists.transfers(asked), number=asked.count())
    context = {
        "account": account,
        "courses": courses,
        "rows": [course_view(row) for row in courses.object_list],
        "form": TransferForm(initial=refused(request, reverse("courses:request_transfer"))),
        "page": Paginator(asked, 20).get_page(request.GET.get("page")),
    }
    return render(request, "courses/transfers/mine.html", context)


@require_POST
def request_transfer(request: ActorRequest) -> HttpResponse:
    form = TransferForm(request.POST)
    chosen = _chosen(request, "course")
    courses = list(Course.objects.manageable_by(request.actor).filter(pk__in=chosen))
    if not courses:
        messages.error(request, _("Choose at least one course first."))
    elif not form.is_valid():
        messages.error(request, what_lacks(form, _("Please write the reason.")))
    else:
        try:
            made = transfers.request(by=request.actor, courses=courses, reason=form.cleaned_data["reason"])
            messages.success(
                request,
                ngettext(
                    "%(n)s request sent to the operator.", "%(n)s requests sent to the operator.", len(made)
                )
                % {"n": len(made)},
            )
        except Refusal as refusal:
            messages.error(request, refusal.message)
    return _back_to(request, "courses:transfers")


def _back_to(request: ActorRequest, route: str) -> HttpResponse:
    """Return to the page of the list from which the form was sent."""
    query = request.GET.urlencode()
    return redirect(reverse(route) + (f"?{query}" if query else ""))


def _chosen(request: ActorRequest, name: str) -> list[int]:
    return whole_numbers(request.POST.getlist(name))


@require_POST
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(TransferRequest, pk=pk, requested_by_id=request.user.pk)
    try:
        transfers.withdraw(transfer=row, by=request.actor)
        messages.success(request, _("The request is taken back."))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("courses:transfers")


def queue(request: ActorRequest) -> HttpResponseBase:
    if fmt := requested_format(request):
        everything = TransferRequest.objects.order_by("-requested_at", "-id")
        lines = lists.transfers(everything)
        return list_file(request, fmt, "課程移轉", lists.TRANSFERS, lines, number=everything.count())
    page = Paginator(waiting(), 50).get_page(request.GET.get("page"))
    decided = (
        TransferRequest.objects.exclude(state=TransferState.PENDING)
        .select_related(*RELATED)
        .order_by("-decided_at", "-id")
    )
    decided_page = Paginator(decided, 20).get_page(request.GET.get("decided"))
    rows = [request_view(row) for row in page.object_list]
    context = {"page": page, "requests": rows, "decided": decided_page}
    return render(request, "courses/transfers/queue.html", context)


def _say_moved(request: ActorRequest, number: int) -> None:
    said = ngettext(
        "%(n)s course moved; both handlers have been notified.",
        "%(n)s courses moved; both handlers have been notified.",
        number,
    )
    messages.success(request, said % {"n": number})


@require_POST
def decide(request: ActorRequest) -> HttpResponse:
    rows = list(TransferRequest.objects.filter(pk__in=_chosen(request, "transfer")))
    actor = request.actor
    try:
        if not rows:
            messages.error(request, _("Choose at least one request first."))
        elif request.POST.get("action") == "approve":
            done = transfer_decisions.approve(transfers=rows, by=actor)
            _say_moved(request, len(done))
        elif request.POST.get("action") == "refuse":
            done = transfer_decisions.refuse(
                transfers=rows, by=actor, reason=typed(request.POST.get("reason", ""), 300)
            )
            messages.success(
                request,
                ngettext("%(n)s request refused.", "%(n)s requests refused.", len(done)) % {"n": len(done)},
            )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return _back_to(request, "courses:transfer_queue")


def direct(request: ActorRequest) -> HttpResponse:
    """All unclosed courses of an account: shown first, moved when confirmed."""
    data = (
        request.POST if request.method == "POST" else request.GET if request.GET.get("to_account") else None
    )
    form = DirectForm(data, initial=request.GET.dict())
    rows: list[Course] = []
    mark = ""
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        rows = list(unclosed_of(facts["from_account"]).select_related("unit"))
        mark = mark_of(
            "transfer_direct", [facts["from_account"].pk, facts["to_account"].pk, *(row.pk for row in rows)]
        )
        if "confirm" in request.POST and _is_shown(request, form, mark):
            try:
                moved = transfer_decisions.move_all(by=request.actor, courses=rows, **facts)
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                _say_moved(request, len(moved))
                return redirect("courses:transfer_queue")
    return render(request, "courses/transfers/direct.html", {"form": form, "rows": rows, "seen": mark})


def _is_shown(request: ActorRequest, form: Form, mark: str) -> bool:
    """Return whether the person has seen what is about to happen; otherwise say so on the form, above what would happen now."""
    if is_seen(request, mark):
        return True
    form.add_error(
        None,
        _(
            "The form or the courses have changed since the preview. Check what is shown now and confirm again."
        ),
    )
    return False


def paste(request: ActorRequest) -> HttpResponse:
    """The table of an e-mail, row by row what would happen; the confirming step reads the text anew."""
    form = PasteForm(request.POST or None)
    rows: list[PastedRow] = []
    if request.method == "POST" and form.is_valid():
        rows = read_pasted(form.cleaned_data["table"])
        if len(rows) > MAX_PASTED:
            form.add_error("table", _("At most %(n)s rows at once.") % {"n": MAX_PASTED})
        elif "confirm" in request.POST and _pasted(request, rows, form):
            return redirect("courses:transfer_queue")
    bad = sum(not row.ok for row in rows)
    context = {"form": form, "rows": rows, "bad": bad, "seen": _mark_of_pasted(rows)}
    return render(request, "courses/transfers/paste.html", context)


def _mark_of_pasted(rows: list[PastedRow]) -> str:
    """Return a mark of the courses that would move, from whom and to whom, and of the lines that would not."""
    return mark_of(
        "transfer_paste",
        [
            (row.line, row.course.pk, row.course.handler_id, row.account.pk)
            if row.ok and row.course and row.account
            else (row.line, *row.cells)
            for row in rows
        ],
    )


def _pasted(request: ActorRequest, rows: list[PastedRow], form: PasteForm) -> bool:
    """Move the courses of the lines without a problem, if those with one are to be left out. Return whether they were moved."""
    good = [row for row in rows if row.ok]
    if not _is_shown(request, form, _mark_of_pasted(rows)):
        return False
    if not good or (len(good) < len(rows) and "only_good" not in request.POST):
        return False
    return _moved(request, good, form)


def _moved(request: ActorRequest, good: list[PastedRow], form: PasteForm) -> bool:
    pairs = [(row.course, row.account) for row in good if row.course and row.account]
    try:
        done = transfer_decisions.move_courses(
            pairs=pairs, by=request.actor, reason=form.cleaned_data["reason"]
        )
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return False
    _say_moved(request, len(done))
    return True
