"""The notices of people and accounts."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from notices.enums import Category
from notices.registry import Context, NoticeKind, samples

_WORDS: dict[str, dict[str, str]] = {
    "zh-hant": {
        "name": "陳曉雯",
        "unit": "屏東縣立南州國中",
        "role": "業務承辦人",
        "reason": "因職務調整，由新任承辦人接辦。",
        "half": "115-2",
        "title": "教師",
    },
    "en": {
        "name": "Chen Hsiao-wen",
        "unit": "Nanjhou Junior High School",
        "role": "handler",
        "reason": "The duty has passed to a new colleague.",
        "half": "2026-2",
        "title": "teacher",
    },
}


def sample_facts(language: str) -> Context:
    """Return the facts that the samples of these notices use."""
    return {
        **_WORDS[language],
        "own": True,
        "start": date(2026, 12, 1),
        "last_day": None,
        "day": date(2026, 12, 8),
        "since": date(2026, 8, 1),
        "until": None,
        "account": "134526-007",
        "number": "134526-007",
        "email": "chen@school.example",
        "old": "chen@old.example",
        "first": "che***@school.example",
        "second": "che***@old.example",
        "new": "chen@school.example",
    }


_MY_ACCOUNTS, _MY_SECURITY = _("Look at my business accounts"), _("Look at my security")
_ONE = samples(sample_facts)
_SECURITY = NoticeKind(Category.SECURITY, _MY_SECURITY, _ONE)
_CLOSING = NoticeKind(Category.SECURITY, _MY_SECURITY, _ONE)
_ACCOUNT = NoticeKind(Category.ACCOUNTS, _MY_ACCOUNTS, _ONE)
_NEW_MAILBOX: Context = {"label": _("E-mail"), "old": "chen@old.example", "new": "chen@school.example"}
_NEW_NUMBER: Context = {"label": _("National ID"), "old": "", "new": "A12345****"}

KINDS = {
    "identity_approved": _SECURITY,
    "identity_refused": _SECURITY,
    "person_changed": NoticeKind(
        Category.SECURITY,
        _MY_SECURITY,
        samples(
            sample_facts,
            {"changes": [_NEW_MAILBOX], "ended": True, "reason": ""},
            {"changes": [_NEW_NUMBER], "ended": False},
        ),
    ),
    "identity_old_mailbox": NoticeKind(Category.SECURITY, _("Write to the operator"), _ONE),
    "application_approved": _ACCOUNT,
    "application_refused": _ACCOUNT,
    "account_given": NoticeKind(
        Category.ACCOUNTS, _MY_ACCOUNTS, samples(sample_facts, {}, {"first_time": True})
    ),
    "account_suspended": _ACCOUNT,
    "account_resumed": _ACCOUNT,
    "account_ended": _ACCOUNT,
    "account_warning": NoticeKind(
        Category.ACCOUNTS,
        _MY_ACCOUNTS,
        samples(sample_facts, {"what": "suspend"}, {"what": "end"}, {"what": "last_day"}),
    ),
    "place_added": NoticeKind(Category.ACCOUNTS, _MY_ACCOUNTS, samples(sample_facts, {}, {"title": ""})),
    "place_corrected": NoticeKind(
        Category.ACCOUNTS, _MY_ACCOUNTS, samples(sample_facts, {}, {"moved": True})
    ),
    "unit_request_ended": NoticeKind(
        Category.ACCOUNTS,
        _MY_ACCOUNTS,
        samples(sample_facts, {"day": date(2026, 7, 31)}, {"day": date(2026, 7, 31), "role": ""}),
    ),
    "unit_matters_ended": NoticeKind(
        Category.DUTIES,
        _MY_ACCOUNTS,
        samples(
            sample_facts,
            {"day": date(2026, 7, 31), "offers": 1, "proposals": 2, "applications": 1, "joins": 3},
            {
                "day": date(2026, 7, 31),
                "offers": 0,
                "proposals": 1,
                "applications": 0,
                "joins": 0,
                "successor": "",
            },
        ),
    ),
    "place_refused": NoticeKind(
        Category.ACCOUNTS, _MY_ACCOUNTS, samples(sample_facts, {"ends": False}, {"ends": True})
    ),
    "place_proposed": NoticeKind(
        Category.DUTIES,
        _("Decide on the proposal"),
        samples(sample_facts, {"ends": False}, {"ends": True}, {"ends": True, "moves": True}),
    ),
    "proposal_ended": NoticeKind(
        Category.ACCOUNTS,
        _MY_ACCOUNTS,
        samples(
            sample_facts, {"ends": False, "day": date(2026, 7, 31)}, {"ends": True, "day": date(2026, 7, 31)}
        ),
    ),
    "proposal_moot": NoticeKind(
        Category.DUTIES,
        _("Look at the staff list"),
        samples(sample_facts, {"offered": False}, {"offered": True}),
    ),
    "proposals_waiting": NoticeKind(Category.DUTIES, _("Decide on the proposals"), _ONE),
    "place_ended": NoticeKind(
        Category.ACCOUNTS,
        _MY_ACCOUNTS,
        samples(
            sample_facts,
            {"until": date(2026, 7, 31)},
            {"until": date(2026, 7, 31), "accounts": ["134526-007"], "courses": 2},
        ),
    ),
    "place_offered": NoticeKind(Category.ACCOUNTS, _("Accept or decline"), _ONE),
    "place_answered": NoticeKind(
        Category.ACCOUNTS,
        _("Look at the staff list"),
        samples(sample_facts, {"accepted": True}, {"accepted": False}),
    ),
    "person_closed": _CLOSING,
    "person_reopened": _CLOSING,
    "person_merged": _CLOSING,
    "person_parted": _CLOSING,
    "application_asked": NoticeKind(Category.DUTIES, _("Decide on the application"), _ONE),
    "review_due": NoticeKind(Category.DUTIES, _("Review the accounts"), _ONE),
}
