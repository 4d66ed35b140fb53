"""A file for a course."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from courses.enums import CourseFileKind, MaterialsFrom
from courses.file_kinds import KINDS, stored_as
from files import actions as files
from files.errors import FileRefused

ACCEPTED = ",".join(sorted({ending for kind in KINDS.values() for ending in kind.accept.split(",")}))


class CourseFileForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=CourseFileKind.choices,
        initial=CourseFileKind.POSTER,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_(
            "Poster: PNG or JPEG. Implementation plan: PDF. Course material: PDF, ODF, Office or a picture."
        ),
    )
    open_from = forms.ChoiceField(
        label=_("Participants may take the material"),
        choices=MaterialsFrom.choices,
        initial=MaterialsFrom.ADMITTED,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload: UploadedFile[Any] | None = data.get("file")
        if upload and data.get("kind"):
            self._check(upload, data["kind"])
        return data

    def _check(self, upload: "UploadedFile[Any]", kind: str) -> None:
        """The action checks again, and also what is in the file."""
        try:
            files.check(stored_as(kind), upload)
        except FileRefused as refusal:
            self.add_error("file", refusal.message)
