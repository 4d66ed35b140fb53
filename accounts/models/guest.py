"""A participant from outside: a person without a log-in, entered by the unit whose course they attend."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.unit import Unit
from accounts.models.user import User
from kit.texts import NO_MAILBOX

# The log-in address of a guest can receive nothing, and no notice is mailed to it; `User.mailbox` is empty for it.
DOMAIN = f"guest{NO_MAILBOX}"


def address_of_nobody() -> str:
    """Return a new address that belongs to no mailbox."""
    return f"{uuid.uuid4().hex[:20]}@{DOMAIN}"


class Guest(models.Model):
    """What a unit knows of a guest beside the name; `person.is_guest` until the guest becomes a person with a log-in."""

    person = models.OneToOneField(User, models.PROTECT, related_name="guest", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="guests", verbose_name=_("entered by"))
    organisation = models.CharField(_("unit"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), max_length=200, blank=True)
    entered_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        ordering = ["person__name_key", "person__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "email"],
                condition=~Q(email=""),
                name="accounts_guest_once_a_unit_and_mailbox",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    def __str__(self) -> str:
        return self.person.name
