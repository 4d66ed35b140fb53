"""What is wrong with a request for a transfer, or with a line of a pasted table, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from courses.enums import TransferObstacle
from courses.imports.transfer_table import LineProblem, PastedRow
from courses.models import Course, TransferRequest
from courses.queries.in_charge import handler_has_left
from courses.queries.transfers import Mismatch, flags

WORDS = {
    Mismatch.CODE: _("the code does not match"),
    Mismatch.TITLE: _("the course name does not match"),
    Mismatch.NAME: _("the new handler's name does not match the account"),
    Mismatch.ACCOUNT: _("the account number does not match"),
    Mismatch.HANDLER: _("the course has another handler now"),
}
LINE_PROBLEMS = {
    LineProblem.NOT_FOUR_CELLS: _(
        "four cells are needed: code, name, new handler's name, new handler's account"
    ),
    LineProblem.TWICE: _("this code is twice in the table"),
    LineProblem.UNKNOWN_COURSE: _("there is no course of this code"),
    LineProblem.OTHER_TITLE: _("the course of this code is named “%(title)s”"),
    LineProblem.UNKNOWN_ACCOUNT: _("there is no business account of this number"),
    LineProblem.OTHER_NAME: _("this account belongs to %(name)s"),
}


@dataclass(frozen=True)
class CourseView:
    """A course that a colleague may request, and whether its handler has left."""

    course: Course
    handler_left: bool


def course_view(course: Course) -> CourseView:
    return CourseView(course, handler_has_left(course))


@dataclass(frozen=True)
class RequestView:
    """A request with what does not match in it."""

    request: TransferRequest
    flags: list[str]


def request_view(row: TransferRequest) -> RequestView:
    number = row.to_account.number
    words = [
        str(found.label) % {"number": number} if isinstance(found, TransferObstacle) else str(WORDS[found])
        for found in flags(row)
    ]
    return RequestView(row, words)


def problem_words(row: PastedRow) -> list[str]:
    """Return what is wrong with a pasted line, in sentences."""
    facts = {
        "title": row.course.title if row.course else "",
        "name": row.account.user.name if row.account else "",
        "number": row.account.number if row.account else "",
    }
    return [
        str(found.label if isinstance(found, TransferObstacle) else LINE_PROBLEMS[found]) % facts
        for found in row.problems
    ]
