"""Keeping and forgetting one's own searches of the catalogue."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.acting import ActorRequest
from courses.actions import saved_searches
from courses.forms.saved import SavedSearchForm
from courses.queries.watches import saved_searches_of
from kit.errors import Refusal

# The search that was just removed, in the session until the catalogue has shown it with its way back.
REMOVED = "removed_search"


@require_POST
def save(request: ActorRequest) -> HttpResponse:
    form = SavedSearchForm(request.POST)
    if not form.is_valid():
        for sentences in form.errors.values():
            messages.error(request, " ".join(str(s) for s in sentences))
        return redirect("courses:catalogue")
    name, query = form.cleaned_data["name"], form.cleaned_data["query"]
    try:
        saved_searches.save(by=request.actor, name=name, query=query)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The search “%(name)s” is kept.") % {"name": name})
    return redirect(f"{reverse('courses:catalogue')}?{query}")


@require_POST
def remove(request: ActorRequest, pk: int) -> HttpResponse:
    search = get_object_or_404(saved_searches_of(request.user.pk), pk=pk)
    request.session[REMOVED] = {"name": search.name, "query": search.query}
    saved_searches.remove(by=request.actor, search=search)
    return redirect("courses:catalogue")
