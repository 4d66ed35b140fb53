"""The steps of the registration form. They only arrange the fields of `CourseForm`; every step posts the whole form."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Step:
    """`rows`: the formset on this step."""

    number: int
    title: str | Promise
    fields: tuple[str, ...] = ()
    rows: str = ""
    rows_first: bool = False


STEPS = (
    Step(1, _("Course"), ("title", "approval_number", "basis_number", "nature", "tags")),
    Step(2, _("Content"), ("summary", "outline", "materials", "method"), rows="instructors"),
    Step(3, _("Time and place"), ("hours", "hours_by", "mode", "place", "meeting_link"), rows="sessions", rows_first=True),
    Step(
        4,
        _("People and enrolment"),
        (
            "audience", "stages", "groups", "capacity", "admission", "waiting_list", "enrol_from", "enrol_until",
            "fee", "payer", "leave_kind", "travel", "bring", "questionnaire",
        ),
    ),
    Step(
        5,
        _("Contact"),
        ("contact_name", "contact_phone", "contact_mail", "contact2_name", "contact2_phone", "contact2_mail"),
    ),
    Step(6, _("Preview and register")),
)  # fmt: skip
FIRST, PREVIEW = STEPS[0].number, STEPS[-1].number
# All fields on one page, for people who know the form.
ALL = "all"
# Fields across the whole width.
WIDE = frozenset(
    {"title", "tags", "summary", "outline", "materials", "audience", "stages", "groups", "waiting_list"}
)
_STEP_OF = {name: step.number for step in STEPS for name in (*step.fields, step.rows)}


def step_of(name: str) -> int:
    """Return the step of a field, a formset or one of its rows ("sessions-2"); the first step for anything else."""
    return _STEP_OF.get(name.split("-")[0], FIRST)


def target(word: str | None) -> int | str | None:
    """Return the requested step; None when there is none of that name."""
    if word == ALL:
        return ALL
    return next((step.number for step in STEPS if str(step.number) == word), None)
