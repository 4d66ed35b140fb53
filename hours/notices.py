"""The notices of hours, corrections and objections."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from courses.notices import sample_facts as facts_of_courses
from notices.enums import Category
from notices.registry import Context, Kind, samples

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


def _story(language: str) -> Context:
    return {
        **facts_of_courses(language),
        **_WORDS[language],
        "hours": Decimal("3.0"),
        "attended": True,
    }


_RECORD, _OBJECT = _("Look at my training"), _("Look at my training, or object")
_ONE = samples(_story)

KINDS = {
    "hours_issued": Kind(Category.RIGHTS, _RECORD, samples(_story, {}, {"hours": Decimal("1")})),
    "hours_corrected": Kind(Category.RIGHTS, _RECORD, samples(_story, {}, {"attended": False})),
    "closed_absent": Kind(Category.RIGHTS, _OBJECT, _ONE),
    "closed_excused": Kind(Category.RIGHTS, _OBJECT, _ONE),
    "objection_answered": Kind(Category.RIGHTS, _RECORD, _ONE),
    "objection_raised": Kind(Category.DUTIES, _("Answer the objection"), _ONE),
}
