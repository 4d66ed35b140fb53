"""Who may enrol in a course, and the quotas as rows. Units are written by code or name, as people know them."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.unit_field import UnitField
from accounts.models import County, Title, Unit
from courses.actions.audiences import MOST_QUOTAS, AudienceData, QuotaData, Who
from courses.enums import OpenTo
from courses.forms.course import rows_of, sane_day
from courses.models import AudienceTarget, Course, Quota
from courses.queries.audiences import targets_of
from kit.form_fields import DayField, TextField
from kit.sentence_parts import labelled, listed

MOST_NAMED = 200
BLANK_ROWS = 2
_BETWEEN = re.compile(r"[\n,;、,;]+")
Row = TypeVar("Row")
# A quota is for one of these; people of any unit are chosen by their title.
FOR_WHOM = (
    (OpenTo.OWN_UNIT, OpenTo.OWN_UNIT.label),
    (OpenTo.UNITS, OpenTo.UNITS.label),
    (OpenTo.COUNTIES, OpenTo.COUNTIES.label),
    (OpenTo.ALL, gettext_lazy("people with these titles")),
)


def names_in(text: str) -> list[str]:
    """Return the names of a text: one on a line, or several with 、 or commas between them."""
    found = list(dict.fromkeys(name for part in _BETWEEN.split(text) if (name := part.strip())))
    if len(found) > MOST_NAMED:
        raise ValidationError(_("At most %(most)s can be named.") % {"most": MOST_NAMED})
    return found


def units_in(text: str) -> list[Unit]:
    """Return the units of the names or codes. Raise ValidationError, which names the one that is not found."""

    def find(name: str) -> Unit:
        try:
            return cast(Unit, UnitField(required=True).clean(name))
        except ValidationError as error:
            raise ValidationError(labelled(name) + " ".join(error.messages)) from None

    return list(dict.fromkeys(map(find, names_in(text))))


def _named_in(rows: Iterable[Row], text: str, sentence: Callable[[str], str]) -> list[Row]:
    known = {str(row).replace("台", "臺"): row for row in rows}
    found = []
    for name in names_in(text):
        row = known.get(name.replace("台", "臺"))
        if row is None:
            raise ValidationError(sentence(name))
        found.append(row)
    return list(dict.fromkeys(found))


def counties_in(text: str) -> list[County]:
    return _named_in(County.objects.all(), text, lambda name: _("There is no county “%s”.") % name)


def titles_in(text: str) -> list[Title]:
    return _named_in(Title.objects.all(), text, lambda name: _("“%s” is not in the list of titles.") % name)


class AudienceForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    open_to = forms.ChoiceField(
        label=gettext_lazy("Who may enrol"), choices=OpenTo.choices, widget=forms.RadioSelect
    )
    units = TextField(
        label=gettext_lazy("Named units"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One on a line: the code or the name. Your own unit is always among them."),
    )
    counties = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Named counties"),
        queryset=County.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    only_stages = forms.BooleanField(
        label=gettext_lazy("Only people who serve at a school of the course's stages"), required=False
    )
    titles = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Only people with one of these titles"),
        queryset=Title.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "None chosen: any title. A head of an office is a head; a deputy principal is no principal."
        ),
    )

    def clean_units(self) -> list[Unit]:
        return units_in(self.cleaned_data["units"])


class QuotaForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    places = forms.IntegerField(label=gettext_lazy("Places"), min_value=1, max_value=5000)
    open_to = forms.ChoiceField(label=gettext_lazy("For whom the places are"), choices=FOR_WHOM)
    named = TextField(
        label=gettext_lazy("Which ones"),
        required=False,
        max_length=5000,
        help_text=gettext_lazy("Units, counties or titles, with commas between them. Not for the own staff."),
    )
    until = DayField(
        label=gettext_lazy("Kept until"),
        required=False,
        validators=[sane_day],
        help_text=gettext_lazy("Empty: as long as cancelling is free."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        reads = {OpenTo.UNITS: units_in, OpenTo.COUNTIES: counties_in, OpenTo.ALL: titles_in}
        read = reads.get(data.get("open_to", ""))
        data["rows"] = []
        try:
            data["rows"] = read(data.get("named", "")) if read else []
        except ValidationError as error:
            self.add_error("named", error)
        else:
            if read and not data["rows"] and "named" not in self.errors:
                self.add_error("named", _("Name at least one of them."))
        return data

    def quota(self) -> QuotaData:
        said = self.cleaned_data
        named = {OpenTo.UNITS: "units", OpenTo.COUNTIES: "counties", OpenTo.ALL: "titles"}
        name = named.get(said["open_to"])
        who = Who(said["open_to"], **({name: said["rows"]} if name else {}))
        return QuotaData(who, said["places"], said["until"], said["pk"])


QuotaFormSet = rows_of(QuotaForm, MOST_QUOTAS, blank=BLANK_ROWS)


class AudienceForms:
    """The page's form and its rows as one."""

    def __init__(self, course: Course, data: QueryDict | None = None) -> None:
        rows = targets_of(course)
        self.form = AudienceForm(data, initial=_initial(course, rows))
        quotas = course.quotas.filter(released_at=None)
        # Who of the enrolled could not enrol any more, where the change waits for a confirmation.
        self.outside: Mapping[str, Any] | None = None
        self.quotas = QuotaFormSet(data, initial=[_row(quota, rows) for quota in quotas], prefix="quotas")

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.quotas.is_valid()])

    def audience(self) -> AudienceData:
        said = self.form.cleaned_data
        who = Who(said["open_to"], said["units"], list(said["counties"]), list(said["titles"]))
        return AudienceData(who, said["only_stages"], [row.quota() for row in self.quotas.filled_rows()])

    def ask(self, outside: Mapping[str, Any]) -> None:
        """Show on the page that the change has to be confirmed."""
        self.outside = outside

    def add_error(self, field: str | None, message: str) -> None:
        self.form.add_error(field if field in self.form.fields else None, message)


def _initial(course: Course, rows: list[AudienceTarget]) -> dict[str, Any]:
    mine = [row for row in rows if row.quota_id is None]
    return {
        "version": course.version,
        "open_to": course.open_to,
        "only_stages": course.only_stages,
        "units": "\n".join(row.unit.code for row in mine if row.unit),
        "counties": [row.county_id for row in mine if row.county_id],
        "titles": [row.title_id for row in mine if row.title_id],
    }


def _row(quota: Quota, rows: list[AudienceTarget]) -> dict[str, Any]:
    named = [row.written for row in rows if row.quota_id == quota.pk]
    return {
        "pk": quota.pk,
        "places": quota.places,
        "open_to": quota.open_to,
        "named": listed(named),
        "until": quota.until,
    }
