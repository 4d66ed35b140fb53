"""What concerns the caller as a teacher."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.persons import persons_of
from api import own_serializers as own
from api import result_serializers as results
from api import serializers as s
from api.pagination import Key
from api.views.base import ApiView, ListView
from courses.models import Enrolment
from courses.queries.lights import teacher_light
from hours.models import Attendance, Certificate, HourCredit
from hours.queries import teacher
from hours.queries.certificates import own_certificates


class MyEnrolments(ListView):
    """The own enrolments, the latest course first."""

    serializer_class = own.EnrolmentSerializer
    responses = {200: own.EnrolmentSerializer}
    queryset = Enrolment.objects.none()
    order = (Key("course__starts_on", descending=True, nullable=True), Key("id", descending=True))

    def get_queryset(self) -> QuerySet[Enrolment]:
        rows = Enrolment.objects.of_person(int(self.request.user.pk or 0)).select_related("course", "user")
        return rows.prefetch_related("course__sessions", "planned_absences")


class MyAttendance(ListView):
    """The own signs of attendance, the last first."""

    serializer_class = results.AttendanceSerializer
    responses = {200: results.AttendanceSerializer}
    queryset = Attendance.objects.none()
    order = (Key("at", descending=True), Key("id", descending=True))

    def get_queryset(self) -> QuerySet[Attendance]:
        rows = Attendance.objects.valid().filter(user__in=persons_of(int(self.request.user.pk or 0)))
        return rows.select_related("session__course")


class MyCertificates(ListView):
    """The certificates that were made for the caller, the last first, with what each is worth today."""

    serializer_class = results.CertificateSerializer
    responses = {200: results.CertificateSerializer}
    queryset = Certificate.objects.none()
    order = (Key("issued_at", descending=True), Key("id", descending=True))

    def get_queryset(self) -> QuerySet[Certificate]:
        return own_certificates(int(self.request.user.pk or 0))


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
