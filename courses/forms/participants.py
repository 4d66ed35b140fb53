"""Whom a handler puts on a course's list: chosen from the staff, pasted, from a file or from an earlier course."""

import tempfile
from pathlib import Path
from typing import Any, cast

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from courses.imports.participants import read_file, read_lines
from courses.models import Course
from courses.models.querysets import CourseQuerySet
from courses.models.typed import Typed
from kit.form_fields import NumberedTextField, TextField
from kit.tables.form_field import TableFileField

SALT = "course-participants"
MOST_TEXT = 40_000
LISTED = 30


class ParticipantsForm(forms.Form):
    lines = NumberedTextField(
        label=_("Names, accounts, e-mails or numbers"),
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "One person on a line. A name alone finds people of your own unit; for others write the account, the e-mail or the number, "
            "with the name before it. People from outside whom your unit has entered are found by their e-mail; they get no notice."
        ),
    )
    file = TableFileField(
        label=_("Table (ODS, XLSX or CSV)"),
        required=False,
        help_text=_("With a heading: 姓名, 電子郵件, 帳號 or 身分證字號."),
    )
    earlier = forms.ChoiceField(label=_("From an earlier course"), required=False)
    older = TextField(label=_("Or from an older course (code)"), required=False, max_length=12)

    def __init__(self, earlier: CourseQuerySet, *args: Any, **kwargs: Any) -> None:
        """`earlier`: the courses whose people may be taken over, the latest first; older ones than the list has are named by their code."""
        super().__init__(*args, **kwargs)
        self.earlier_courses = earlier
        latest = list(earlier[: LISTED + 1])
        choices = [(row.code, f"{row.code} {row.title}") for row in latest[:LISTED]]
        cast(forms.ChoiceField, self.fields["earlier"]).choices = [("", _("none")), *choices]
        if len(latest) <= LISTED:
            del self.fields["older"]
        else:
            self.fields["earlier"].help_text = _("The list has the latest %(n)s courses.") % {"n": LISTED}

    def clean_older(self) -> str:
        code = str(self.cleaned_data["older"])
        if code and not self.earlier_courses.filter(code=code).exists():
            raise forms.ValidationError(_("Your unit has no other course of this code with participants."))
        return code

    @property
    def chosen_course(self) -> Course | None:
        """The earlier course whose people are taken over."""
        code = self.cleaned_data["earlier"] or self.cleaned_data.get("older")
        return self.earlier_courses.filter(code=code).first() if code else None

    def typed(self, most: int) -> list[Typed]:
        """Return the people that were pasted or are in the file. Raise UnreadableTable, NoPeopleInTable."""
        found = read_lines(self.cleaned_data["lines"])
        if upload := self.cleaned_data.get("file"):
            with tempfile.NamedTemporaryFile(suffix=Path(upload.name or "").suffix[:8]) as copy:
                for chunk in upload.chunks():
                    copy.write(chunk)
                copy.flush()
                found += read_file(Path(copy.name), most)
        return found


def token_of(course: Course, user_id: int) -> str:
    """The proof that this person was looked up for this course."""
    return signing.dumps([course.pk, user_id], salt=SALT, compress=False)


def people_of(course: Course, data: QueryDict) -> list[int]:
    """Return the people whose tokens were sent; forged tokens and those of another course are left out."""
    found = []
    for token in data.getlist("person"):
        try:
            course_pk, person = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            continue
        if course_pk == course.pk:
            found.append(int(person))
    return found
