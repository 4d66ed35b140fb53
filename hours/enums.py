from django.db import models
from django.utils.translation import gettext_lazy as _


class CreditKind(models.TextChoices):
    ISSUED = "issued", _("issued")
    CORRECTED = "corrected", _("corrected")
    REVOKED = "revoked", _("revoked")


class ObjectionState(models.TextChoices):
    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered")
    REVIEW = "review", _("being reviewed")
    REVIEWED = "reviewed", _("reviewed")


class SignKind(models.TextChoices):
    IN = "in", _("sign-in")
    OUT = "out", _("sign-out")


class SignWay(models.TextChoices):
    """How a sign of attendance came about."""

    SCAN = "scan", _("scanned code")
    NUMBER = "number", _("typed number")
    OWN_CODE = "own_code", _("the person's own code")
    HAND = "hand", _("entered by the organiser")


class PresenceQuestion(models.TextChoices):
    """What the attendance of a person leaves open."""

    LATE = "late", _("came late")
    EARLY = "early", _("left early")
    NO_SIGN_IN = "no_sign_in", _("no sign-in")
    NO_SIGN_OUT = "no_sign_out", _("no sign-out")
    MISSED = "missed", _("not signed at all")


class ReportState(models.TextChoices):
    """The state of a report of a missed sign."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("not accepted")
    CLOSED = "closed", _("decided at closing")


class CertificateState(models.TextChoices):
    """What a certificate is worth: its hours count, others count now, or none."""

    VALID = "valid", _("valid")
    CORRECTED = "corrected", _("corrected")
    REVOKED = "revoked", _("revoked")


class StandardQuestion(models.TextChoices):
    """The five questions of every questionnaire, with a reply from 1 to 5."""

    CONTENT = "content", _("The content fits what I need for my work.")
    INSTRUCTOR = "instructor", _("The instructor explained clearly.")
    TIME = "time", _("Time and length were well chosen.")
    PLACE = "place", _("Place, equipment or on-line platform worked well.")
    OVERALL = "overall", _("Altogether I am satisfied with the course.")


class QuestionKind(models.TextChoices):
    """The form of the reply to an own question of the organiser."""

    SCALE = "scale", _("from 1 to 5")
    CHOICE = "choice", _("one of several answers")
    TEXT = "text", _("in words")


# What waits for a reply.
WAITING = (ObjectionState.OPEN, ObjectionState.REVIEW)


class ReplyLevel(models.TextChoices):
    """Who replied to an objection, or has to review the reply."""

    HANDLER = "handler", _("handler")
    LEAD = "lead", _("unit lead")
    COUNTY = "county", _("county")
    OPERATOR = "operator", _("operator")
