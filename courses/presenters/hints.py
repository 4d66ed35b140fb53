"""The sentences of the live checks of the registration form."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Course
from courses.queries.course_plan import Fact, Hint, HintKind, Shared, SharedKind
from kit.templatetags import ui

SENTENCES = {
    HintKind.PLACE_MISSING: gettext_lazy("Where do people go? The place is missing."),
    HintKind.PLACE_IS_UNIT: gettext_lazy("This is only the unit's name. Name the room too."),
    HintKind.PLACE_SHORT: gettext_lazy("Would somebody from outside find this place?"),
    HintKind.DAY_OFF: gettext_lazy("%(day)s is %(name)s. Is the day right?"),
    HintKind.IN_THE_PAST: gettext_lazy("%(day)s lies in the past."),
    HintKind.TO_CLOSE_AT_ONCE: gettext_lazy(
        "The course is over: once registered it is to be closed at once, by %(day)s at the latest."
    ),
    HintKind.OVERDUE_AT_ONCE: gettext_lazy(
        "It had to be closed by %(day)s: once registered it is overdue and counts for the unit's light until its hours are issued."
    ),
    HintKind.OVERLAP: gettext_lazy("This overlaps with the session of %(start)s."),
    HintKind.LATE_OR_EARLY: gettext_lazy("Outside 07:00–22:00. Are the times right?"),
    HintKind.HOURS_DIFFER: gettext_lazy("The sessions last %(length)s hours, the course issues %(hours)s."),
    HintKind.LONG_DAYS: gettext_lazy(
        "%(hours)s hours on %(days)s days: more than %(most)s a day. Is that right?"
    ),
    HintKind.LONG_WEEK: gettext_lazy(
        "%(hours)s hours in the week of %(day)s: more than %(most)s a week. Is that right?"
    ),
    HintKind.AFTER_FIRST_SESSION: gettext_lazy("This is after the first session on %(day)s."),
    HintKind.ALREADY_CLOSED: gettext_lazy("Enrolment would already be closed."),
    HintKind.SAME_COURSE: gettext_lazy(
        "“%(title)s” on the same day is already there. Is this the same course?"
    ),
    HintKind.SAME_TIME: gettext_lazy("At the same time: “%(title)s” – %(shared)s."),
}


@dataclass(frozen=True)
class HintView:
    """A hint as the page shows it, below the field `at`."""

    at: str
    text: str
    course: Course | None
    asks: bool


def hint_views(hints: Iterable[Hint]) -> list[HintView]:
    """Return the hints with their sentences, in the same order."""
    return [HintView(hint.at, _sentence(hint), hint.course, hint.asks) for hint in hints]


def _sentence(hint: Hint) -> str:
    text = str(SENTENCES[hint.kind])
    return text % {name: _word(fact) for name, fact in hint.facts.items()} if hint.facts else text


def _word(fact: Fact) -> str:
    if isinstance(fact, datetime):
        return ui.rocdt(fact)
    if isinstance(fact, date):
        return ui.roc(fact)
    if isinstance(fact, Decimal):
        return ui.hours(fact)
    if isinstance(fact, tuple):
        return _(", ").join(map(_shared, fact))
    return str(fact)


def _shared(shared: Shared) -> str:
    if shared.kind == SharedKind.INSTRUCTOR:
        return _("same instructor %s") % shared.name
    return _("same handler") if shared.kind == SharedKind.HANDLER else _("same place")
