"""核發時數: the append-only ledger of hours."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.enums import Participation
from courses.models import Course, Enrolment
from hours.enums import CreditKind

ZERO = Decimal("0")


class HourCreditQuerySet(models.QuerySet["HourCredit"]):
    def total(self) -> Decimal:
        """Return the sum of the rows, in hours."""
        found: Decimal | None = self.aggregate(total=Sum("hours"))["total"]
        return found or ZERO

    def participants(self) -> "HourCreditQuerySet":
        """Return the hours of participants (參加): what a sum of training counts."""
        return self.filter(participation=Participation.PARTICIPANT)

    def by_enrolment(self) -> dict[int, Decimal]:
        """Hours that each enrolment now carries."""
        return {
            r["enrolment_id"]: r["total"] for r in self.values("enrolment_id").annotate(total=Sum("hours"))
        }


class HourCredit(models.Model):
    """One movement of hours. A correction is a new row with the difference; what a person has is the sum."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="credits")
    # Repeated from the enrolment, so that a person's hours are one index away.
    course = models.ForeignKey(Course, models.PROTECT, related_name="credits")
    user = models.ForeignKey(User, models.PROTECT, related_name="credits")
    kind = models.CharField(_("kind"), max_length=10, choices=CreditKind)
    # Repeated from the enrolment as it was when the row was written: a later correction may change what the person took part as.
    participation = models.CharField(
        _("took part as"),
        max_length=12,
        choices=Participation,
        default=Participation.PARTICIPANT,
        db_default=Participation.PARTICIPANT,
    )
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("when"))

    objects = HourCreditQuerySet.as_manager()

    class Meta:
        verbose_name = _("hour credit")
        verbose_name_plural = _("hour credits")
        ordering = ["issued_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(kind=CreditKind.ISSUED), name="hours_credit_issued_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=CreditKind.ISSUED, hours__gt=0)
                | Q(kind=CreditKind.REVOKED, hours__lt=0)
                | (Q(kind=CreditKind.CORRECTED) & ~Q(hours=0)),
                name="hours_credit_sign_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(participation__in=Participation.values), name="hours_credit_participation_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=CreditKind.ISSUED) | ~Q(reason=""), name="hours_credit_correction_says_why"
            ),
        ]
        indexes = [models.Index(fields=["user", "course"], name="hours_of_person")]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.user} {self.hours} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The ledger is append-only: write a correction.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The ledger is append-only: write a correction.")
