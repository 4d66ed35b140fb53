"""The number of look-ups of a person on a day: the counter behind the daily limit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class LookUpDay(models.Model):
    """One row per person and Taipei day. `used` counts the look-ups that disclosed something new."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    day = models.DateField()
    used = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("look-ups of a day")
        verbose_name_plural = _("look-ups of days")
        constraints = [
            models.UniqueConstraint(fields=["person", "day"], name="hours_look_ups_once_a_person_and_day")
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    def __str__(self) -> str:
        return f"{self.person_id} {self.day} {self.used}"
