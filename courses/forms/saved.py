"""Naming a search of the catalogue."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.forms.catalogue_filter import known_query
from kit.form_fields import TextField


class SavedSearchForm(forms.Form):
    name = TextField(
        label=_("name of the search"),
        max_length=40,
        error_messages={"required": _("Give the search a name.")},
    )
    query = TextField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_query(self) -> Any:
        """Known parameters only, in one order."""
        query = known_query(self.cleaned_data["query"])
        if len(query) > 600:
            raise forms.ValidationError(_("This search is too long to be kept."))
        return query
