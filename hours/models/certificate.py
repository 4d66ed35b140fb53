"""研習證明: what was certified to a person about a course, and the secret by which anybody who holds the paper can check it."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.enums import Participation
from courses.models import Course, Enrolment


def new_token() -> str:
    """Return a secret of 138 bits, in letters and digits that a person can type."""
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _place in range(TOKEN_LENGTH))


# 31 letters and digits that are not taken for one another: 28 of them are 138 bits.
TOKEN_LENGTH = 28


class Certificate(models.Model):
    """One row a person, name, course, kind and number of hours: after a correction the old one keeps what it said, and a new one is issued.

    Whether it is valid is never stored: the ledger says so when it is checked.
    """

    # Repeated from the enrolment, as the number counts within the course.
    course = models.ForeignKey(Course, models.PROTECT, related_name="certificates")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="certificates")
    serial = models.PositiveIntegerField(_("number"))
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=new_token, editable=False)
    # As on the day of issue: a person whose name is corrected gets a new certificate.
    name = models.CharField(_("name"), max_length=100)
    # As on the day of the course.
    unit_name = models.CharField(_("unit"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=60, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1)
    participation = models.CharField(
        _("took part as"),
        max_length=12,
        choices=Participation,
        default=Participation.PARTICIPANT,
        db_default=Participation.PARTICIPANT,
    )
    issued_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["course", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["course", "serial"], name="hours_certificate_number_once"),
            models.UniqueConstraint(
                fields=["enrolment", "participation", "hours", "name"], name="hours_certificate_once_a_name"
            ),
            models.CheckConstraint(
                condition=Q(participation__in=Participation.values),
                name="hours_certificate_participation_known",
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="hours_certificate_has_hours"),
        ]

    # What `audit_people` reads beside the row itself.
    audit_related = ("enrolment",)

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.enrolment.user_id,)

    @property
    def number(self) -> str:
        """The number on the paper. It opens nothing: a certificate is looked up by its token."""
        return f"{self.course.code}-{self.serial:04d}"

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
