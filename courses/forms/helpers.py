"""Who lectures or helps at a course: colleagues and others who are known by what is typed, or a person from outside."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.guests import LONGEST_MAIL, LONGEST_NAME, LONGEST_UNIT, GuestFacts
from courses.enums import HELPERS, Participation
from courses.errors.participants import NobodyChosen
from courses.imports.participants import read_lines
from courses.models.typed import Typed, read_typed
from kit.form_fields import NumberedTextField, TextField


class PeopleInput(forms.Textarea):
    """Gives back what was typed with its numbers masked: the screen of a clerk is seen by others."""

    def format_value(self, value: Any) -> str | None:
        return "\n".join(read_typed(line).echo for line in str(value).splitlines()) if value else None


class HelpersForm(forms.Form):
    participation = forms.ChoiceField(
        label=_("Name as"),
        choices=[(part, Participation(part).label) for part in HELPERS],
        help_text=_(
            "They take no place of the course, and their hours are apart from those of participants."
        ),
    )
    lines = NumberedTextField(
        label=_("Name (own unit), e-mail, account number, national ID or passport number"),
        required=False,
        max_length=10_000,
        widget=PeopleInput(attrs={"rows": 3}),
        help_text=_("Several people: one on a line. A name alone finds people of your unit."),
    )
    guest_name = TextField(
        label=_("Name of somebody from outside, without an account"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("Only your unit sees the entry. Without an account the person gets no notice."),
    )
    guest_unit = TextField(label=_("Unit or place of residence"), required=False, max_length=LONGEST_UNIT)
    guest_email = TextField(label=_("E-mail (optional)"), required=False, max_length=LONGEST_MAIL)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("lines") or data.get("guest_name")) and not self.errors:
            self.add_error("lines", NobodyChosen().message)
        return data

    @property
    def typed(self) -> list[Typed]:
        return read_lines(self.cleaned_data["lines"])

    @property
    def guest(self) -> GuestFacts | None:
        data = self.cleaned_data
        if not data["guest_name"]:
            return None
        return GuestFacts(data["guest_name"], data["guest_unit"], data["guest_email"])
