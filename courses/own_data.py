"""What enrolments and watches hold on a person."""

from courses.models import (
    Answer,
    CourseHelper,
    Enrolment,
    EnrolmentWatch,
    FeedAddress,
    PlannedAbsence,
    SavedSearch,
)
from kit.own_data import table

_COURSE = ("course__code", "course__title")

OWN_DATA = {
    "enrolments": table(
        Enrolment,
        "user",
        *_COURSE,
        "unit__name",
        "state",
        "cause",
        "walk_in",
        "participation",
        "enrolled_at",
        "decided_at",
        "note",
    ),
    "helpers": table(CourseHelper, "user", *_COURSE, "participation", "named_at"),
    "planned_absences": table(
        PlannedAbsence,
        "enrolment__user",
        *(f"enrolment__{name}" for name in _COURSE),
        "kind",
        "state",
        "stated_at",
        "decided_at",
    ),
    "answers": table(
        Answer,
        "enrolment__user",
        *(f"enrolment__{name}" for name in _COURSE),
        "question__text",
        "value",
    ),
    "saved_searches": table(SavedSearch, "owner", "name", "query", "created_at", "watched_at"),
    "watches": table(EnrolmentWatch, "person", *_COURSE, "since", "told_at"),
    "calendars": table(FeedAddress, "person", "account__number", "made_at", "read_at"),
}
