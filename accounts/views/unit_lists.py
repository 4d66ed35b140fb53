"""The ministry's yearly list: uploaded, its differences by group, each accepted or left."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from accounts.actions import imports, unit_lists
from accounts.enums import ListGroup, ListRowState
from accounts.forms.imports import ImportForm
from accounts.imports.unit_lines import NEEDED
from accounts.models import UnitList, UnitListRow
from kit.errors import Refusal
from kit.numbers import whole_numbers

PAGE = 50
LISTS = 20


def lists(request: ActorRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        try:
            job = imports.compare_units(by=request.actor, upload=form.cleaned_data["file"])
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("jobs:job", pk=job.pk)
    waiting = Count("rows", filter=Q(rows__state=ListRowState.OPEN))
    rows = UnitList.objects.select_related("uploaded_by").annotate(waiting=waiting)
    # An aggregate drops the order of the model.
    rows = rows.order_by("-uploaded_at", "-pk")
    page = Paginator(rows, LISTS).get_page(request.GET.get("page"))
    return render(request, "accounts/unit_lists/lists.html", {"form": form, "page": page, "needed": NEEDED})


def differences(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(UnitList.objects.select_related("uploaded_by"), pk=pk)
    counted = (
        found.rows.order_by()
        .values_list("group")
        .annotate(n=Count("pk"), open=Count("pk", filter=Q(state=ListRowState.OPEN)))
    )
    numbers = {group: (number, waiting) for group, number, waiting in counted}
    groups = [(group, *numbers[group]) for group in ListGroup if group in numbers]
    group = request.GET.get("group") or next((g for g, _n, waiting in groups if waiting), ListGroup.NEW)
    rows = found.rows.filter(group=group).select_related("unit")
    context = {
        "list": found,
        "groups": groups,
        "group": group,
        "group_words": ListGroup(group).label if group in ListGroup.values else "",
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "accounts/unit_lists/differences.html", context)


@require_POST
def decide(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(UnitList, pk=pk)
    back = redirect("accounts:unit_list", pk=pk)
    group = request.POST.get("group", "")
    back["Location"] += f"?group={group}" if group in ListGroup.values else ""
    ids = _chosen(request, found, group)
    if not ids or not {"accept", "leave"} & request.POST.keys():
        messages.warning(request, _("Choose at least one row first."))
        return back
    act = unit_lists.accept if "accept" in request.POST else unit_lists.leave
    try:
        decided = act(unit_list=found, row_ids=ids, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return back
    messages.success(request, _("Decided: %s") % decided.done)
    if decided.stale:
        stale = _(
            "Not carried out, as the unit was changed since the comparison: %s. Compare the list again."
        )
        messages.warning(request, stale % decided.stale)
    return back


def _chosen(request: ActorRequest, found: UnitList, group: str) -> list[int]:
    """Return the ticked rows, or every waiting one of the group."""
    if "all" in request.POST:
        rows = UnitListRow.objects.filter(unit_list=found, group=group, state=ListRowState.OPEN)
        return list(rows.values_list("pk", flat=True))
    return whole_numbers(request.POST.getlist("row"))
