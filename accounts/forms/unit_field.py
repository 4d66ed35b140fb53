"""A field in which a unit is written as people know it: by its code or its name."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import FormerName, Unit
from kit.form_fields import TextField
from kit.sentence_parts import listed
from kit.texts import contains_word

SHOWN = 8


class UnitField(TextField):
    """Return the unit of a code, or the one whose name, else a former one, has the typed words.

    The sentence of an error lists the units that match.
    """

    def __init__(self, **options: Any) -> None:
        options = {
            "label": gettext_lazy("School or unit"),
            "max_length": 100,
            "help_text": gettext_lazy("The code of six characters, or enough of the name."),
            **options,
        }
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        rows = Unit.objects.select_related("county").order_by("code", "level")
        found = list(rows.of_code(typed)[: SHOWN + 1])
        found = found or list(rows.filter(contains_word("name", typed))[: SHOWN + 1])
        formerly = FormerName.objects.filter(contains_word("name", typed)).values("unit")
        found = found or list(rows.filter(pk__in=formerly)[: SHOWN + 1])
        if not found:
            raise forms.ValidationError(_("There is no unit of this code or name."))
        same = [unit for unit in found if unit.name == typed]
        if len(found) > 1 and len(same) != 1:
            raise forms.ValidationError(_sentence(found))
        return (same or found)[0]


def _sentence(found: list[Unit]) -> str:
    if len(found) > SHOWN:
        return _("Many units match. Please write more of the name, or the code.")
    units = listed(f"{unit.code} {unit.county_name}{unit.name}" for unit in found)
    return _("Several units match: %s. Please write the code or the whole name.") % units
