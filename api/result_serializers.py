"""What the API shows of the files of a course, of attendance and certificates, and of a questionnaire."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from courses.enums import CourseFileKind
from courses.models import CourseFile
from hours.enums import CertificateState, QuestionKind
from hours.forms.questionnaires import words_of
from hours.models import Attendance, Certificate
from hours.presenters.certificates import address_of
from hours.queries.certificates import hours_now, worth_of
from hours.queries.surveys import Outcome


class CourseFileSerializer(serializers.ModelSerializer[CourseFile]):
    """A file that the caller may take. The bytes are at `url`, on the site: materials need the log-in of a participant there."""

    kind = serializers.ChoiceField(choices=CourseFileKind.choices, read_only=True)
    name = serializers.CharField(source="file.name", read_only=True)
    content_type = serializers.CharField(source="file.content_type", read_only=True)
    size = serializers.IntegerField(source="file.size", read_only=True, help_text="bytes")
    url = serializers.SerializerMethodField()

    class Meta:
        model = CourseFile
        fields = ["id", "kind", "name", "content_type", "size", "url"]
        read_only_fields = fields

    def get_url(self, row: CourseFile) -> str:
        return f"{settings.SITE_URL}{reverse('courses:file', args=[row.pk])}"


class CourseFilesSerializer(serializers.Serializer[Any]):
    files = CourseFileSerializer(many=True, read_only=True)


class AttendanceSerializer(serializers.ModelSerializer[Attendance]):
    """A sign of the caller that counts; one that was taken back is left out."""

    course = serializers.CharField(source="session.course.code", read_only=True)
    title = serializers.CharField(source="session.course.title", read_only=True)
    session_starts_at = serializers.DateTimeField(source="session.starts_at", read_only=True)
    session_ends_at = serializers.DateTimeField(source="session.ends_at", read_only=True)

    class Meta:
        model = Attendance
        fields = ["id", "course", "title", "session_starts_at", "session_ends_at", "kind", "at", "way"]
        read_only_fields = fields


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    """A certificate that was made. Its PDF is made on the site, since the certificate of a course may wait for its questionnaire there."""

    number = serializers.CharField(read_only=True)
    course = serializers.CharField(source="course.code", read_only=True)
    course_title = serializers.CharField(source="course.title", read_only=True)
    state = serializers.SerializerMethodField(help_text="valid, corrected (other hours count now), revoked")
    hours_now = serializers.SerializerMethodField(help_text="the hours that count now")
    verify_url = serializers.SerializerMethodField(help_text="shows to anybody what the certificate is worth")

    class Meta:
        model = Certificate
        fields = [
            "id",
            "number",
            "course",
            "course_title",
            "hours",
            "participation",
            "issued_at",
            "state",
            "hours_now",
            "verify_url",
        ]
        read_only_fields = fields

    def get_state(self, row: Certificate) -> CertificateState:
        return worth_of(row)

    def get_hours_now(self, row: Certificate) -> str:
        return f"{hours_now(row):.1f}"

    def get_verify_url(self, row: Certificate) -> str:
        return address_of(row)


class OutcomeSerializer(serializers.Serializer[Any]):
    """The replies to one question. `counts`: of the scores from 1 to 5, or of each choice; `texts`: words, in no order."""

    question = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=QuestionKind.choices, source="asked.kind", read_only=True)
    choices = serializers.ListField(child=serializers.CharField(), source="asked.choices", read_only=True)
    counts = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    mean = serializers.FloatField(read_only=True, allow_null=True)
    texts = serializers.ListField(child=serializers.CharField(), read_only=True)

    def get_question(self, row: Outcome) -> str:
        return words_of(row.asked)


class QuestionnaireSerializer(serializers.Serializer[Any]):
    """`outcomes` is empty while people can reply, and with fewer than five replies."""

    present = serializers.IntegerField(read_only=True, help_text="people whom it is for")
    answers = serializers.IntegerField(read_only=True)
    is_over = serializers.BooleanField(read_only=True)
    until = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="null before the course is closed"
    )
    outcomes = OutcomeSerializer(many=True, read_only=True)
