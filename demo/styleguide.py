"""The gallery of the user-interface components at /styleguide/, for developers. Only in DEBUG and in the demonstration."""

from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kit import charts

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
        label=_("Course name"), max_length=20, help_text=_("As it will appear in the catalogue.")
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


def example_chart() -> charts.Chart:
    overdue = [("南州", 5), ("林邊", 2), ("潮州", 0)]
    text = charts.Text(
        "example",
        str(_("Overdue courses")),
        str(_("Each bar with its number, and the table behind it.")),
        (str(_("Unit")), str(_("overdue"))),
        overdue,
    )
    return charts.bars(text, [charts.Row(name, [charts.Part("", number, "red")]) for name, number in overdue])


def example_steps() -> SimpleNamespace:
    """A stepper at its second step: one behind that is complete, one ahead that lacks something."""
    titles = [(_("Course"), []), (_("Content"), []), (_("Preview"), ["place"])]
    steps = [
        SimpleNamespace(
            step=SimpleNamespace(number=n, title=title),
            is_current=n == 2,
            missing=missing,
            problems=0,
            hints=[],
        )
        for n, (title, missing) in enumerate(titles, 1)
    ]
    return SimpleNamespace(steps=steps, is_known=True)


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
        "far": {"percent": 40, "done": 1200, "total": 3000, "refused": 2},
        "chart": example_chart(),
        "view": example_steps(),
        "page": Paginator(range(200), 20).page(3),
    }
    return render(request, "styleguide/gallery.html", context)
