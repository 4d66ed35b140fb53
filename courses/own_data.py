"""What enrolments, watches and acts in office hold on a person."""

from django.utils.translation import gettext_lazy as _

from accounts.own_data import with_mailbox
from courses.models import (
    Answer,
    Campaign,
    CampaignLetter,
    Course,
    CourseHelper,
    CourseMessage,
    Enrolment,
    EnrolmentWatch,
    FeedAddress,
    PlannedAbsence,
    SavedSearch,
    Suspension,
    TransferRequest,
    YearlyPolicy,
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
    "courses_handled": table(
        Course,
        "handler__user",
        "code",
        "title",
        "unit__name",
        "state",
        title=_("courses you are responsible for"),
    ),
    "courses_as_second": table(
        Course, "co_handler__user", "code", "title", "unit__name", "state", title=_("courses you help to run")
    ),
    "courses_withdrawn": table(
        Course, "withdrawn_by", "code", "title", "withdrawal_text", title=_("courses you withdrew")
    ),
    "contact_of_courses": table(
        Course,
        with_mailbox("contact_mail", "contact2_mail"),
        "code",
        "title",
        *(f"contact{number}_{what}" for number in ("", "2") for what in ("name", "phone", "mail")),
        title=_("courses whose contact you are"),
    ),
    "transfers": table(
        TransferRequest, "requested_by", *_COURSE, "state", "reason", "requested_at", "decided_at"
    ),
    "messages_sent": table(CourseMessage, "sent_by", *_COURSE, "subject", "text", "sent_at"),
    "campaigns": table(Campaign, "made_by", "title", "made_at", "started_at", "ended_at"),
    "campaigns_begun": table(
        Campaign, "started_by", "title", "started_at", "sent_by", title=_("campaigns you began")
    ),
    "campaign_letters": table(
        CampaignLetter,
        with_mailbox("mail"),
        "campaign__title",
        "officer",
        "phone",
        "mail",
        title=_("official letters whose contact you are"),
    ),
    "suspensions": table(Suspension, "made_by__user", "day", "name", "made_at", "ended_at"),
    "rules_of_a_year": table(YearlyPolicy, "changed_by", "year", "version", "reason", "changed_at"),
}
