"""課程移轉: a request that a course move from one business account to another of the same unit."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount, User
from courses.enums import TransferState
from courses.models.course import Course


class TransferRequest(models.Model):
    """One course. The four stored items are those of the letter: code, name, new handler's name and account."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="transfers")
    from_account = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="transfers_out")
    to_account = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="transfers_in")
    stated_code = models.CharField(_("course code"), max_length=20)
    stated_title = models.CharField(_("course name"), max_length=200)
    stated_name = models.CharField(_("new handler's name"), max_length=60)
    stated_account = models.CharField(_("new handler's account"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=TransferState, default=TransferState.PENDING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    refusal = models.CharField(_("reason of the refusal"), max_length=300, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course"],
                condition=Q(state=TransferState.PENDING),
                name="courses_transfer_one_pending_a_course",
            ),
            models.CheckConstraint(
                condition=~Q(from_account=F("to_account")), name="courses_transfer_between_two_accounts"
            ),
            models.CheckConstraint(
                condition=~Q(state=TransferState.REFUSED) | ~Q(refusal=""),
                name="courses_transfer_refused_says_why",
            ),
        ]

    # What `audit_people` reads beside the row itself.
    audit_related = ("from_account", "to_account")

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (
            self.from_account.user_id,
            self.to_account.user_id,
        )

    def __str__(self) -> str:
        return f"{self.course} → {self.to_account}"
