"""The field of a form in which a table is sent."""

from typing import Any, BinaryIO, cast

from django import forms
from django.core.exceptions import ValidationError

from kit.tables.file_check import check_file
from kit.tables.limits import UnreadableTable


class TableFileField(forms.FileField):
    """A CSV, XLSX or ODS; what is no table, or too large a one, is refused with the reason."""

    def __init__(self, **options: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.ods"})
        super().__init__(max_length=200, widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        try:
            if upload:
                check_file(cast(BinaryIO, upload))
        except UnreadableTable as refusal:
            raise ValidationError(refusal.message) from None
        return upload
