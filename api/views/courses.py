"""The catalogue, and a teacher's acts on its courses."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api import actor
from api import own_serializers as own
from api import reply_serializers as r
from api import serializers as s
from api.pagination import Key
from api.problems import InvalidQuery
from api.query import CatalogueQuery
from api.views.base import ActView, ApiView, ListView, public_course
from courses.actions import enrolments
from courses.models import Course


class Catalogue(ListView):
    """The catalogue, with the page's own filters, by first day."""

    serializer_class = s.CourseSerializer
    responses = {200: s.CourseSerializer}
    queryset = Course.objects.none()
    filterset_class = CatalogueQuery
    order = (Key("starts_on"), Key("id"))

    def get_queryset(self) -> QuerySet[Course]:
        # A page's form sends empty fields; a program that sends one means something by it.
        blank = [name for name, value in self.request.query_params.items() if not str(value).strip()]
        if blank:
            raise InvalidQuery({name: [ErrorDetail(_("This may not be empty."), "blank")] for name in blank})
        rows = Course.objects.public().select_related("unit__county", "nature")
        person = self.request.user.pk if self.request.user.is_authenticated else None
        found = CatalogueQuery(self.request.query_params, queryset=rows, person=person)
        if not found.is_valid():
            raise InvalidQuery(
                {
                    name: [ErrorDetail(one["message"], code=one["code"] or "invalid") for one in errors]
                    for name, errors in found.form.errors.get_json_data().items()
                }
            )
        courses: QuerySet[Course] = found.qs
        return courses


class CourseDetail(ApiView, RetrieveAPIView[Course]):
    """One course of the catalogue."""

    serializer_class = s.CourseDetailSerializer
    responses = {200: s.CourseDetailSerializer}
    lookup_field = "code"
    queryset = (
        Course.objects.public()
        .select_related("unit__county", "nature", "handler__user", "co_handler__user")
        .prefetch_related("sessions", "instructors", "tags", "stages", "questions")
    )


class Enrol(ActView):
    """Enrol in a course, with the replies to its questions."""

    body_class = r.AnswersSerializer
    responses = {201: own.EnrolmentSerializer}

    def act(self, request: Request, code: str) -> Response:
        body = r.AnswersSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        replies = {one["question"]: one["answer"] for one in body.validated_data["answers"]}
        row = enrolments.enrol(code=public_course(code).code, by=actor.teacher(request), replies=replies)
        return Response(own.EnrolmentSerializer(row).data, status=201)


class Accept(ActView):
    """Take a free place that is offered to those who wait: the first to accept gets it."""

    responses = {200: own.EnrolmentSerializer}

    def act(self, request: Request, code: str) -> Response:
        row = enrolments.accept(course=public_course(code), by=actor.teacher(request))
        return Response(own.EnrolmentSerializer(row).data)


class Cancel(ActView):
    """Cancel the own enrolment."""

    responses = {200: own.EnrolmentSerializer}

    def act(self, request: Request, code: str) -> Response:
        row = enrolments.cancel(course=public_course(code), by=actor.teacher(request))
        return Response(own.EnrolmentSerializer(row).data)
