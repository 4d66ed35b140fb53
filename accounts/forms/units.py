"""A unit of the register, added or changed on its page."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.actions.units import FIELDS, mark
from accounts.enums import SchoolType, UnitKind
from accounts.forms.requests import ReasonField
from accounts.models import County, Unit
from accounts.models.unit import unit_code
from accounts.queries.levels import level_choices
from accounts.queries.units import kinds_for, units_of_code
from kit.form_fields import DayField, DayInput, SeenField, TextField
from kit.sentence_parts import listed

UNOFFICIAL = gettext_lazy("An official mailbox, which stays when people go: under .edu.tw or .gov.tw.")


class ParentField(TextField):
    """The unit above, by its code; the level behind it where two units share the code."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        code, _blank, level = text.partition(" ")
        units = units_of_code(code, level)
        if not units:
            raise forms.ValidationError(_("There is no unit of this code."))
        if len(units) > 1:
            levels = listed(f"{u.code} {u.get_level_display()}" for u in units)
            raise forms.ValidationError(_("Several units have this code. Write one of: %s") % levels)
        return units[0]

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Unit) else value


class UnitForm(forms.ModelForm):
    """`seen` is the mark of the facts that were shown: what another person changed meanwhile is not overwritten."""

    parent = ParentField(
        label=gettext_lazy("Parent unit (code)"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("The unit above this one, for example the county education department."),
    )
    level = forms.ChoiceField(label=gettext_lazy("level"))
    school_type = forms.ChoiceField(
        label=gettext_lazy("run by"),
        choices=[("", gettext_lazy("not given")), *SchoolType.choices],
        required=False,
        help_text=gettext_lazy("Of a school or kindergarten."),
    )
    county: Any = forms.ModelChoiceField(
        County.objects.all(),
        label=gettext_lazy("county"),
        required=False,
        empty_label=gettext_lazy("of the nation"),
    )
    seen = SeenField()

    class Meta:
        model = Unit
        fields = ["code", "kind", "level", *(name for name in FIELDS if name != "kind"), "seen"]
        field_classes = {
            "name": TextField,
            "district": TextField,
            "address": TextField,
            "phone": TextField,
            "contact_name": TextField,
            "since": DayField,
        }
        widgets = {"since": DayInput}
        help_texts = {
            "code": gettext_lazy("Six digits or capital letters."),
            "contact_mail": UNOFFICIAL,
            "since": gettext_lazy("Empty: always."),
        }

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {*kinds_for(by), self.instance.kind} if self.instance.pk else kinds_for(by)
        self._choices("kind").choices = [(k, UnitKind(k).label) for k in UnitKind.values if k in kinds]
        if not by.is_operator_hat:
            own = County.objects.filter(pk=by.county.pk)
            county: Any = self.fields["county"]
            county.queryset, county.empty_label, county.initial = own, None, own.first()
            county.required = True
        if self.instance.pk:
            # Another code is an act of its own, which keeps the old one.
            del self.fields["code"], self.fields["level"]
            self.initial.update(parent=self.instance.parent, seen=mark(self.instance))
        else:
            choices = [("", gettext_lazy("Please choose")), *level_choices(offered=True)]
            self._choices("level").choices = choices

    def _choices(self, name: str) -> forms.ChoiceField:
        return cast(forms.ChoiceField, self.fields[name])

    def clean_code(self) -> str:
        return cast(str, self.cleaned_data["code"]).upper()

    def _post_clean(self) -> None:
        """The action writes, not this form: the instance stays as it was loaded."""

    @property
    def facts(self) -> dict[str, Any]:
        """Return the facts for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class UnitCodeForm(forms.Form):
    """Another code or level of a unit."""

    code = TextField(
        label=gettext_lazy("New code"),
        max_length=6,
        validators=[unit_code],
        help_text=gettext_lazy("Six digits or capital letters."),
    )
    level = forms.ChoiceField(label=gettext_lazy("level"))
    reason = ReasonField(help_text=gettext_lazy("For example: the number of the ministry's letter."))

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        kwargs["initial"] = {"code": unit.code, "level": unit.level}
        super().__init__(*args, **kwargs)
        level = cast(forms.ChoiceField, self.fields["level"])
        level.choices = level_choices(offered=True, keep=unit.level)
