"""Forms of the staff list: adding a person, correcting and ending a place."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.places import FIELDS, PlaceFacts, mark
from accounts.forms.requests import ReasonField
from accounts.models import Affiliation
from kit import clock
from kit.form_fields import DayField, NumberedTextField, PersonNameField, SeenField, TextField

MOST_ORDER = 9999


class TitleInput(forms.TextInput):
    """The usual titles are proposed; others may be typed. `components/titles.html` has the list."""

    def __init__(self) -> None:
        super().__init__(attrs={"list": "titles", "autocomplete": "off"})


class FactsForm(forms.Form):
    """What is written of a place of service."""

    title = TextField(
        label=gettext_lazy("Job title"),
        max_length=40,
        widget=TitleInput(),
    )
    post = TextField(
        label=gettext_lazy("Post"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("The duty beside the title, if there is one."),
    )
    order = forms.IntegerField(
        label=gettext_lazy("Order in the unit"),
        required=False,
        min_value=1,
        max_value=MOST_ORDER,
        help_text=gettext_lazy("A number; the smallest comes first. Empty: by title."),
    )
    since = DayField(label=gettext_lazy("First day"), required=False)
    until = DayField(
        label=gettext_lazy("Last day of service"),
        required=False,
        help_text=gettext_lazy("Empty: no end is known."),
    )
    is_substitute = forms.BooleanField(
        label=gettext_lazy("Substitute: for a time, with a last day"), required=False
    )
    is_concurrent = forms.BooleanField(
        label=gettext_lazy("Concurrent: the main place is at another unit"), required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day must not lie before the first day."))
        if data.get("is_substitute") and not until and "until" not in self.errors:
            self.add_error("until", _("A substitute serves for a time: please give the last day."))
        return data

    @property
    def facts(self) -> PlaceFacts:
        return PlaceFacts(**{name: self.cleaned_data[name] for name in FIELDS})


class PlaceForm(FactsForm):
    """A stored place, to be corrected."""

    seen = SeenField()

    @classmethod
    def of(cls, place: Affiliation, data: Any = None) -> "PlaceForm":
        return cls(data, initial={**asdict(PlaceFacts.of(place)), "seen": mark(place)})


class AddForm(FactsForm):
    """A person for the staff list. Name and e-mail are for a person who is not known yet."""

    who = NumberedTextField(
        label=gettext_lazy("E-mail, account number or national ID"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = PersonNameField(
        label=gettext_lazy("Name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Only for a person who is new here."),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only for a person who is new here; the invitation goes there."),
    )
    field_order = ("who", "name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"since": clock.today()}, **kwargs})


class EndForm(forms.Form):
    last_day = DayField(label=gettext_lazy("Last day of service"))
    reason = ReasonField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"last_day": clock.today()}, "auto_id": "end_%s", **kwargs})
