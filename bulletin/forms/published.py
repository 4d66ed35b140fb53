"""Forms of announcements and files to download. A county officer publishes for the own county and has no choice of it."""

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.models import County
from bulletin.enums import Readers
from bulletin.file_kinds import DOWNLOAD, KINDS
from files import actions as files
from files.errors import FileRefused
from kit import clock
from kit.form_fields import DayField, SeenField, TextField


class ReadersForm(forms.Form):
    """For whom: the hats, and one county or the country."""

    readers = forms.ChoiceField(label=gettext_lazy("For"), choices=Readers.choices, initial=Readers.MEMBERS)
    county: "forms.ModelChoiceField[County]" = forms.ModelChoiceField(
        County.objects.order_by("pk"),
        label=gettext_lazy("County"),
        required=False,
        empty_label=gettext_lazy("the whole country"),
    )

    def __init__(self, *args: Any, by: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by = by
        if not by.is_operator_hat:
            del self.fields["county"]
            field = cast(forms.ChoiceField, self.fields["readers"])
            field.choices = [choice for choice in Readers.choices if choice[0] != Readers.EVERYBODY]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.by.is_operator_hat:
            data["county"] = self.by.appointment.unit.county
        return data


class AnnouncementForm(ReadersForm):
    text = TextField(label=gettext_lazy("Text (one or two sentences)"), max_length=300)
    first_day = DayField(label=gettext_lazy("From"), initial=clock.today)
    last_day = DayField(label=gettext_lazy("Until"))
    field_order = ("text", "readers", "county", "first_day", "last_day")


class ChangedAnnouncementForm(AnnouncementForm):
    seen = SeenField()


class DownloadForm(ReadersForm):
    title = TextField(label=gettext_lazy("Title"), max_length=100)
    description = TextField(label=gettext_lazy("What it is for"), max_length=300, required=False)
    file = forms.FileField(
        label=gettext_lazy("File (PDF, ODF, Office, CSV or picture, at most 20 MB)"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": KINDS[DOWNLOAD].accept}),
    )
    version = TextField(
        label=gettext_lazy("Version"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("For example: 115.11 or 2nd edition."),
    )
    order = forms.IntegerField(
        label=gettext_lazy("Order"),
        min_value=1,
        max_value=9999,
        initial=100,
        help_text=gettext_lazy("The lowest number comes first."),
    )
    valid_until = DayField(
        label=gettext_lazy("Valid until"),
        required=False,
        help_text=gettext_lazy("Empty: until it is taken back."),
    )
    field_order = ("title", "description", "file", "version", "readers", "county", "order", "valid_until")

    def __init__(self, *args: Any, is_new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_new:
            self.fields["seen"] = SeenField()
            self.fields["file"].required = False
            self.fields["file"].help_text = _("Empty: the file stays as it is.")

    def clean_file(self) -> "UploadedFile[Any] | None":
        upload: UploadedFile[Any] | None = self.cleaned_data["file"]
        if upload:
            try:
                files.check(DOWNLOAD, upload)
            except FileRefused as refusal:
                raise forms.ValidationError(refusal.message) from None
        return upload


class SearchForm(forms.Form):
    q = TextField(label=gettext_lazy("Search"), max_length=100, required=False)
