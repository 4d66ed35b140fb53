"""To whom something is published."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Readers(models.TextChoices):
    """The hats that read it; a county limits each of them to its own people and units."""

    EVERYBODY = "everybody", _("everybody, also without logging in")
    MEMBERS = "members", _("everybody who is logged in")
    HANDLERS = "handlers", _("handlers and unit leads")
    LEADS = "leads", _("unit leads")
