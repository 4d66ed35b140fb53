from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """What a notice is about; the unit of choice for e-mail (docs/adr/0014-which-mail-may-be-switched-off.md)."""

    SECURITY = "security", _("Security of your log-in")
    RIGHTS = "rights", _("Your hours and attendance")
    COURSES = "courses", _("Changes to courses you are enrolled in")
    ACCOUNTS = "accounts", _("Your business accounts and transfers")
    DUTIES = "duties", _("Decisions that wait for you")
    REMINDERS = "reminders", _("Reminders to close courses")
    OVERVIEWS = "overviews", _("Overviews of a unit or county")
    AWAY = "away", _("Who is away at courses this week")
    UPCOMING = "upcoming", _("Reminders before a course")
    ENROLMENT = "enrolment", _("Confirmations of enrolment")
    WATCHES = "watches", _("Courses you asked to hear of")
    QUESTIONNAIRES = "questionnaires", _("Reminders of questionnaires")
    LIGHTS = "lights", _("Changes of the unit's light")
    KEYS = "keys", _("Keys for programs that end soon")


OPTIONAL = (
    Category.REMINDERS,
    Category.OVERVIEWS,
    Category.AWAY,
    Category.UPCOMING,
    Category.ENROLMENT,
    Category.WATCHES,
    Category.QUESTIONNAIRES,
    Category.LIGHTS,
    Category.KEYS,
)


class Timing(Enum):
    """When the mail of a kind may leave: a notice of an act at once, a time-driven one outside of the quiet hours
    (`notices.quiet_hours`), on working days alone or on any day.
    """

    AT_ONCE = "at once"
    WORKDAY = "on working days"
    ANY_DAY = "on any day"
