"""The operator's file of units or people."""

from django import forms
from django.utils.translation import gettext_lazy

from kit.tables.form_field import TableFileField


class ImportForm(forms.Form):
    file = TableFileField(label=gettext_lazy("File (CSV in UTF-8, XLSX or ODS, at most 50 MB)"))


class CarryOutForm(forms.Form):
    skip_bad_rows = forms.BooleanField(required=False)
    rename = forms.BooleanField(required=False)
    invite = forms.BooleanField(required=False)
