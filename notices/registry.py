"""The kinds of notices: the category of each, the label of its one button, and samples for the previews.

Each app lists its own in `<app>/notices.py` and registers them. A kind names the folder `templates/emails/<kind>/`. The
categories that a person may switch off are `notices.enums.OPTIONAL`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.registry import Registry
from notices.enums import Category, Timing

Text = str | Promise
Context = Mapping[str, Any]
# The contexts of a kind in one language: one for each of its wordings.
Samples = Callable[[str], Sequence[Context]]


@dataclass(frozen=True)
class NoticeKind:
    """`has_reader` is False for mail to a mailbox that belongs to no person of the system. `timing`: when its mail may leave."""

    category: Category
    button: Text
    samples: Samples
    has_reader: bool = True
    timing: Timing = Timing.AT_ONCE


@dataclass(frozen=True)
class About:
    """`reason`: why a person gets such a mail (printed below it). `note`: why it may, or may not, be switched off."""

    reason: Text
    note: Text


CATEGORIES: Mapping[Category, About] = {
    Category.SECURITY: About(
        _("You get this e-mail because it concerns the security of your log-in."),
        _("Always sent: you could not learn of a misuse in another way."),
    ),
    Category.RIGHTS: About(
        _("You get this e-mail because your training record has changed."),
        _("Always sent: it is a decision about you, against which you may object."),
    ),
    Category.COURSES: About(
        _("You get this e-mail because you are enrolled in this course, or lecture or help at it."),
        _("Always sent: otherwise you would travel in vain, or be noted as absent."),
    ),
    Category.ACCOUNTS: About(
        _(
            "You get this e-mail because it concerns your place of service, a business account or courses you answer for."
        ),
        _("Always sent: it changes what you may do and what you answer for."),
    ),
    Category.DUTIES: About(
        _(
            "You get this e-mail because somebody waits for your decision or your unit's registration is concerned."
        ),
        _("Always sent: it belongs to your duty, and other people depend on it."),
    ),
    Category.REMINDERS: About(
        _("You get this e-mail because you are in charge of courses that are not closed."),
        _("May be switched off: what is due is also on your home page."),
    ),
    Category.OVERVIEWS: About(
        _("You get this e-mail because you answer for the courses of a unit or a county."),
        _("May be switched off: the same figures are also on your home page."),
    ),
    Category.AWAY: About(
        _("You get this e-mail because you keep the list of a unit's staff."),
        _("May be switched off: the list is also on the unit's pages."),
    ),
    Category.UPCOMING: About(
        _("You get this e-mail because you take part in a course that begins soon."),
        _("May be switched off: your courses are also on your home page."),
    ),
    Category.ENROLMENT: About(
        _("You get this e-mail because you applied for a place in this course."),
        _("May be switched off: your enrolments are also on your home page."),
    ),
    Category.WATCHES: About(
        _("You get this e-mail because you asked to be notified of such courses."),
        _("May be switched off: the catalogue shows the same courses."),
    ),
    Category.QUESTIONNAIRES: About(
        _("You get this e-mail because you attended a course whose questionnaire you have not answered."),
        _(
            "May be switched off: open questionnaires are also on your home page. Nobody learns what you answer."
        ),
    ),
    Category.LIGHTS: About(
        _("You get this e-mail because you hold a business account of this unit."),
        _("May be switched off: the light is also on the unit's home page. Unit leads always get it."),
    ),
    Category.KEYS: About(
        _("You get this e-mail because you made a key for a program."),
        _("May be switched off: the day is also on the page of your security."),
    ),
}

KINDS: Registry[NoticeKind] = Registry("kind of notice")


def samples(sample_facts: Callable[[str], Context], *wordings: Context) -> Samples:
    """Return the samples of a kind: the example facts of its app in the current language, once for each of the wordings."""
    return lambda language: [{**sample_facts(language), **wording} for wording in wordings or ({},)]


def category_of(kind: str) -> str:
    """The category of a kind; nothing for a kind of an earlier release."""
    return KINDS[kind].category if kind in KINDS else ""
