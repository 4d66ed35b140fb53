"""未能出席: a person's own statement, and the decisions of those in charge."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import actor
from api import own_serializers as own
from api import reply_serializers as r
from api.pagination import Key
from api.views.base import ActView, ListView, public_course
from courses.actions import planned_absences
from courses.models import Course, Enrolment, PlannedAbsence
from courses.queries.planned_absences import visible_to


class CannotCome(ActView):
    """State to the organiser that the caller cannot come. While cancelling is free it is simply a cancellation."""

    body_class = r.CannotComeSerializer
    responses = {200: own.EnrolmentSerializer}

    def act(self, request: Request, code: str) -> Response:
        course = public_course(code)
        form = r.CannotComeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        planned_absences.state(course=course, by=actor.teacher(request), kind=form.validated_data["kind"])
        return _own(request, course)


class ComeAfterAll(ActView):
    """Take back what the organiser has not decided."""

    responses = {200: own.EnrolmentSerializer}

    def act(self, request: Request, code: str) -> Response:
        course = public_course(code)
        planned_absences.take_back(course=course, by=actor.teacher(request))
        return _own(request, course)


def _own(request: Request, course: Course) -> Response:
    row = Enrolment.objects.select_related("course", "user").get(
        course=course, user_id=int(request.user.pk or 0)
    )
    return Response(own.EnrolmentSerializer(row).data)


class UnitAbsences(ListView):
    """Who cannot come, of the courses that the business account reaches: open and decided."""

    serializer_class = r.PlannedAbsenceSerializer
    responses = {200: r.PlannedAbsenceSerializer}
    queryset = PlannedAbsence.objects.none()
    wears_hat = True
    look = "read.absences"
    order = (Key("id", descending=True),)

    def get_queryset(self) -> QuerySet[PlannedAbsence]:
        rows = visible_to(actor.of_route(self.request))
        return rows.select_related("enrolment__course", "enrolment__user")


class DecideAbsence(ActView):
    """Accept that a person cannot come, or not."""

    body_class = r.DecideAbsenceSerializer
    responses = {200: r.PlannedAbsenceSerializer}
    wears_hat = True

    def act(self, request: Request, pk: int) -> Response:
        by = actor.of_route(request)
        related = ("enrolment__course__handler__user", "enrolment__user")
        row = get_object_or_404(visible_to(by).select_related(*related), pk=pk)
        form = r.DecideAbsenceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        planned_absences.decide(planned=row, by=by, is_accepted=form.validated_data["accept"])
        return Response(r.PlannedAbsenceSerializer(row).data)
