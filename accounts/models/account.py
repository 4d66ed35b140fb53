"""業務帳號: a numbered, dated appointment of one person at one unit."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import AccountState, Role
from accounts.models.in_force import as_q, hold, in_force, not_ended
from accounts.models.unit import Unit
from accounts.models.user import User
from kit import clock


class BusinessAccountQuerySet(models.QuerySet["BusinessAccount"]):
    def active(self, on: date | None = None) -> "BusinessAccountQuerySet":
        """Return the appointments in force on a Taipei day (today when none is given)."""
        return self.filter(as_q(in_force(on or clock.today())))

    def ended(self, on: date | None = None) -> "BusinessAccountQuerySet":
        return self.exclude(as_q(not_ended(on or clock.today())))

    def open(self, on: date | None = None) -> "BusinessAccountQuerySet":
        """Return what has not ended: in force, suspended or not yet begun."""
        return self.filter(as_q(not_ended(on or clock.today())))

    def suspended(self) -> "BusinessAccountQuerySet":
        return self.open().exclude(suspended_at=None)

    def of_unit(self, unit_id: int) -> "BusinessAccountQuerySet":
        return self.filter(unit_id=unit_id)


class BusinessAccount(models.Model):
    """The person, the unit and the number can never change: letter of 112-03-01, point 3. A trigger backs `save`."""

    # The columns as they came from the database.
    _loaded: dict[str, Any]

    FIXED = ("user_id", "unit_id", "number", "role")

    number = models.CharField(_("account number"), max_length=12, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="business_accounts", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="business_accounts", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.HANDLER)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("last day"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    suspended_reason = models.CharField(_("why suspended"), max_length=300, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    # Set when the end has been carried out; from then on no column of the row changes (trigger): an ended account stays ended.
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = BusinessAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("business account")
        verbose_name_plural = _("personal business accounts")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="accounts_account_role_known"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="accounts_account_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=Q(valid_until=None, ended_at=None),
                name="accounts_one_open_appointment",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.number} {self.user.name}"

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **options: Any) -> "BusinessAccount":
        account = super().from_db(db, field_names, values, **options)
        account._loaded = dict(zip(field_names, values, strict=False))
        return account

    def save(self, *args: Any, **kwargs: Any) -> None:
        loaded = getattr(self, "_loaded", {})
        if any(name in loaded and loaded[name] != getattr(self, name) for name in self.FIXED):
            raise ValidationError(
                _("A business account is personal: its person, unit, number and role never change.")
            )
        if loaded.get("ended_at"):
            raise ValidationError(_("An ended business account is never opened again."))
        super().save(*args, **kwargs)

    def is_active(self, on: date | None = None) -> bool:
        """In force on a Taipei day (today when none is given)."""
        return hold(in_force(on or clock.today()), self)

    def has_ended(self, on: date | None = None) -> bool:
        """Ended on a Taipei day (today when none is given), whether or not that has been carried out."""
        return not hold(not_ended(on or clock.today()), self)

    def state(self, on: date | None = None) -> AccountState:
        """Return what the account is on a Taipei day (today when none is given). That of a person who is barred is suspended."""
        day = on or clock.today()
        if self.has_ended(day):
            return AccountState.ENDED
        if self.is_active(day):
            return AccountState.ACTIVE
        begun = self.valid_from <= day
        return AccountState.SUSPENDED if self.suspended_at or begun else AccountState.FUTURE


class Counter(models.Model):
    """The last number given under a name: `account:134526` for business accounts, `course` for course codes.

    Units that share a code share the row, so account numbers stay unique among them.
    """

    name = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
