"""The REST API: the same acts through the same actions."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from rest_framework import generics, permissions
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import actor
from api import serializers as s
from api.schema_extras import Parameter, described
from courses.actions import enrolments, lights
from courses.actions.access_log import people_seen
from courses.enums import CourseState, EnrolmentState
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course, Enrolment, UnitLight
from courses.queries import oversight
from courses.queries.lights import light_of, teacher_light
from hours.actions.closing import close_course
from hours.actions.sheets import Mark, Sheet
from hours.queries import teacher
from hours.queries.people import Typed
from kit import clock
from kit.numbers import roc_year

HAT = Parameter(actor.HEADER, str, "header", description="number of an own business account")
REFUSALS = {403: s.RefusalSerializer, 404: s.RefusalSerializer, 409: s.RefusalSerializer}


@method_decorator(login_not_required, name="dispatch")
class Catalogue(generics.ListAPIView):
    """The catalogue, with the page's own filters."""

    permission_classes = [permissions.AllowAny]
    serializer_class = s.CourseSerializer
    queryset = Course.objects.none()

    def get_queryset(self) -> Any:
        rows = Course.objects.public().select_related("unit__county", "nature")
        found = CourseFilter(self.request.query_params, queryset=rows)
        if not found.is_valid():
            raise ValidationError(found.form.errors)
        return found.qs.order_by("starts_on", "id")


@method_decorator(login_not_required, name="dispatch")
class CourseDetail(generics.RetrieveAPIView):
    permission_classes = [permissions.AllowAny]
    serializer_class = s.CourseDetailSerializer
    lookup_field = "code"
    queryset = (
        Course.objects.public()
        .select_related("unit__county", "nature", "handler__user")
        .prefetch_related("sessions", "instructors", "tags", "stages")
    )


@method_decorator(login_not_required, name="dispatch")
class Enrol(APIView):
    @described(request=None, responses={201: s.EnrolmentSerializer, **REFUSALS})
    def post(self, request: Request, code: str) -> Response:
        """Enrol in a course."""
        row = enrolments.enrol(code=_public(code).code, by=actor.teacher(request))
        return Response(s.EnrolmentSerializer(row).data, status=201)


@method_decorator(login_not_required, name="dispatch")
class Accept(APIView):
    @described(request=None, responses={200: s.EnrolmentSerializer, **REFUSALS})
    def post(self, request: Request, code: str) -> Response:
        """Take a free place that is offered to those who wait: the first to accept gets it."""
        row = enrolments.accept(course=_public(code), by=actor.teacher(request))
        return Response(s.EnrolmentSerializer(row).data)


@method_decorator(login_not_required, name="dispatch")
class Cancel(APIView):
    @described(request=None, responses={200: s.EnrolmentSerializer, **REFUSALS})
    def post(self, request: Request, code: str) -> Response:
        """Cancel the own enrolment."""
        row = enrolments.cancel(course=_public(code), by=actor.teacher(request))
        return Response(s.EnrolmentSerializer(row).data)


def _public(code: str) -> Course:
    return get_object_or_404(Course.objects.public(), code=code)


@method_decorator(login_not_required, name="dispatch")
class MyEnrolments(generics.ListAPIView):
    serializer_class = s.EnrolmentSerializer
    queryset = Enrolment.objects.none()

    def get_queryset(self) -> Any:
        rows = Enrolment.objects.filter(user_id=self.request.user.pk).select_related("course")
        rows = rows.prefetch_related("course__sessions")
        return rows.order_by("-course__starts_on", "-id")


@method_decorator(login_not_required, name="dispatch")
class MyLight(APIView):
    @described(responses=s.TeacherLightSerializer)
    def get(self, request: Request) -> Response:
        """The own absence light of the running year."""
        return Response(s.TeacherLightSerializer(teacher_light(int(request.user.pk or 0))).data)


@method_decorator(login_not_required, name="dispatch")
class MyHours(APIView):
    @described(responses=s.YearHoursSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The own hours by ROC year."""
        return Response(
            s.YearHoursSerializer(teacher.years_with_hours(int(request.user.pk or 0)), many=True).data
        )


@method_decorator(login_not_required, name="dispatch")
@described(HAT, Parameter("year", int), Parameter("state", str, choices=tuple(CourseState.values)))
class UnitCourses(generics.ListAPIView):
    """本單位研習課程: all courses of the unit of a ROC year (the running one), by state."""

    serializer_class = s.UnitCourseSerializer
    queryset = Course.objects.none()

    def get_queryset(self) -> Any:
        by = actor.of_unit(self.request)
        year = roc_year(self.request.query_params.get("year"), clock.this_year())
        rows = Course.objects.manageable_by(by).of_year(year)
        state = self.request.query_params.get("state")
        if state:
            rows = rows.filter(state=state) if state in CourseState.values else rows.none()
        return rows.select_related("unit__county", "nature", "handler").order_by("-starts_on", "-id")


@method_decorator(login_not_required, name="dispatch")
class UnitCourseSheet(APIView):
    @described(HAT, responses={200: s.SheetPersonSerializer(many=True), **REFUSALS})
    def get(self, request: Request, code: str) -> Response:
        """Everybody admitted: who must be marked when the course is closed."""
        course = _own(request, code)
        rows = course.enrolments.filter(state=EnrolmentState.ADMITTED).select_related("user").order_by("id")
        people_seen(course, by=actor.of_unit(request), people=[row.user_id for row in rows])
        return Response(s.SheetPersonSerializer(rows, many=True).data)


def _own(request: Request, code: str) -> Course:
    rows = Course.objects.manageable_by(actor.of_unit(request)).select_related("unit", "handler__user")
    return get_object_or_404(rows, code=code)


@method_decorator(login_not_required, name="dispatch")
class Close(APIView):
    @described(
        HAT,
        request=s.CloseSerializer,
        responses={200: s.ClosingSerializer, **REFUSALS, 429: s.RefusalSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Issue the hours and close the course. The same request_key answers the same and issues nothing twice."""
        course = _own(request, code)
        form = s.CloseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        marks = {m["enrolment"]: Mark(EnrolmentState(m["state"]), Decimal(m["hours"])) for m in data["marks"]}
        walk_ins = [(Typed(w["person"], w["name"]), w["hours"]) for w in data["walk_ins"]]
        closing = close_course(
            course=course, by=actor.of_unit(request), sheet=Sheet(data["request_key"], marks, walk_ins)
        )
        return Response(s.ClosingSerializer(closing).data)


@method_decorator(login_not_required, name="dispatch")
class UnitLightView(APIView):
    @described(HAT, responses={200: s.UnitLightSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """The light of the unit whose hat is worn."""
        by = actor.of_unit(request)
        if by.account is None:
            raise Http404
        return Response(s.UnitLightSerializer(light_of(by.account.unit)).data)


@method_decorator(login_not_required, name="dispatch")
@described(HAT)
class CountyLights(generics.ListAPIView):
    """Lights of the officer's county (of all counties for the operator), by need."""

    serializer_class = s.CountyLightSerializer
    queryset = UnitLight.objects.none()

    def get_queryset(self) -> Any:
        by = actor.of_oversight(self.request)
        county = None if by.is_operator_hat or by.account is None else by.account.unit.county_id
        lights.complete(county_id=county)
        return oversight.lights_now(county)
