"""Forms about accounts: applying, deciding, suspending, changing name or e-mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import Unit
from accounts.queries.units import units_of_code
from accounts.rules import roles_at
from kit import clock
from kit.form_fields import DayField, PersonNameField, TextField
from kit.sentence_parts import listed
from kit.texts import check_mailbox


class ReasonField(TextField):
    def __init__(self, **options: Any) -> None:
        options = {
            "label": gettext_lazy("Reason"),
            "max_length": 300,
            **options,
        }
        super().__init__(**options)


class ReasonForm(forms.Form):
    reason = ReasonField()


class ProofField(forms.FileField):
    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Paper (PDF, PNG or JPEG, at most 2 MB)"),
            required=False,
            max_length=100,
            widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        )


class ApplyForm(forms.Form):
    """Request an own business account."""

    unit = TextField(label=gettext_lazy("Unit code"), max_length=6)
    level = TextField(
        label=gettext_lazy("Level (where two units share the code)"),
        max_length=30,
        required=False,
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    reason = ReasonField(
        help_text=gettext_lazy(
            "For example: I take over the training courses of the academic office from 1 August."
        )
    )
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(
        label=gettext_lazy("Last day (temporary account)"),
        required=False,
        help_text=gettext_lazy("Empty: open. A substitute's account has a last day."),
    )
    proof = ProofField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "unit" in data:
            self._find_unit(data)
        unit, role = data.get("unit"), data.get("role")
        if isinstance(unit, Unit) and role and role not in roles_at(unit):
            self.add_error("role", _("A unit of this kind has no account of this role."))
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < max(first, clock.today()):
            self.add_error(
                "ends_on", _("The last day must lie on or after the first day, and not in the past.")
            )
        return data

    def _find_unit(self, data: dict[str, Any]) -> None:
        units = units_of_code(data["unit"], data.get("level", ""))
        if not units:
            self.add_error("unit", _("There is no unit of this code."))
        elif len(units) > 1:
            levels = listed(str(u.get_level_display()) for u in units)
            self.add_error("level", _("Several units have this code. Write one of: %s") % levels)
        else:
            data["unit"] = units[0]


class DecideForm(forms.Form):
    """Approve, or refuse with a reason."""

    decision = forms.ChoiceField(
        choices=[("approve", gettext_lazy("Approve")), ("refuse", gettext_lazy("Refuse"))]
    )
    reason = ReasonField(required=False)


class IdentityForm(forms.Form):
    new_name = PersonNameField(label=gettext_lazy("Name"), max_length=60)
    new_email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=200, validators=[check_mailbox])
    reason = ReasonField(
        help_text=gettext_lazy("For example: change of name entered in the household register.")
    )
    proof = ProofField()
