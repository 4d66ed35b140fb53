"""What is set of a course beside its facts: who may enrol, kept places, questions and files; each with its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Course
from courses.presenters.audience import AudienceWords
from kit.sentence_parts import listed


@dataclass(frozen=True)
class SetUpLine:
    """A thing that may be set: in words what is set, and the page at which it is changed."""

    label: str
    words: str
    page: str


def set_up(course: Course, audience: AudienceWords) -> list[SetUpLine]:
    """Return what is set of a course that may still be changed, for those in charge; two queries."""
    questions, files = course.questions.count(), course.files.present().count()
    kept = sum(quota.left for quota in audience.kept)

    def page(name: str) -> str:
        return reverse(f"courses:{name}", args=[course.code])

    return [
        SetUpLine(_("Who may enrol"), _who(audience.conditions), page("audience")),
        SetUpLine(_("Places kept for some"), _quota_places(kept), page("audience")),
        SetUpLine(_("Questions at enrolment"), _number_asked(questions), page("questions")),
        SetUpLine(_("Files"), _number_of_files(files), page("files")),
    ]


def _who(conditions: Sequence[str]) -> str:
    return listed(conditions) if conditions else _("everybody")


def _quota_places(kept: int) -> str:
    return ngettext("%(n)s place kept", "%(n)s places kept", kept) % {"n": kept} if kept else _("none kept")


def _number_asked(questions: int) -> str:
    text = ngettext("%(n)s question", "%(n)s questions", questions) % {"n": questions}
    return text if questions else _("no questions")


def _number_of_files(files: int) -> str:
    text = ngettext("%(n)s file", "%(n)s files", files) % {"n": files}
    return text if files else _("no files")
