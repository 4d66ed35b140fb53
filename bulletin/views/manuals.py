"""下載專區: what operator and counties offer as files, beside the built-in handbook, with one search over both."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from accounts.acting import SiteRequest
from bulletin import handbook
from bulletin.forms.published import SearchForm
from bulletin.models import Download
from bulletin.queries.downloads import offered_to
from files.serving import deliver


@login_not_required
def index(request: SiteRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "form": form,
        "words": words,
        "files": offered_to(request.actor, words),
        "topics": handbook.topics_with(words),
    }
    return render(request, "handbook/index.html", context)


@login_not_required
def download(request: SiteRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(Download.objects.select_related("file"), pk=pk)
    return deliver(found.file, by=request.actor)


@login_not_required
def page(request: SiteRequest, slug: str) -> HttpResponse:
    topic = handbook.topics().get(slug)
    if topic is None:
        raise Http404
    is_translated = topic.lang.lower() == (get_language() or handbook.OWN)
    context = {"topic": topic, "text": handbook.rendered(topic), "is_translated": is_translated}
    return render(request, "handbook/page.html", context)


@login_not_required
def shot(request: SiteRequest, name: str) -> FileResponse:
    """A picture of the handbook, by its plain name."""
    path = handbook.SHOTS / f"{name}.png"
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")
