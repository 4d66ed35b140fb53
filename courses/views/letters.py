"""函（稿）: write the letter of a campaign, look at one copy, and have all copies made."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import ActorRequest
from accounts.models import Unit
from courses.actions import letters
from courses.forms.letters import LetterForm
from courses.models import Campaign, CampaignLetter
from courses.presenters import letters as words
from courses.queries import campaigns as asked
from courses.queries import letters as queries
from jobs.delivery import started
from kit import clock, odt, pdf
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.numbers import whole_number
from kit.response_headers import as_file

# So many units are offered for a look at a copy; the archive has all of them.
MOST_OFFERED = 50


def _campaign(request: ActorRequest, pk: int) -> Campaign:
    return get_object_or_404(asked.campaigns_of(request.actor), pk=pk)


def _saved(campaign: Campaign) -> CampaignLetter | None:
    """Return the letter of a campaign, with the campaign as it was read already."""
    return getattr(campaign, "letter", None)


def write(request: ActorRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    letter = _saved(campaign)
    units = queries.addressees(campaign)
    form = LetterForm(
        request.POST or None,
        direction=queries.direction(campaign, units),
        facts=words.first_facts(campaign, letter or queries.template_of(campaign), same=letter is not None),
        version=letter.version if letter else 0,
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            letters.save(by=request.actor, campaign=campaign, facts=form.facts, version=version)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The letter is saved as a draft. Nothing is sent."))
            return redirect("courses:letter", pk=pk)
    context = {
        "campaign": campaign,
        "form": form,
        "letter": letter,
        "units": units[:MOST_OFFERED],
        "number": len(units),
    }
    if letter:
        context["remarks"] = list(words.remarks(letter, units))
        context["preview"] = _letter(letter, units).paragraphs(units[0]) if units else []
    return render(request, "courses/campaigns/letter.html", context)


def _letter(letter: CampaignLetter, units: list[Unit]) -> words.Letter:
    return words.Letter(letter, units, asked.left(letter.campaign).count())


@require_safe
def copy(request: ActorRequest, pk: int, fmt: str) -> HttpResponse:
    """One copy as ODT or PDF: `unit` names its addressee, without one the first."""
    campaign = _campaign(request, pk)
    letter = _saved(campaign)
    units = queries.addressees(campaign)
    wanted = whole_number(request.GET.get("unit"), 0)
    unit = next((unit for unit in units if wanted in (0, unit.pk)), None)
    if letter is None or unit is None or fmt not in ("odt", "pdf"):
        raise Http404
    paragraphs = _letter(letter, units).paragraphs(unit)
    try:
        if fmt == "odt":
            content, content_type = words.as_odt(paragraphs), odt.TYPE
        else:
            content, content_type = words.as_pdf(paragraphs, campaign.title).made(clock.now()), pdf.TYPE
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("courses:letter", pk=pk)
    return as_file(HttpResponse(content, content_type=content_type), f"{words.folder(unit)}_函稿.{fmt}")


@require_POST
def archive(request: ActorRequest, pk: int) -> HttpResponse:
    begin = partial(letters.start_archive, by=request.actor, campaign=_campaign(request, pk))
    return started(request, begin, back=redirect("courses:letter", pk=pk))
