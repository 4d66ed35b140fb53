"""What handlers and unit leads see and do."""

from collections.abc import Sequence

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import KeyScope
from api import actor
from api import serializers as s
from api.pagination import Key
from api.query import UnitCoursesQuery
from api.views.base import ActView, ApiView, ListView, own_course
from courses.actions.access_log import people_seen
from courses.models import Course, Enrolment
from courses.queries.lights import light_of
from hours.actions.closing import close_course
from kit import clock


class UnitCourses(ListView):
    """本單位研習課程: all courses of the unit of a ROC year (the current one), by state."""

    serializer_class = s.UnitCourseSerializer
    responses = {200: s.UnitCourseSerializer}
    queryset = Course.objects.none()
    query_class = UnitCoursesQuery
    wears_hat = True
    key_scope = KeyScope.COURSES
    order = (Key("starts_on", descending=True, nullable=True), Key("id", descending=True))

    def get_queryset(self) -> QuerySet[Course]:
        by = actor.of_route(self.request)
        rows = Course.objects.manageable_by(by).of_year(self.query.get("year") or clock.this_year())
        if state := self.query.get("state"):
            rows = rows.filter(state=state)
        return rows.select_related("unit__county", "nature", "handler")


class UnitCourseSheet(ListView):
    """Everybody admitted: who must be marked when the course is closed."""

    serializer_class = s.SheetPersonSerializer
    responses = {200: s.SheetPersonSerializer}
    queryset = Enrolment.objects.none()
    wears_hat = True
    order = (Key("id"),)

    def get_queryset(self) -> QuerySet[Enrolment]:
        self.course = own_course(self.request, self.kwargs["code"])
        rows = self.course.enrolments.on_closing_sheet().select_related("user")
        return rows.prefetch_related("planned_absences")

    def record_look(self, rows: Sequence[Enrolment]) -> None:
        people_seen(self.course, by=actor.of_route(self.request), people=[row.user_id for row in rows])


class Close(ActView):
    """Issue the hours and close the course. Repeating the same request_key returns the same closing and issues nothing twice."""

    body_class = s.CloseSerializer
    responses = {200: s.ClosingSerializer}
    wears_hat = True

    def act(self, request: Request, code: str) -> Response:
        course = own_course(request, code)
        form = s.CloseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        closing = close_course(course=course, by=actor.of_route(request), sheet=form.sheet())
        return Response(s.ClosingSerializer(closing).data)


class UnitLightView(ApiView):
    responses = {200: s.UnitLightSerializer}
    wears_hat = True
    key_scope = KeyScope.COURSES

    def get(self, request: Request) -> Response:
        """Return the light of the unit of the current hat."""
        unit = actor.of_route(request).appointment.unit
        return Response(s.UnitLightSerializer(light_of(unit)).data)
