"""What guards the log-in: counters of failed attempts, former passwords, known devices, keys for programs, first log-ins."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import KeyScope
from accounts.models.user import User


class Throttle(models.Model):
    """Failed log-ins under one key (a keyed hash: no e-mail, no address in the clear). Past `until` the count is nought again."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.failures}"


class PasswordMemory(models.Model):
    """The hash of a password that a person has had; only as many as the policy looks back on are kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_passwords")
    encoded = models.CharField(max_length=128)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class Device(models.Model):
    """A browser that a person has logged in with, known again by a cookie; only the cookie's hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    label = models.CharField(_("browser"), max_length=200, blank=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last log-in"))

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["-last_seen"]
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_device_once")]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return self.label


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self, at: datetime) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None, expires_at__gt=at, user__is_active=True)


class ApiToken(models.Model):
    """A key for a program acting for one person. Shown once; only its hash is kept; ends by itself after 90 days."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # Whether the key may use business hats: only a session that was allowed to could create it.
    for_business = models.BooleanField(_("may act through business accounts"), default=False)
    # The only business account that it may use, so that it belongs to one unit; nothing: each of the person's (older keys).
    account = models.ForeignKey(
        "accounts.BusinessAccount", models.PROTECT, null=True, blank=True, related_name="+"
    )
    scope = models.CharField(_("what it may do"), max_length=8, choices=KeyScope, default=KeyScope.ACT)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("key for programs")
        verbose_name_plural = _("keys for programs")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account=None) | models.Q(for_business=True),
                name="accounts_key_of_an_account_is_for_business",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return self.name


class FirstLoginLinkQuerySet(models.QuerySet["FirstLoginLink"]):
    def usable(self, at: datetime) -> "FirstLoginLinkQuerySet":
        return self.filter(used_at=None, expires_at__gt=at, user__is_active=True)


class FirstLoginLink(models.Model):
    """A link with which a person chooses the first password. It works once; only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="first_login_links")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # False where the link was handed over in another way than by e-mail: using it then proves no mailbox.
    by_mail = models.BooleanField(_("sent by e-mail"))
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    objects = FirstLoginLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link for the first log-in")
        verbose_name_plural = _("links for the first log-in")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None), name="accounts_one_open_first_login_link"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_first_login_link_has_a_life"
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.user} {self.expires_at:%Y-%m-%d}"


class KeyCanary(models.Model):
    """A known text under one of the site's keys: it shows whether a process has the key with which the data were written."""

    name = models.CharField(max_length=20, primary_key=True)
    sealed = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name
