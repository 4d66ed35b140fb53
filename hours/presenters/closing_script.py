"""The data and the sentences that the closing page's script needs, in the reader's language."""

from django.utils.translation import gettext as _

from courses.enums import EnrolmentState
from hours.forms.closing import hours_sentence
from hours.forms.closing_page import ClosingPage
from hours.models.sheet import plain

# How outcomes are written in the sheets that people keep: pasted words are compared in lower case and without blanks.
PASTED = {
    EnrolmentState.ATTENDED: [
        "attended", "present", "yes", "y", "v", "o", "出席", "參與", "已參與", "有參與", "到", "全程參與", "簽到", "是", "○", "✓", "✔",
    ],
    EnrolmentState.ABSENT: ["absent", "no", "n", "x", "未參與", "未出席", "缺席", "未到", "曠課", "缺", "否", "×", "✗"],
    EnrolmentState.EXCUSED: ["excused", "leave", "請假", "事假", "病假", "公假", "差假", "假"],
}  # fmt: skip
COLUMNS = {
    "name": ["姓名", "教師姓名", "name", "teacher"],
    "unit": ["單位", "服務單位", "學校", "unit", "school"],
    "hours": ["時數", "實核時數", "實核時數/學分數", "核發時數", "研習時數", "hours"],
    "state": ["狀態", "出席", "結果", "出席狀況", "簽到", "state", "outcome", "attendance"],
}


def words_of(page: ClosingPage) -> dict[str, object]:
    """Plain data for `json_script`; %(name)s places are filled by the script."""
    return {
        "full": plain(page.course.hours),
        "step": plain(page.step),
        "bounds": hours_sentence(page.course.hours, page.step),
        "states": {state: str(EnrolmentState(state).label) for state in PASTED},
        "pasted": {word: state for state, words in PASTED.items() for word in words},
        "columns": COLUMNS,
        "said": _said(),
    }


def _said() -> dict[str, str]:
    return {
        "marked": _("%(name)s: %(state)s"),
        "hours": _("%(name)s: %(hours)s hours"),
        "undone": _("Undone: %(what)s"),
        "redone": _("Done again: %(what)s"),
        "many": _("%(count)s people changed"),
        "shown": _("%(count)s people shown"),
        "pasted": _("Pasted: %(count)s people changed."),
        "unmatched": _("Not on the list: %(names)s."),
        "twice": _("On the list more than once, please mark by hand: %(names)s."),
        "unread": _("Not understood, please mark by hand: %(names)s."),
        "beyond": _("Lines beyond the end of the list: %(count)s."),
        "saving": _("Saving …"),
        "unsaved": _("Not saved yet"),
        "failed": _("The draft could not be saved. It is tried again; what you marked stays on this page."),
    }
