"""The gallery of the house's pieces at /styleguide/, for whoever builds pages. Only in DEBUG and in the demonstration."""

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

INKS = ["ink", "muted", "link", "primary", "green", "yellow", "red", "plain"]
GROUNDS = ["ground", "surface", "tint", "green-bg", "yellow-bg", "red-bg", "plain-bg"]
STATES = [
    "draft",
    "registered",
    "closed",
    "withdrawn",
    "applied",
    "admitted",
    "waitlisted",
    "declined",
    "absent",
    "excused",
]


class ExampleForm(forms.Form):
    """One field of each kind, shown filled, empty and wrong."""

    title = forms.CharField(
        label=_("Course name"), max_length=20, help_text=_("As it will stand in the catalogue.")
    )
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    mode = forms.ChoiceField(
        label=_("On site or on-line"), choices=[("site", _("on site")), ("line", _("on-line"))]
    )
    groups = forms.MultipleChoiceField(
        label=_("For whom"),
        choices=[("a", _("teachers")), ("b", _("directors"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    summary = forms.CharField(label=_("Summary"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    agree = forms.BooleanField(label=_("I have checked it"), required=False)


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    wrong = ExampleForm({"title": "", "day": "2026-02-30", "mode": "site"}, prefix="wrong")
    context = {
        "inks": INKS,
        "grounds": GROUNDS,
        "states": STATES,
        "form": ExampleForm(prefix="empty"),
        "wrong": wrong,
        "page": Paginator(range(200), 20).page(3),
    }
    return render(request, "styleguide/gallery.html", context)
