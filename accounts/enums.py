"""The words of people and units."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    SCHOOL = "school", _("school")
    COUNTY_OFFICE = "county_office", _("county office")
    CENTRE = "centre", _("centre")
    UNIVERSITY = "university", _("university")
    OPERATOR = "operator", _("operator")


class UnitLevel(models.TextChoices):
    """學校級別. Code and level identify a unit: an attached elementary school carries the code of its high school."""

    ELEMENTARY = "elementary", _("elementary school")
    ATTACHED_ELEMENTARY = "attached_elementary", _("attached elementary school")
    JUNIOR_HIGH = "junior_high", _("junior high school")
    SENIOR_HIGH = "senior_high", _("senior high school")
    VOCATIONAL = "vocational", _("vocational high school")
    SPECIAL = "special", _("special school")
    PRESCHOOL = "preschool", _("preschool")
    NONE = "none", _("not a school")


class Role(models.TextChoices):
    """The hats a business account can be."""

    HANDLER = "handler", _("handler")
    UNIT_LEAD = "unit_lead", _("unit lead")
    COUNTY_OFFICER = "county_officer", _("county officer")
    OPERATOR = "operator", _("operator")


UNIT_ROLES = frozenset({Role.HANDLER, Role.UNIT_LEAD})
OVERSIGHT_ROLES = frozenset({Role.COUNTY_OFFICER, Role.OPERATOR})


class RequestState(models.TextChoices):
    """An application for an account, or a request to change a name or e-mail."""

    PENDING = "pending", _("waiting for a decision")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    TAKEN_BACK = "taken_back", _("taken back")


class AccountState(models.TextChoices):
    """What a business account is today; the dates and marks of its row decide (`BusinessAccount.state`)."""

    FUTURE = "future", _("not yet begun")
    ACTIVE = "active", _("in force")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")
