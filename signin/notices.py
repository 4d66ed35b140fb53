"""The notices of log-ins: what happens to a person's access, and the messages of the log-in library."""

from datetime import date, time

from django.utils.translation import gettext_lazy as _

from accounts import notices as of_accounts
from kit import clock
from notices.enums import Category, Timing
from notices.registry import Context, NoticeKind, samples

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


def sample_facts(language: str) -> Context:
    """Return the facts that the samples of these notices use."""
    return {
        **of_accounts.sample_facts(language),
        "minutes": 15,
        "address": "203.0.113.7",
        "ip": "203.0.113.7",
        "browser": "Chrome · Windows",
        "user_agent": BROWSER,
        "timestamp": clock.at_taipei(date(2026, 11, 24), time(9, 5)),
        "from_email": "chen@old.example",
        "to_email": "chen@school.example",
        "deleted_email": "chen@old.example",
        "provider": "TANet",
        "others": ["203.0.113.9"],
        "key": "HR-SYNC",
        "ends": clock.at_taipei(date(2026, 12, 8), time(9, 5)),
    }


_ONE = samples(sample_facts)
_INVITATION = samples(sample_facts, {"days": 14})
_SECURITY = NoticeKind(Category.SECURITY, _("Look at my security"), _ONE)

KINDS = {
    "login_locked": NoticeKind(Category.SECURITY, _("Reset the password"), _ONE),
    "new_device": _SECURITY,
    "two_places": _SECURITY,
    "second_factor_reset": NoticeKind(Category.SECURITY, _("Set up the second step again"), _ONE),
    "support_view": NoticeKind(Category.SECURITY, _("Look at my record"), _ONE),
    "key_ends": NoticeKind(
        Category.KEYS,
        _("Make a new key"),
        samples(sample_facts, {"unit": ""}, {}),
        timing=Timing.ANY_DAY,
    ),
    "join_requested": NoticeKind(Category.DUTIES, _("Decide on the requests"), _ONE),
    # Mailed only, with a link: never kept in the inbox.
    "invitation": NoticeKind(Category.ACCOUNTS, _("Choose the password"), _INVITATION),
    "join_refused": NoticeKind(Category.ACCOUNTS, _("Go to the first log-in"), _ONE, has_reader=False),
    # E-mails of the log-in library (`signin.adapter`): sent at once, never kept in the inbox.
    "password_reset_key": NoticeKind(Category.SECURITY, _("Choose a new password"), _ONE),
    "password_changed": _SECURITY,
    "password_set": _SECURITY,
    "password_reset": _SECURITY,
    "unknown_account": NoticeKind(Category.SECURITY, _("Go to the log-in"), _ONE, has_reader=False),
    "email_confirmation": NoticeKind(Category.SECURITY, _("Confirm the e-mail"), _ONE),
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
