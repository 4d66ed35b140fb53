"""The operator's view of people: finding one, the whole national ID with a reason, a wrong number put right."""

from collections.abc import Callable
from functools import partial

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import identity, unfinished_work
from accounts.acting import ActorRequest
from accounts.actions import access_log, closing_people, guests, people
from accounts.errors import LeavesUnitWithout
from accounts.forms.identity_numbers import CloseForm, NameForm, NumbersForm
from accounts.forms.requests import ReasonForm
from accounts.models import User
from accounts.queries.closing_people import left_by
from accounts.queries.people import people_named
from audit import log
from kit.errors import Refusal
from kit.form_refusals import add_refusal
from kit.refused_texts import refused
from kit.search_texts import search_text


def search(request: ActorRequest) -> HttpResponse:
    """Search by POST: a national ID must not appear in a URL or a log."""
    word = search_text(request, request.POST.get("q", ""))
    page = Paginator(people_named(word), 30).get_page(request.POST.get("page"))
    access_log.people_searched(by=request.actor, word=word, found=page.object_list)
    kept = word if identity.mask_cell(word) == word or "@" in word else ""
    return render(request, "accounts/people.html", {"page": page, "word": kept})


def person(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User.objects.select_related("merged_into"), pk=pk)
    log.record_read("read.person", found, by=request.actor, subjects=[found.pk])
    typed = refused(request, reverse("hours:part", args=[pk]))
    parting = {"reopening": ReasonForm(auto_id="reopen_%s", initial=typed)} if found.merged_into else {}
    return render(request, "accounts/person.html", _facts(found, **parting))


def _facts(found: User, **more: object) -> dict[str, object]:
    return {
        "person": found,
        "merged": found.merged.order_by("pk"),
        "affiliations": found.affiliations.serving().select_related("unit"),
        "accounts": found.business_accounts.select_related("unit").order_by("-valid_from"),
        "factors": Authenticator.objects.filter(user=found).exclude(type="recovery_codes").count(),
        "left": left_by(found),
        "enrolments": unfinished_work.enrolments_of(found.pk),
        "form": ReasonForm(),
        "numbers": NumbersForm(auto_id="numbers_%s"),
        "naming": NameForm(auto_id="name_%s", initial={"new_name": found.name}),
        "closing": CloseForm(auto_id="close_%s"),
        "admitting": ReasonForm(auto_id="admit_%s"),
        "reopening": ReasonForm(auto_id="reopen_%s"),
        **more,
    }


@never_cache
@require_POST
def reveal(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    number = passport = ""
    if form.is_valid():
        try:
            number, passport = people.reveal_numbers(person=found, by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    return render(request, "accounts/person.html", _facts(found, number=number, passport=passport, form=form))


@never_cache
@require_POST
def correct_numbers(request: ActorRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    form = NumbersForm(request.POST, auto_id="numbers_%s")
    if form.is_valid():
        try:
            people.correct_numbers(person=found, by=request.actor, **form.values)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The number is corrected, and the person is notified."))
            return redirect("accounts:person", pk=pk)
    return render(request, "accounts/person.html", _facts(found, numbers=form))


@never_cache
@require_POST
def correct_name(request: ActorRequest, pk: int) -> HttpResponse:
    form = NameForm(request.POST, auto_id="name_%s")
    return _act(
        request, pk, "naming", form, people.correct_name, _("The name is corrected, and the person is told.")
    )


@never_cache
@require_POST
def close(request: ActorRequest, pk: int) -> HttpResponse:
    form = CloseForm(request.POST, auto_id="close_%s")
    closing = partial(closing_people.close, confirmed="confirmed" in request.POST)
    try:
        return _act(request, pk, "closing", form, closing, _("The person is closed."))
    except LeavesUnitWithout as question:
        facts = _facts(User.objects.get(pk=pk), closing=form, question=question.message)
        return render(request, "accounts/person.html", facts)


@never_cache
@require_POST
def reopen(request: ActorRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="reopen_%s")
    return _act(request, pk, "reopening", form, closing_people.reopen, _("The person may log in again."))


@never_cache
@require_POST
def admit_guest(request: ActorRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="admit_%s")
    return _act(request, pk, "admitting", form, guests.become_person, _("The guest is invited to log in."))


def _act(
    request: ActorRequest, pk: int, name: str, form: Form, act: Callable[..., object], done: str
) -> HttpResponse:
    """Carry out an act about a person with the facts of a form; show the form again, under its name, with a refusal."""
    found = get_object_or_404(User, pk=pk)
    if form.is_valid():
        try:
            act(person=found, by=request.actor, **form.cleaned_data)
        except LeavesUnitWithout:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, done)
            return redirect("accounts:person", pk=pk)
    return render(request, "accounts/person.html", _facts(User.objects.get(pk=pk), **{name: form}))
