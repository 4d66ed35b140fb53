from django.db import models
from django.utils.translation import gettext_lazy as _


class CreditKind(models.TextChoices):
    ISSUED = "issued", _("issued")
    CORRECTED = "corrected", _("corrected")
    REVOKED = "revoked", _("revoked")


class ObjectionState(models.TextChoices):
    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered")
