"""What attendance, hours and objections hold on a person."""

from django.utils.translation import gettext_lazy as _

from hours.models import (
    Attendance,
    Certificate,
    Closing,
    ClosingDraft,
    HourCredit,
    LookUpDay,
    MissedSign,
    Objection,
    SurveyAnswered,
)
from kit.own_data import table

_COURSE = ("course__code", "course__title")
_SESSION = tuple(f"session__{name}" for name in (*_COURSE, "starts_at"))

OWN_DATA = {
    "attendance": table(Attendance, "user", *_SESSION, "kind", "at", "way", "recorded_at", "taken_back_at"),
    "missed_signs": table(MissedSign, "user", *_SESSION, "text", "state", "raised_at", "decided_at"),
    "hours": table(HourCredit, "user", *_COURSE, "participation", "kind", "hours", "reason", "issued_at"),
    "certificates": table(
        Certificate,
        "enrolment__user",
        *_COURSE,
        "serial",
        "name",
        "unit_name",
        "title",
        "hours",
        "participation",
        "issued_at",
    ),
    "objections": table(
        Objection,
        "user",
        *_COURSE,
        "text",
        "state",
        "raised_at",
        "answer",
        "answered_at",
        "review_text",
        "review_answer",
        "reviewed_at",
    ),
    "questionnaires": table(SurveyAnswered, "user", *_COURSE),
    "look_ups": table(LookUpDay, "person", "day", "used", title=_("look-ups of a day")),
    "closings": table(Closing, "closed_by", *_COURSE, "account__number", "closed_at"),
    "closing_drafts": table(ClosingDraft, "saved_by", *_COURSE, "saved_at"),
}
