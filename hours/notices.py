"""The notices of hours, corrections and objections."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from courses.enums import Colour
from courses.notices import sample_facts as facts_of_courses
from hours.queries.closing_steps import DECIDE, FOR_HANDLERS, POSTPONED, POSTPONED_LONG
from hours.queries.objection_days import REMIND, TO_COUNTY, TO_LEAD
from notices.enums import Category, Timing
from notices.registry import Context, NoticeKind, Samples, samples

_WORDS = {
    "zh-hant": {
        "text": "我全程參加，簽到表第二頁有我的簽名。",
        "answer": "已查簽到表，補登 3 小時。",
    },
    "en": {
        "text": "I was there all day; my signature is on the second page.",
        "answer": "The list shows your signature: three hours were added.",
    },
}


def _sample_facts(language: str) -> Context:
    return {
        **facts_of_courses(language),
        **_WORDS[language],
        "hours": Decimal("3.0"),
        "attended": True,
    }


def _due(*steps: str) -> Samples:
    """Return a sample of the reminder with a line for each of the steps."""

    def made(language: str) -> Sequence[Context]:
        facts = _sample_facts(language)
        lines = [
            {
                "step": step,
                "code": str(5083121 + number),
                "title": facts["courses"][number % 2]["title"],
                "unit": facts["unit"],
                "handler": facts["from"],
                "people": 12 + number,
                "applied": 1 + number,
                "hours": Decimal("3.0"),
                "deadline": date(2026, 11, 2 + number),
                "url": f"{settings.SITE_URL}/unit/courses/{5083121 + number}/close/",
            }
            for number, step in enumerate(steps)
        ]
        return [{"items": lines[:1]}, {"items": lines}] if len(steps) > 1 else [{"items": lines}]

    return made


def _objections_due(language: str) -> Sequence[Context]:
    """Return a sample of one line and one of all steps."""
    facts = _sample_facts(language)
    lines = [
        {
            "step": step,
            "is_review": is_review,
            "teacher": facts["teacher"],
            "code": "5083121",
            "title": facts["course"],
            "unit": facts["unit"],
            "since": date(2026, 11, 2),
            "answer_by": date(2026, 11, 16),
        }
        for step, is_review in ((REMIND, False), (TO_LEAD, False), (TO_COUNTY, False), (REMIND, True))
    ]
    return [{"items": lines[:1]}, {"items": lines}]


def _questionnaires(language: str) -> Sequence[Context]:
    """Return a sample of one questionnaire and one of two."""
    facts = _sample_facts(language)
    lines = [
        {
            "title": course["title"],
            "unit": facts["unit"],
            "is_required": number == 1,
            "until": date(2026, 11, 16),
            "url": f"{settings.SITE_URL}/me/questionnaires/{5083121 + number}/",
        }
        for number, course in enumerate(facts["courses"][:2])
    ]
    return [{"items": lines[:1]}, {"items": lines}]


_WEEK: Context = {
    "colour": Colour.YELLOW.label,
    "overdue": 2,
    "to_red": 3,
    "to_open": 0,
    "to_green": 2,
    "red_on": date(2026, 12, 20),
    "handlers": [{"name": "A", "over": 3, "overdue": 2}, {"name": "B", "over": 1, "overdue": 0}],
    "drafts": 1,
    "applied": 4,
    "doubts": 1,
}
_RECORD, _OBJECT = _("Look at my training"), _("Look at my training, or object")
_ONE = samples(_sample_facts)

KINDS = {
    "hours_issued": NoticeKind(
        Category.RIGHTS,
        _RECORD,
        samples(
            _sample_facts,
            {},
            {"hours": Decimal("1")},
            {"part": "lecturer"},
            {"part": "staff"},
            {"questionnaire": f"{settings.SITE_URL}/me/questionnaires/5083121/"},
        ),
    ),
    "hours_corrected": NoticeKind(
        Category.RIGHTS,
        _RECORD,
        samples(_sample_facts, {}, {"attended": False}, {"part": "lecturer"}, {"part": "staff"}),
    ),
    "closed_absent": NoticeKind(Category.RIGHTS, _OBJECT, _ONE),
    "closed_excused": NoticeKind(Category.RIGHTS, _OBJECT, _ONE),
    "objection_answered": NoticeKind(
        Category.RIGHTS,
        _RECORD,
        samples(
            _sample_facts, {"hours": None, "may_review": True}, {"may_review": True}, {"is_review": True}
        ),
    ),
    "hours_due": NoticeKind(
        Category.REMINDERS,
        _("Issue hours and close"),
        _due(*FOR_HANDLERS, DECIDE, POSTPONED, POSTPONED_LONG),
        timing=Timing.WORKDAY,
    ),
    "questionnaire_open": NoticeKind(
        Category.QUESTIONNAIRES, _("Answer the questionnaire"), _questionnaires, timing=Timing.WORKDAY
    ),
    "unit_week": NoticeKind(
        Category.OVERVIEWS,
        _("Go to the unit's home page"),
        samples(
            _sample_facts,
            _WEEK,
            {**_WEEK, "overdue": 6, "to_red": 0, "to_open": 2, "doubts": 0, "applied": 0},
        ),
        timing=Timing.WORKDAY,
    ),
    "objection_review": NoticeKind(Category.DUTIES, _("Review the answer"), _ONE),
    "objection_due": NoticeKind(
        Category.REMINDERS, _("Answer the objection"), _objections_due, timing=Timing.WORKDAY
    ),
    "objection_raised": NoticeKind(Category.DUTIES, _("Answer the objection"), _ONE),
}
