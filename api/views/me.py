"""What concerns the caller as a teacher."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from api import own_serializers as own
from api import serializers as s
from api.pagination import Key
from api.views.base import ApiView, ListView
from courses.models import Enrolment
from courses.queries.lights import teacher_light
from hours.models import HourCredit
from hours.queries import teacher


class MyEnrolments(ListView):
    """The own enrolments, the latest course first."""

    serializer_class = own.EnrolmentSerializer
    responses = {200: own.EnrolmentSerializer}
    queryset = Enrolment.objects.none()
    order = (Key("course__starts_on", descending=True, nullable=True), Key("id", descending=True))

    def get_queryset(self) -> QuerySet[Enrolment]:
        rows = Enrolment.objects.of_person(int(self.request.user.pk or 0)).select_related("course", "user")
        return rows.prefetch_related("course__sessions", "planned_absences")


class MyLight(ApiView):
    responses = {200: s.TeacherLightSerializer}

    def get(self, request: Request) -> Response:
        """The own absence light of the current year."""
        return Response(s.TeacherLightSerializer(teacher_light(int(request.user.pk or 0))).data)


class MyHours(ListView):
    """The own hours by ROC year, the newest first."""

    serializer_class = s.YearHoursSerializer
    responses = {200: s.YearHoursSerializer}
    queryset = HourCredit.objects.none()
    order = (Key("year", descending=True),)

    def get_queryset(self) -> Any:
        return teacher.year_totals(int(self.request.user.pk or 0)).filter(teacher.has_hours_q())
