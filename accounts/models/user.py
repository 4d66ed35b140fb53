"""Natural persons."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.management.base import CommandError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import CloseReason
from accounts.identity import masked, seal, unseal
from kit.strokes import KEY_LENGTH, stroke_key
from kit.texts import NO_MAILBOX


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, *args: Any, **fields: Any) -> "User":
        """Called by Django's `createsuperuser`. There are no superusers here; the first operator has a command of its own."""
        raise CommandError(
            "There are no superusers: what a person may do comes from business accounts. "
            "For the first operator: manage.py create_operator --email … --name …"
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """個人帳號: one natural person, one log-in. What a person may do comes from business accounts, never from here."""

    email = models.EmailField(_("e-mail"), max_length=200, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_key = models.CharField(max_length=KEY_LENGTH, blank=True, default="", db_default="", editable=False)
    # National or resident number, and passport number: sealed at rest; found through a keyed hash, shown masked.
    id_sealed = models.TextField(blank=True, editable=False)
    id_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    passport_sealed = models.TextField(blank=True, editable=False)
    passport_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hant")
    is_active = models.BooleanField(_("may log in"), default=True)
    # 結案: retired, deceased, entered by mistake. Records are kept; `accounts.actions.closing_people`.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_because = models.CharField(
        _("why closed"), max_length=12, choices=CloseReason, blank=True, default="", db_default=""
    )
    # The person whom a second record of the same person belongs to (docs/adr/0024); read it through `accounts.queries.persons`.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        editable=False,
        db_index=False,
    )
    # A person from outside without a log-in (`Guest`): attends courses and receives hours.
    is_guest = models.BooleanField(_("guest"), default=False, db_default=False, editable=False)
    date_joined = models.DateTimeField(default=timezone.now)
    # Business accounts renew the password after the days of their policy (`signin.passwords`).
    password_changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    NUMBER_FIELDS = ("id_sealed", "id_hash", "passport_sealed", "passport_hash")
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because="") | Q(closed_at__isnull=False, is_active=False),
                name="accounts_closed_person_has_no_login",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) & ~Q(closed_because=CloseReason.MERGED)
                | Q(merged_into__isnull=False, closed_because=CloseReason.MERGED),
                name="accounts_merged_person_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="accounts_nobody_is_merged_into_oneself",
            ),
            models.CheckConstraint(
                condition=Q(is_guest=False) | Q(is_active=False), name="accounts_guest_has_no_login"
            ),
        ]
        indexes = [
            # The few people who were merged.
            models.Index(
                fields=["merged_into"],
                name="accounts_merged_people",
                condition=Q(merged_into__isnull=False),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the key of the name. `bulk_create` and `bulk_update` need `set_name_key` before."""
        self.set_name_key()
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)

    def set_name_key(self) -> None:
        """Keep the key by which lists sort the name in the order of its strokes."""
        self.name_key = stroke_key(self.name)

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.pk,)

    @property
    def person_id(self) -> int:
        """The person: the record into which this one was merged, or this one."""
        return self.merged_into_id or self.pk

    @property
    def mailbox(self) -> str:
        """The e-mail as people may see it: empty where the address belongs to nobody, as that of a guest (`address_of_nobody`)."""
        return "" if self.email.lower().endswith(NO_MAILBOX) else self.email

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def set_national_id(self, number: str) -> None:
        """Seal a checked number, or take the number away when it is empty; the caller saves `NUMBER_FIELDS`."""
        self.id_sealed, self.id_hash = seal(number) if number else ("", None)

    def set_passport(self, number: str) -> None:
        """Seal a checked passport number, or take it away when it is empty; the caller saves `NUMBER_FIELDS`."""
        self.passport_sealed, self.passport_hash = seal(number) if number else ("", None)

    @property
    def national_id(self) -> str:
        return unseal(self.id_sealed) if self.id_sealed else ""

    @property
    def national_id_masked(self) -> str:
        """A12345****: the last four hidden, as the ministry requires."""
        return masked(self.national_id) if self.id_sealed else ""

    @property
    def passport(self) -> str:
        return unseal(self.passport_sealed) if self.passport_sealed else ""

    @property
    def passport_masked(self) -> str:
        return masked(self.passport) if self.passport_sealed else ""
