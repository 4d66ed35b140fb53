"""The notices of people, accounts and log-ins."""

from datetime import date, time

from django.utils.translation import gettext_lazy as _

from kit import clock
from notices.enums import Category
from notices.registry import Context, Kind, samples

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
_WORDS: dict[str, dict[str, str]] = {
    "zh-hant": {
        "name": "陳曉雯",
        "unit": "屏東縣立南州國中",
        "role": "業務承辦人",
        "reason": "因職務調整，由新任承辦人接辦。",
        "half": "115-2",
    },
    "en": {
        "name": "Chen Hsiao-wen",
        "unit": "Nanjhou Junior High School",
        "role": "handler",
        "reason": "The duty has passed to a new colleague.",
        "half": "2026-2",
    },
}


def story(language: str) -> Context:
    """Return the facts that the samples of these notices tell."""
    return {
        **_WORDS[language],
        "own": True,
        "start": date(2026, 12, 1),
        "last_day": None,
        "day": date(2026, 12, 8),
        "account": "134526-007",
        "number": "134526-007",
        "minutes": 15,
        "address": "203.0.113.7",
        "ip": "203.0.113.7",
        "browser": "Chrome · Windows",
        "user_agent": BROWSER,
        "timestamp": clock.at_taipei(date(2026, 11, 24), time(9, 5)),
        "email": "chen@school.example",
        "old": "chen@old.example",
        "new": "chen@school.example",
        "from_email": "chen@old.example",
        "to_email": "chen@school.example",
        "deleted_email": "chen@old.example",
        "provider": "TANet",
        "others": ["203.0.113.9"],
    }


_MY_ACCOUNTS, _MY_SECURITY = _("Look at my business accounts"), _("Look at my security")
_ONE = samples(story)
_SECURITY = Kind(Category.SECURITY, _MY_SECURITY, _ONE)
_ACCOUNT = Kind(Category.ACCOUNTS, _MY_ACCOUNTS, _ONE)
_NEW_MAILBOX: Context = {"label": _("E-mail"), "old": "chen@old.example", "new": "chen@school.example"}
_NEW_NUMBER: Context = {"label": _("National ID"), "old": "", "new": "A12345****"}

KINDS = {
    "login_locked": Kind(Category.SECURITY, _("Reset the password"), _ONE),
    "new_device": _SECURITY,
    "two_places": _SECURITY,
    "second_factor_reset": Kind(Category.SECURITY, _("Set up the second step again"), _ONE),
    "identity_approved": _SECURITY,
    "identity_refused": _SECURITY,
    "person_changed": Kind(
        Category.SECURITY,
        _MY_SECURITY,
        samples(
            story,
            {"changes": [_NEW_MAILBOX], "ended": True, "reason": ""},
            {"changes": [_NEW_NUMBER], "ended": False},
        ),
    ),
    "identity_old_mailbox": Kind(Category.SECURITY, _("Write to the operator"), _ONE),
    "application_approved": _ACCOUNT,
    "application_refused": _ACCOUNT,
    "account_given": _ACCOUNT,
    "account_suspended": _ACCOUNT,
    "account_resumed": _ACCOUNT,
    "account_ended": _ACCOUNT,
    "account_warning": Kind(
        Category.ACCOUNTS,
        _MY_ACCOUNTS,
        samples(story, {"what": "suspend"}, {"what": "end"}, {"what": "last_day"}),
    ),
    "application_asked": Kind(Category.DUTIES, _("Decide on the application"), _ONE),
    "review_due": Kind(Category.DUTIES, _("Review the accounts"), _ONE),
    # Letters of the log-in library (`signin.adapter`): sent at once, never kept in the inbox.
    "password_reset_key": Kind(Category.SECURITY, _("Choose a new password"), _ONE),
    "password_changed": _SECURITY,
    "password_set": _SECURITY,
    "password_reset": _SECURITY,
    "unknown_account": Kind(Category.SECURITY, _("Go to the log-in"), _ONE, has_reader=False),
    "email_confirmation": Kind(Category.SECURITY, _("Confirm the e-mail"), _ONE),
    "email_confirm": _SECURITY,
    "email_changed": _SECURITY,
    "email_deleted": _SECURITY,
    "totp_activated": _SECURITY,
    "totp_deactivated": _SECURITY,
    "webauthn_added": _SECURITY,
    "webauthn_removed": _SECURITY,
    "recovery_codes_generated": _SECURITY,
    "account_connected": _SECURITY,
    "account_disconnected": _SECURITY,
}
