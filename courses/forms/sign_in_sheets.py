"""The choices for the sign-in sheets of a course."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Session
from courses.queries.sign_in_sheets import BY_RANK, BY_STROKES, BY_UNIT, SheetChoices
from kit.templatetags.ui import end_hhmm, hhmm, rocday

MOST_BLANKS = 100


class SheetForm(forms.Form):
    """Reads only; it is sent by GET."""

    # Not a list that opens: on a phone it cuts day and time.
    session = forms.ChoiceField(label=_("Session"), required=False, widget=forms.RadioSelect)
    order = forms.ChoiceField(
        label=_("Order of the names"),
        choices=[(BY_UNIT, _("by unit")), (BY_RANK, _("by title")), (BY_STROKES, _("by strokes"))],
        initial=BY_UNIT,
    )
    blanks = forms.IntegerField(
        label=_("Blank rows for people who come without enrolment"),
        min_value=0,
        max_value=MOST_BLANKS,
        initial=5,
    )
    separate = forms.BooleanField(label=_("Signing in and signing out on separate sheets"), required=False)
    halves = forms.BooleanField(
        label=_("Morning and afternoon on separate sheets"),
        required=False,
        help_text=_("For sessions that reach over noon."),
    )

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions = list(course.sessions.all())
        choices = [(str(session.pk), _label(session)) for session in self.sessions]
        if len(choices) > 1:
            choices.insert(0, ("", gettext("all sessions")))
        field = cast(forms.ChoiceField, self.fields["session"])
        field.choices, field.initial = choices, choices[0][0] if choices else None

    @property
    def chosen(self) -> list[Session]:
        wanted = self.cleaned_data["session"]
        return [session for session in self.sessions if wanted in ("", str(session.pk))]

    @property
    def sheet_choices(self) -> SheetChoices:
        data = self.cleaned_data
        return SheetChoices(data["order"], data["separate"], data["halves"], data["blanks"])


def _label(session: Session) -> str:
    return f"{rocday(session.starts_at)} {hhmm(session.starts_at)}–{end_hhmm(session.ends_at)}"
