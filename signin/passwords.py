"""Password policies. Who holds an open business account follows `tw-gov`, everybody else `asvs` (settings PASSWORD_PROFILES).

`tw-gov` is what the government's security baseline requires of accounts with power (length, classes, history, age, a second factor);
`asvs` is OWASP ASVS 5.0 V6.2: length and lists of common passwords, no composition rules, no rotation.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import BusinessAccount, PasswordMemory, User
from kit import clock

LONGEST = 128


@dataclass(frozen=True)
class Profile:
    """One policy: characters, kinds of characters (of four), former passwords looked back on, days until it is renewed."""

    name: str
    min_length: int = 12
    classes: int = 0
    history: int = 0
    max_age_days: int | None = None
    mfa: bool = False


def profile_of(user: Any) -> Profile:
    """The policy that binds a person today."""
    holds = user is not None and user.pk and BusinessAccount.objects.open().filter(user_id=user.pk).exists()
    return business_profile() if holds else _named(settings.TEACHER_PASSWORD_PROFILE)


def business_profile() -> Profile:
    return _named(settings.BUSINESS_PASSWORD_PROFILE)


def _named(name: str) -> Profile:
    return Profile(name=name, **settings.PASSWORD_PROFILES[name])


def is_too_old(user: User, profile: Profile) -> bool:
    """Return whether the policy requires a new password today."""
    if profile.max_age_days is None or not user.has_usable_password():
        return False
    return clock.now() - user.password_changed_at >= timedelta(days=profile.max_age_days)


def kinds_of(password: str) -> int:
    """Return how many of the four kinds occur: small letters, capitals, digits, anything else."""
    return sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() or not (c.islower() or c.isupper() or c.isdigit()) for c in password),
        )
    )


def advice(profile: Profile) -> str:
    """Return the requirements of a policy for a new password, shown beside the field."""
    said = [_("At least %s characters; a whole sentence is easy to remember.") % profile.min_length]
    if profile.classes:
        said.append(
            _(
                "Because you hold a business account, at least %s of these four: small letters, capital letters, digits, other characters."
            )
            % profile.classes
        )
    if profile.history:
        said.append(
            ngettext("Not your last password.", "None of your last %(n)s passwords.", profile.history)
            % {"n": profile.history}
        )
    return " ".join(said)


class ProfileValidator:
    """Apply the person's policy; on each new password, remember as many as the policy looks back on."""

    def validate(self, password: str, user: Any = None) -> None:
        profile = profile_of(user)
        problems = list(self._problems(password, user, profile))
        if problems:
            raise ValidationError(problems)

    def _problems(self, password: str, user: Any, profile: Profile) -> Any:
        if len(password) < profile.min_length:
            yield _("At least %s characters are needed.") % profile.min_length
        if len(password) > LONGEST:
            yield _("At most %s characters are possible.") % LONGEST
        if kinds_of(password) < profile.classes:
            yield (
                _("Use at least %s of these four: small letters, capital letters, digits, other characters.")
                % profile.classes
            )
        if user is not None and user.pk and profile.history and self._was_used(password, user, profile):
            yield ngettext(
                "This is your last password.",
                "This is one of your last %(n)s passwords.",
                profile.history,
            ) % {"n": profile.history}

    def _was_used(self, password: str, user: User, profile: Profile) -> bool:
        former = list(user.former_passwords.all()[: profile.history])
        stored = User.objects.filter(pk=user.pk).values_list("password", flat=True).first() or ""
        return any(
            check_password(password, encoded)
            for encoded in {stored, *(row.encoded for row in former)}
            if encoded
        )

    def password_changed(self, password: str, user: Any = None) -> None:
        if user is None or not user.pk:
            return
        now = clock.now()
        PasswordMemory.objects.create(user=user, encoded=user.password, created_at=now)
        most = max(profile["history"] for profile in settings.PASSWORD_PROFILES.values())
        keep = user.former_passwords.values_list("pk", flat=True)[:most]
        user.former_passwords.exclude(pk__in=list(keep)).delete()
        User.objects.filter(pk=user.pk).update(password_changed_at=now)
        user.password_changed_at = now

    def get_help_text(self) -> str:
        return advice(_named(settings.TEACHER_PASSWORD_PROFILE))
