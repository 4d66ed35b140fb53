"""What comes of a course: its files for the caller, and the questionnaire for those in charge."""

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from api import actor
from api import result_serializers as results
from api.views.base import ApiView, own_course, public_course
from courses.queries.course_files import shown_files, takes_part
from courses.rules import may_manage
from hours.queries.surveys import results_of


class CourseFiles(ApiView):
    responses = {200: results.CourseFilesSerializer}

    def get(self, request: Request, code: str) -> Response:
        """Return the files of a course that the caller may take now: poster, plan, and materials for those who take part."""
        course, person = public_course(code), int(request.user.pk or 0)
        found = shown_files(course, takes_part=bool(person) and takes_part(course, person))
        rows = [row for row in (found.poster, found.plan, *found.materials) if row]
        return Response(results.CourseFilesSerializer({"files": rows}).data)


class CourseQuestionnaire(ApiView):
    responses = {200: results.QuestionnaireSerializer}
    wears_hat = True

    def get(self, request: Request, code: str) -> Response:
        """Return what came of the questionnaire of a course, as those in charge of it see it.

        Raise Http404 for others, as the page does, and for a course without a questionnaire.
        """
        course = own_course(request, code)
        if not may_manage(actor.of_route(request), course) or not course.questionnaire:
            raise Http404
        return Response(results.QuestionnaireSerializer(results_of(course)).data)
