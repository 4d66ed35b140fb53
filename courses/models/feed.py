"""Secret addresses of calendars: a person's own courses, or a unit's courses and deadlines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount, User


class FeedAddress(models.Model):
    """Everybody who has the address reads the calendar without a log-in. Only its hash is kept; a renewed one replaces it.

    With `account` it is the calendar of that account's unit, and works while the account is in force.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="feed_addresses")
    account = models.ForeignKey(BusinessAccount, models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"))
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(account=None), name="courses_one_feed_a_person"
            ),
            models.UniqueConstraint(fields=["account"], name="courses_one_feed_an_account"),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    def __str__(self) -> str:
        return f"{self.person_id} {self.account_id or ''}".strip()
