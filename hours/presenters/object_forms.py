"""The form beside each own course that is over, by which its teacher objects: some thirty of them make a teacher's home."""

from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.safestring import SafeString

from courses.models import Enrolment
from courses.queries.in_charge import handler_has_left
from kit.refused_texts import refused
from kit.row_templates import RowTemplate

TEMPLATE = RowTemplate("hours/partials/object_form.html", ("key", "code", "token", "typed"))
# In place of a course's code: finding the path of each course anew takes longer than the form.
ANY = "ANY"


@dataclass(frozen=True)
class FormShape:
    """What decides how a form looks: whether an objection waits for a reply, whom it reaches, whether words wait in it."""

    is_sent: bool
    goes_to_lead: bool
    is_typed: bool


class ObjectForms:
    """The forms of one page; `waiting` are the keys of the courses to which an objection of the person waits for a reply."""

    def __init__(self, request: HttpRequest, waiting: Collection[int]) -> None:
        self.request, self.waiting, self.token = request, waiting, get_token(request)
        self.path = reverse("hours:object", args=(ANY,))

    def form_of(self, row: Enrolment) -> SafeString:
        """Return the form as HTML, with the words that were refused a moment ago; where one was sent, that it was.

        It reaches the handler, or the unit lead if the course's handlers have left.
        """
        code = row.course.code
        typed = str(refused(self.request, self.path.replace(ANY, code)).get("text", ""))
        shape = FormShape(row.course_id in self.waiting, handler_has_left(row.course), bool(typed))
        return TEMPLATE.print(shape, {"key": str(row.pk), "code": code, "token": self.token, "typed": typed})
