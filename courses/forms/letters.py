"""The form of a campaign's letter."""

from dataclasses import asdict
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.actions.letter_checks import FIELDS, LetterFacts, refusals_of
from courses.enums import CLOSING_PHRASES, LetterSecrecy, LetterSpeed
from kit.form_fields import DayField, DayInput, TextField

_ITEMS = _(
    "One item a line; they are numbered by themselves. A hyphen at the beginning puts a line one step further in. A single item gets no number."
)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class LetterForm(forms.Form):
    """`direction` decides which closing phrases may be chosen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    issuer = TextField(label=_("Issuing office (full name)"), max_length=60)
    address = TextField(label=_("Address"), max_length=120, required=False)
    officer = TextField(label=_("Officer in charge"), max_length=60, required=False)
    phone = TextField(label=_("Telephone"), max_length=60, required=False)
    fax = TextField(label=_("Fax"), max_length=60, required=False)
    mail = TextField(label=_("E-mail"), max_length=120, required=False)
    subject = TextField(
        label=_("Subject"),
        max_length=400,
        widget=_area(3),
        help_text=_("One paragraph without the closing phrase, which is added."),
    )
    phrase = forms.ChoiceField(label=_("Closing phrase"))
    items = TextField(label=_("Explanation"), max_length=4000, widget=_area(6), help_text=_ITEMS)
    measures = TextField(
        label=_("Measures"), max_length=4000, widget=_area(3), required=False, help_text=_("Empty: none.")
    )
    annexes = TextField(
        label=_("Annexes"), max_length=120, required=False, help_text=_("Name and number, or 如主旨.")
    )
    recipients = TextField(
        label=_("Original to"),
        max_length=300,
        required=False,
        help_text=_(
            "Empty: the full names of all units. Otherwise one clear collective: 本縣各公立國民中小學."
        ),
    )
    copies = TextField(
        label=_("Copies to"),
        max_length=1000,
        widget=_area(2),
        required=False,
        help_text=_("One a line; who gets the annexes as well: 本府教育處（含附件）."),
    )
    speed = forms.ChoiceField(label=_("Speed"), choices=LetterSpeed)
    secrecy = forms.ChoiceField(
        label=_("Secrecy"), required=False, choices=[("", _("none")), *LetterSecrecy.choices]
    )
    secret_until = TextField(label=_("When the secrecy ends"), max_length=60, required=False)
    sent_on = DayField(
        label=_("Date of the letter"),
        required=False,
        widget=DayInput,
        help_text=_("Date and number come from the document system: leave both empty, or type what it gave."),
    )
    number = TextField(label=_("Number of the letter"), max_length=60, required=False)

    def __init__(self, *args: Any, direction: str, facts: LetterFacts, version: int, **kwargs: Any) -> None:
        kwargs["initial"] = {**asdict(facts), "version": version}
        super().__init__(*args, **kwargs)
        self.direction = direction
        phrases = CLOSING_PHRASES[direction]
        cast(forms.ChoiceField, self.fields["phrase"]).choices = [(phrase, phrase) for phrase in phrases]

    @property
    def field_names(self) -> list[str]:
        """The fields that a text may hold, as they are written."""
        return [f"{{{name}}}" for name in FIELDS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            for refusal in refusals_of(self.facts, self.direction):
                self.add_error(refusal.field, refusal.message)
        return data

    @property
    def facts(self) -> LetterFacts:
        data = self.cleaned_data
        return LetterFacts(**{name: data[name] for name in LetterFacts.__dataclass_fields__})
