"""A campaign's form: what is requested, of whom, by when, and when it follows up."""

import re
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.models import County, FormerCode, Unit
from accounts.models.unit import unit_code_of
from accounts.queries.levels import level_choices
from courses.actions.campaigns import CampaignFacts
from courses.enums import Colour
from courses.models import Campaign
from courses.models.campaign import FARTHEST_STEP, MOST_STEPS, STEPS
from courses.queries.lights import years_shown
from kit import clock
from kit.form_fields import DayField, DayInput, TextField
from kit.sentence_parts import listed
from kit.templatetags.ui import year as year_word

_SEPARATORS = re.compile(r"[\s,，、;；]+")


class DaysField(TextField):
    """Days from the deadline: 14, 7, 1."""

    def clean(self, value: Any) -> Any:
        parts = [part for part in _SEPARATORS.split(super().clean(value) or "") if part]
        if any(not part.isascii() or not part.isdigit() or int(part) > FARTHEST_STEP for part in parts):
            raise forms.ValidationError(
                _("Write days from 0 to %(most)s with commas between: 14, 7, 1."),
                params={"most": FARTHEST_STEP},
            )
        if len(parts) > MOST_STEPS:
            raise forms.ValidationError(_("At most %(most)s follow-ups."), params={"most": MOST_STEPS})
        return sorted({int(part) for part in parts}, reverse=True)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value


def _boxes(label: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, help_text=help_text, required=False, widget=widget)


class CampaignForm(forms.Form):
    """`by` decides what may be chosen: an officer has the own county, by town; the operator a county or all."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)
    title = TextField(label=gettext_lazy("Title"), max_length=100)
    county = forms.ModelChoiceField(
        County.objects.all(),
        label=gettext_lazy("County"),
        required=False,
        empty_label=gettext_lazy("the whole country"),
    )
    year = forms.TypedChoiceField(
        label=gettext_lazy("Courses of the year"),
        coerce=int,
        help_text=gettext_lazy("Those that are over and not closed when the campaign begins."),
    )
    deadline = DayField(label=gettext_lazy("To be closed by"), widget=DayInput)
    text = TextField(
        label=gettext_lazy("Text to the units"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Appears in the notice, above the list of the courses."),
    )
    colours = _boxes(gettext_lazy("Light"), gettext_lazy("None ticked: any."))
    levels = _boxes(gettext_lazy("Type of unit"), gettext_lazy("None ticked: any."))
    districts = _boxes(gettext_lazy("Town"), gettext_lazy("None ticked: any."))
    codes = TextField(
        label=gettext_lazy("Only these units (codes)"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Blanks or commas between. Empty: all units of the choices above."),
    )
    before = DaysField(
        label=gettext_lazy("Follow-ups: days before the deadline"),
        required=False,
        max_length=100,
        initial=[-step for step in STEPS if step <= 0],
        help_text=gettext_lazy(
            "Only units where something is still open. On a day off it is sent on the working day before."
        ),
    )
    after = DaysField(
        label=gettext_lazy("Follow-ups: days after the deadline"),
        required=False,
        max_length=100,
        initial=[step for step in STEPS if step > 0],
        help_text=gettext_lazy("On a day off it is sent on the next working day."),
    )

    def __init__(self, *args: Any, by: Actor, campaign: Campaign | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(campaign)
        super().__init__(*args, **kwargs)
        self.by = by
        years = years_shown(clock.this_year())
        self._choices("year", [(year, year_word(year)) for year in years])
        self._choices("colours", Colour.choices)
        self._choices("levels", level_choices())
        if by.is_operator_hat:
            del self.fields["districts"]
        else:
            del self.fields["county"]
            self._choices("districts", [(name, name) for name in districts_of(by.county)])

    def _choices(self, name: str, choices: Any) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean_deadline(self) -> date:
        day: date = self.cleaned_data["deadline"]
        if day < clock.today():
            raise forms.ValidationError(_("The deadline must not be over."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("codes"):
            self._check_codes(data)
        return data

    def _check_codes(self, data: dict[str, Any]) -> None:
        typed = {unit_code_of(code) for code in _SEPARATORS.split(data["codes"]) if code}
        county = data.get("county") if self.by.is_operator_hat else self.by.county
        units = Unit.objects.filter(county=county) if county else Unit.objects.all()
        known = set(units.filter(code__in=typed).values_list("code", flat=True))
        former = FormerCode.objects.filter(code__in=typed - known, unit__in=units)
        today: dict[str, str] = dict(former.order_by("until").values_list("code", "unit__code"))
        codes = sorted({today.get(code, code) for code in typed})
        known |= set(today.values())
        if unknown := [code for code in codes if code not in known]:
            sentence = _("There is no unit of these codes here: %(codes)s.")
            self.add_error("codes", forms.ValidationError(sentence, params={"codes": listed(unknown)}))
        data["codes"] = codes

    @property
    def facts(self) -> CampaignFacts:
        """Return what was decided, for the action."""
        data = self.cleaned_data
        return CampaignFacts(
            county=data.get("county"),
            title=data["title"],
            year=data["year"],
            deadline=data["deadline"],
            text=data["text"],
            colours=data["colours"],
            levels=data["levels"],
            districts=data.get("districts", []),
            codes=data["codes"] or [],
            steps=sorted({-day for day in data["before"]} | {day for day in data["after"] if day}),
        )


def districts_of(county: County) -> list[str]:
    rows = Unit.objects.filter(county=county).exclude(district="").order_by("district")
    return list(rows.values_list("district", flat=True).distinct())


def _initial(campaign: Campaign | None) -> dict[str, Any]:
    """Return the values of a draft, or those of a new campaign: last year's courses until their final deadline."""
    if campaign is None:
        day, year = clock.today(), clock.this_year()
        first_day, last_day = clock.year_bounds(year)
        spring = first_day.replace(month=3, day=31)
        return (
            {"year": year - 1, "deadline": spring} if day <= spring else {"year": year, "deadline": last_day}
        )
    names = ("title", "county", "year", "deadline", "text", "colours", "levels", "districts", "version")
    values: dict[str, Any] = {name: getattr(campaign, name) for name in names}
    return values | {
        "codes": " ".join(campaign.codes),
        "before": [-step for step in campaign.steps if step <= 0],
        "after": [step for step in campaign.steps if step > 0],
    }
