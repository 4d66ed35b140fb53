"""The notices of courses, enrolments, transfers and lights."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.notices import sample_facts as facts_of_accounts
from courses.enums import AbsenceKind, Colour, LeaveKind
from courses.queries.changes import Change, Held
from courses.queries.contacts import Contact
from courses.queries.windows import Window
from kit import clock
from notices.enums import Category, Timing
from notices.registry import Context, NoticeKind, Samples, samples


def _row(code: str, title: str, day: int) -> Context:
    return {"code": code, "title": title, "ended": date(2026, 10, day)}


_WORDS: dict[str, dict[str, Any]] = {
    "zh-hant": {
        "teacher": "林志明",
        "from": "陳曉雯",
        "to": "林志明",
        "course": "資通安全與個資保護研習",
        "place": "視聽教室",
        "successor": "屏東縣立潮州國中",
        "contact": Contact("陳曉雯", "08-8642009#12", "chen@school.example"),
        "note": "本場次以國中教師優先。",
        "sent_by": "林志明 (屏東縣立南州國中)",
        "courses": [_row("5083121", "性別平等教育研習", 3), _row("5083144", "閱讀理解策略教學", 17)],
    },
    "en": {
        "teacher": "Lin Chih-ming",
        "from": "Chen Hsiao-wen",
        "to": "Lin Chih-ming",
        "course": "Information security and personal data",
        "place": "Audiovisual room",
        "successor": "Chaozhou Junior High School",
        "contact": Contact("Chen Hsiao-wen", "08-8642009#12", "chen@school.example"),
        "note": "Teachers of junior high schools come first.",
        "sent_by": "Lin Chih-ming (Nanjhou Junior High School)",
        "courses": [
            _row("5083121", "Gender equality education", 3),
            _row("5083144", "Strategies of reading", 17),
        ],
    },
}


def sample_facts(language: str) -> Context:
    """Return the facts that the samples of these notices use."""
    words = facts_of_accounts(language)
    return {
        **words,
        **_WORDS[language],
        "code": "5083150",
        "starts_on": date(2026, 12, 9),
        "state": _("absent"),
        "explanation": words["reason"],
        "year": 115,
        "last_year": 114,
        "overdue": 5,
        "yellow_at": 2,
        "red_at": 5,
        "final_deadline": date(2026, 3, 31),
    }


def _session(day: int, hour: int) -> Held:
    starts = clock.at_taipei(date(2026, 12, day), time(hour, 30))
    return Held(starts, starts + timedelta(hours=3), "A101")


_CHANGES = [
    Change("session", _session(9, 13), _session(9, 9)),
    Change("session", None, _session(16, 9)),
    Change("session", _session(23, 9), None),
    Change("hours", Decimal("3"), Decimal("6")),
    Change("instructors", ["A", "B"], ["C"]),
    Change("mode", "A", "B"),
    Change("fee", 0, 200),
    Change("payer", "A", "B"),
    Change("meeting_link", None, None),
]
_WINDOW = Window(clock.at_taipei(date(2026, 12, 9)), date(2026, 12, 8))
_SEAT: Context = {
    "meetings": [_session(9, 13), _session(16, 13)],
    "window": _WINDOW,
}
_LEAVE: Context = {"needs_leave": True, "leave": LeaveKind.SUBSTITUTE.label}
_CAMPAIGN_TEXT = {
    "zh-hant": "請於期限前完成核發時數，未辦理之課程請依課程登錄錯誤處理。",
    "en": "Please issue the hours in time; withdraw courses that were not held.",
}
_CAMPAIGN_TITLE = {"zh-hant": "114 年度研習課程清查", "en": "Closing the courses of 2025"}


def _campaign(*wordings: Context) -> Samples:
    """Return the samples of a campaign, which is about two courses of one unit."""

    def made(language: str) -> Sequence[Context]:
        facts = sample_facts(language)
        rows = [row | {"handler": facts["from"]} for row in facts["courses"]]
        said = {"title": _CAMPAIGN_TITLE[language], "text": _CAMPAIGN_TEXT[language]}
        story = {**facts, **said, "year": 114, "deadline": date(2026, 3, 31), "courses": rows}
        return [{**story, **wording} for wording in wordings]

    return made


def _message(language: str) -> Sequence[Context]:
    """Return the sample of a message to participants."""
    facts = sample_facts(language)
    contact = facts["contact"]
    named = {"contact": contact.name, "phone": contact.phone}
    return [{**facts, "subject": facts["note"], "text": facts["note"], **named}]


_SUSPENDED: Context = {
    "name": "A",
    "day": date(2026, 12, 9),
    "from_time": time(12),
    "until_time": time(18),
}
_ABSENCE: Context = {"kind": AbsenceKind.OFFICIAL.label}
_AWAY: Context = {
    "starts_at": _session(2, 13).starts_at,
    "ends_at": _session(2, 13).ends_at,
    "who": "A",
    "course": "B",
    "organiser": "C",
}
_FOUND: Sequence[Context] = [
    {
        "search": name,
        "code": "5083150",
        "title": "B",
        "starts_on": date(2026, 12, 9),
        "unit": "C",
        "url": "https://x.example/c/5083150/",
    }
    for name in ("A", "D")
]
_MONTH: Context = {
    "county": "A",
    "units": (("A", Colour.RED.label, 6), ("B", Colour.YELLOW.label, 1)),
    "number": 17,
    "more": 2,
    "late": 3,
}
_COURSE, _DUE = _("Look at the course"), _("See what is due")
_ONE = samples(sample_facts)
_ONE_AND_LECTURER = samples(sample_facts, {}, {"part": "lecturer"})
_POSTPONED = samples(
    sample_facts, _SUSPENDED, {**_SUSPENDED, "is_held": True}, {**_SUSPENDED, "part": "staff"}
)
_LAST_DAY: Context = {"day": date(2026, 7, 31)}
_LECTURES: Context = {**_SEAT, "part": "lecturer", "is_named": True}
_TRANSFER = NoticeKind(Category.ACCOUNTS, _("Look at the transfer"), _ONE)

KINDS = {
    "unit_closed": NoticeKind(
        Category.DUTIES, _("Look at the unit's courses"), samples(sample_facts, {}, {"successor": ""})
    ),
    "courses_left": NoticeKind(
        Category.DUTIES,
        _("Have the courses moved"),
        samples(sample_facts, _LAST_DAY, {**_LAST_DAY, "has_colleague": True}),
    ),
    "staff_left": NoticeKind(
        Category.DUTIES,
        _("Look at the list"),
        samples(sample_facts, {"people": ["A", "B"]}, {"people": ["A"]}),
    ),
    "course_changed": NoticeKind(
        Category.COURSES,
        _COURSE,
        samples(
            sample_facts,
            {"changes": _CHANGES, "may_cancel": True, "window": _WINDOW},
            {"changes": _CHANGES[:1]},
            {"changes": _CHANGES[:1], "part": "lecturer"},
            {"changes": _CHANGES[:1], "part": "staff"},
        ),
    ),
    "course_postponed": NoticeKind(Category.COURSES, _COURSE, _POSTPONED),
    "course_to_move": NoticeKind(Category.DUTIES, _("Choose new days"), _POSTPONED),
    "course_withdrawn": NoticeKind(Category.COURSES, _("Find another course"), _ONE_AND_LECTURER),
    "transfer_approved": _TRANSFER,
    "transfer_ended": _TRANSFER,
    "transfer_offered": _TRANSFER,
    "transfer_requested": _TRANSFER,
    "transfer_refused": _TRANSFER,
    "campaign_begun": NoticeKind(Category.REMINDERS, _DUE, _campaign({}, {"text": ""})),
    "campaign_follow_up": NoticeKind(
        Category.REMINDERS, _DUE, _campaign({}, {"over": True}), timing=Timing.WORKDAY
    ),
    "campaign_done": NoticeKind(Category.REMINDERS, _DUE, _campaign({"courses": 4})),
    "calendar_missing": NoticeKind(Category.DUTIES, _("Go to the operator's desk"), _ONE),
    "please_close": NoticeKind(
        Category.REMINDERS,
        _("Issue hours and close"),
        samples(sample_facts, {}, {"red_on": date(2026, 12, 3)}),
    ),
    "enrolment_open": NoticeKind(
        Category.WATCHES,
        _("Look at the course and enrol"),
        samples(sample_facts, _SEAT),
        timing=Timing.WORKDAY,
    ),
    "search_found": NoticeKind(
        Category.WATCHES,
        _("See my searches"),
        samples(sample_facts, {"found": _FOUND}, {"found": _FOUND[:1], "more": 12}),
        timing=Timing.WORKDAY,
    ),
    "place_free": NoticeKind(Category.ENROLMENT, _("Take the free place"), samples(sample_facts, _SEAT)),
    "enrolled": NoticeKind(
        Category.ENROLMENT,
        _COURSE,
        samples(
            sample_facts,
            {**_SEAT, **_LEAVE, "state": "admitted", "asks": True},
            {**_SEAT, "window": None, "state": "applied"},
            {"state": "waitlisted"},
        ),
    ),
    "enrolment_cancelled": NoticeKind(
        Category.ENROLMENT,
        _("Find another course"),
        samples(
            sample_facts,
            {"was": "admitted"},
            {"was": "waitlisted"},
            {"was": "admitted", "because": "closed"},
            {"was": "admitted", "because": "left"},
        ),
    ),
    "away_week": NoticeKind(
        Category.AWAY,
        _("See the week's list"),
        samples(sample_facts, {"monday": date(2026, 11, 30), "lines": [_AWAY, _AWAY]}),
        timing=Timing.WORKDAY,
    ),
    "county_month": NoticeKind(
        Category.OVERVIEWS,
        _("See the units of the county"),
        samples(sample_facts, {**_MONTH, "more": 0, "late": 0}, _MONTH),
        timing=Timing.WORKDAY,
    ),
    "county_rest": NoticeKind(
        Category.OVERVIEWS,
        _("See last year's unclosed courses"),
        samples(
            sample_facts,
            {
                "county": "A",
                "year": 114,
                "deadline": date(2026, 3, 31),
                "units": (("A", 4), ("B", 1)),
                "courses": 7,
                "more": 2,
            },
        ),
        timing=Timing.WORKDAY,
    ),
    "leave_due": NoticeKind(
        Category.UPCOMING,
        _("Print the proof of enrolment"),
        samples(sample_facts, {**_SEAT, **_LEAVE}),
        timing=Timing.WORKDAY,
    ),
    "course_tomorrow": NoticeKind(
        Category.UPCOMING,
        _COURSE,
        samples(
            sample_facts,
            {**_SEAT, "link": "https://meet.example/family", "bring": "USB"},
            {**_SEAT, "window": Window(None)},
        ),
        timing=Timing.ANY_DAY,
    ),
    "helping_tomorrow": NoticeKind(
        Category.UPCOMING,
        _COURSE,
        samples(
            sample_facts, {**_LECTURES, "link": "https://meet.example/family"}, {**_SEAT, "part": "staff"}
        ),
        timing=Timing.ANY_DAY,
    ),
    "decision_open": NoticeKind(
        Category.ENROLMENT, _COURSE, samples(sample_facts, {**_SEAT, "window": None}), timing=Timing.WORKDAY
    ),
    "second_handler": NoticeKind(Category.ACCOUNTS, _COURSE, samples(sample_facts, {"named": True}, {})),
    "helper_named": NoticeKind(
        Category.COURSES, _COURSE, samples(sample_facts, _LECTURES, {"part": "staff"})
    ),
    "course_message": NoticeKind(Category.COURSES, _COURSE, _message),
    "nominated": NoticeKind(
        Category.ENROLMENT, _COURSE, samples(sample_facts, {**_SEAT, **_LEAVE, "asks": True})
    ),
    "admitted": NoticeKind(
        Category.ENROLMENT,
        _COURSE,
        samples(sample_facts, {**_SEAT, **_LEAVE, "asks": True}, {**_SEAT, "window": Window(None)}),
    ),
    "declined": NoticeKind(Category.ENROLMENT, _COURSE, samples(sample_facts, {}, {"note": ""})),
    "absence_planned": NoticeKind(
        Category.DUTIES,
        _("Accept it or not"),
        samples(sample_facts, _ABSENCE, {**_ABSENCE, "taken_back": True}),
    ),
    "absence_decided": NoticeKind(
        Category.COURSES,
        _COURSE,
        samples(
            sample_facts,
            {"is_accepted": True, "is_freed": True},
            {"is_accepted": True},
            {"is_accepted": False},
        ),
    ),
    # It informs the person of missing hours without an absence, and what to do if that is wrong.
    "course_over": NoticeKind(Category.RIGHTS, _COURSE, _ONE),
    "light_green": NoticeKind(
        Category.LIGHTS,
        _("See the unit's light"),
        samples(
            sample_facts,
            {"overdue": 0},
            {"overdue": 1, "reopened": True},
            {"overdue": 0, "reopened": True, "rest": 4},
        ),
    ),
    "light_yellow": NoticeKind(
        Category.LIGHTS,
        _DUE,
        samples(sample_facts, {"overdue": 1}, {"overdue": 4, "reopened": True, "rest": 1}),
    ),
    "light_red": NoticeKind(
        Category.LIGHTS,
        _DUE,
        samples(sample_facts, {"overdue": 5, "to_open": 1}, {"overdue": 7, "to_open": 3}),
    ),
}
