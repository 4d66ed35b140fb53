"""What each kind of letter may say, for the previews and their tests: one context or more a kind, in the words of both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kit import clock
from notices.mail import Mail, written
from notices.registry import category_of

Context = Mapping[str, Any]
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@dataclass(frozen=True)
class Words:
    """Names and texts of the same story in one language."""

    person: str
    colleague: str
    unit: str
    course: str
    place: str
    role: str
    reason: str
    note: str
    question: str
    answer: str
    courses: list[Context] = field(default_factory=list)


def _row(code: str, title: str, day: int) -> Context:
    return {"code": code, "title": title, "ended": date(2026, 10, day)}


WORDS = {
    "zh-hant": Words(
        "陳曉雯", "林志明", "屏東縣立南州國中", "資通安全與個資保護研習", "視聽教室", "業務承辦人", "因職務調整，由新任承辦人接辦。", "本場次以國中教師優先。",
        "我全程參加，簽到表第二頁有我的簽名。", "已查簽到表，補登 3 小時。",
        [_row("5083121", "性別平等教育研習", 3), _row("5083144", "閱讀理解策略教學", 17)],
    ),
    "en": Words(
        "Chen Hsiao-wen", "Lin Chih-ming", "Nanjhou Junior High School", "Information security and personal data", "Audiovisual room",
        "handler", "The duty has passed to a new colleague.", "Teachers of junior high schools come first.", "I was there all day; my signature is on the second page.",
        "The list shows your signature: three hours were added.",
        [_row("5083121", "Gender equality education", 3), _row("5083144", "Strategies of reading", 17)],
    ),
}  # fmt: skip


def samples(kind: str, language: str) -> list[Context]:
    """Contexts of a kind; a kind with turns of phrase has one for each. Raises KeyError for a kind without a sample."""
    words = WORDS[language]
    return [{**_common(words, language), **facts} for facts in TURNS[kind]]


def _common(w: Words, language: str) -> dict[str, Any]:
    return {
        "name": w.person, "teacher": w.colleague, "from": w.person, "to": w.colleague, "unit": w.unit, "course": w.course, "code": "5083150",
        "place": w.place, "role": w.role, "own": True, "start": date(2026, 12, 1), "last_day": None, "reason": w.reason, "text": w.question, "answer": w.answer, "courses": w.courses,
        "sent_by": f"{w.colleague} ({w.unit})", "starts_on": date(2026, 12, 9), "day": date(2026, 12, 8), "hours": Decimal("3.0"), "note": w.note, "attended": True,
        "state": _("absent"), "explanation": w.reason,
        "year": 115, "overdue": 5, "yellow_at": 2, "red_at": 5, "last_year": 114,
        "final_deadline": date(2026, 3, 31), "account": "134526-007", "number": "134526-007", "half": "115-2" if language != "en" else "2026-2",
        "minutes": 15, "address": "203.0.113.7", "ip": "203.0.113.7", "browser": "Chrome · Windows", "user_agent": BROWSER, "timestamp": _moment(),
        "email": "chen@school.example", "old": "chen@old.example", "new": "chen@school.example", "from_email": "chen@old.example",
        "to_email": "chen@school.example", "deleted_email": "chen@old.example", "provider": "TANet", "others": ["203.0.113.9"],
    }  # fmt: skip


def _moment() -> datetime:
    return clock.at_taipei(date(2026, 11, 24), datetime(2026, 11, 24, 9, 5).time())


def _session(day: int, hour: int) -> dict[str, Any]:
    starts = clock.at_taipei(date(2026, 12, day), time(hour, 30))
    return {"starts_at": starts, "ends_at": starts + timedelta(hours=3), "place": "A101"}


_CHANGES: list[dict[str, Any]] = [
    {"what": "session", "old": _session(9, 13), "new": _session(9, 9)},
    {"what": "session", "old": None, "new": _session(16, 9)},
    {"what": "session", "old": _session(23, 9), "new": None},
    {"what": "hours", "old": Decimal("3"), "new": Decimal("6")},
    {"what": "instructors", "old": ["A", "B"], "new": ["C"]},
    {"what": "mode", "old": "A", "new": "B"},
    {"what": "fee", "old": 0, "new": 200},
    {"what": "payer", "old": "A", "new": "B"},
    {"what": "meeting_link", "old": None, "new": None},
]
_PLAIN: list[Context] = [{}]
TURNS: Mapping[str, list[Context]] = {
    **dict.fromkeys(
        (
            "login_locked", "new_device", "two_places", "second_factor_reset", "identity_approved", "identity_refused",
            "identity_old_mailbox", "closed_absent", "closed_excused", "objection_answered",
            "course_over", "course_withdrawn", "application_approved", "application_refused", "account_given", "account_suspended", "account_resumed",
            "account_ended", "transfer_approved", "transfer_ended", "transfer_offered", "transfer_requested", "transfer_refused", "application_asked", "objection_raised", "review_due",
            "calendar_missing",
            "password_reset_key", "password_changed", "password_set", "password_reset", "unknown_account",
            "email_confirmation", "email_confirm", "email_changed", "email_deleted", "totp_activated", "totp_deactivated", "webauthn_added",
            "webauthn_removed", "recovery_codes_generated", "account_connected", "account_disconnected",
        ),
        _PLAIN,
    ),
    "hours_corrected": [{}, {"attended": False}],
    "person_changed": [
        {"changes": [{"label": _("E-mail"), "old": "chen@old.example", "new": "chen@school.example"}], "ended": True, "reason": ""},
        {"changes": [{"label": _("National ID"), "old": "", "new": "A12345****"}], "ended": False},
    ],
    "place_free": [{"meeting": _session(9, 13), "window": {"until": True, "words": "2026-12-08"}}],
    "admitted": [{"meeting": _session(9, 13), "window": {"until": True, "words": "2026-12-08"}}, {"meeting": _session(9, 13)}],
    "course_changed": [{"changes": _CHANGES, "may_cancel": True, "window": {"words": "2026-12-09 13:30"}}, {"changes": _CHANGES[:1]}],
    "hours_issued": [{}, {"hours": Decimal("1")}],
    "account_warning": [{"what": "suspend"}, {"what": "end"}, {"what": "last_day"}],
    "please_close": [{}],
    "job_done": [{"label": _("training records of the county"), "state": _("done"), "message": ""}],
    "declined": [{}, {"note": ""}],
    "light_green": [{"overdue": 0}, {"overdue": 1, "reopened": True}, {"overdue": 0, "reopened": True, "rest": 4}],
    "light_yellow": [{"overdue": 1}, {"overdue": 4, "reopened": True, "rest": 1}],
    "light_red": [{"overdue": 5, "to_open": 1}, {"overdue": 7, "to_open": 3}],
}  # fmt: skip


def sample_mails(kind: str, language: str) -> list[Mail]:
    """The letters of a kind as they would be sent. Their links lead nowhere in particular."""
    found = []
    for number, context in enumerate(samples(kind, language)):
        with translation.override(language):
            subject, body = written(kind, dict(context))
        mail = Mail(
            kind=kind,
            to="chen@school.example",
            name="" if kind == "unknown_account" else WORDS[language].person,
            language=language,
            subject=subject,
            body=body,
            url=f"{settings.SITE_URL}/catalogue/",
            category=category_of(kind),
            # Nobody: the links of a sample lead out of nobody's letters.
            person_id=None if kind == "unknown_account" else -1,
            key=f"sample:{kind}:{number}",
            thread="sample",
        )
        found.append(mail)
    return found
