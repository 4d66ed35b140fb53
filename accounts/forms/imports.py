"""The operator's file of units or people."""

from typing import Any, BinaryIO, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from kit import tables


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File (CSV in UTF-8, XLSX or ODS, at most 50 MB)"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            tables.check_file(cast(BinaryIO, upload))
        except tables.UnreadableTable as refusal:
            raise forms.ValidationError(refusal.message) from None
        return upload


class CarryOutForm(forms.Form):
    skip_bad_rows = forms.BooleanField(required=False)
    rename = forms.BooleanField(required=False)
    invite = forms.BooleanField(required=False)
