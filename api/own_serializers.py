"""What the API shows a person of the own enrolments."""

from datetime import datetime
from typing import Any, cast

from rest_framework import serializers

from courses.enums import EnrolmentState
from courses.models import Enrolment
from courses.queries.meetings import next_meeting
from courses.queries.offers import Waiting, offers_to_waiting
from courses.queries.planned_absences import said_by
from courses.queries.windows import cancel_window, placed_at

ABSENCE_HELP = (
    "未能出席: open (the organiser decides), accepted or refused; null for a person who has said nothing"
)


def said_of(row: Enrolment) -> str | None:
    """Return what became of the last planned absence of an enrolment."""
    planned = said_by(row)
    return planned.state if planned else None


class MeetingSerializer(serializers.Serializer[Any]):
    """The next session: running or ahead, with the place where it is held."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    number = serializers.IntegerField()
    total = serializers.IntegerField()


class EnrolmentListSerializer(serializers.ListSerializer[Any]):
    """A page of enrolments: which are offered a free place is read once for all."""

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data)
        cast(EnrolmentSerializer, self.child).waiting = offers_to_waiting(rows)
        return super().to_representation(rows)


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    waiting: Waiting | None = None
    course = serializers.CharField(source="course.code", read_only=True)
    title = serializers.CharField(source="course.title", read_only=True)
    starts_on = serializers.DateField(source="course.starts_on", read_only=True)
    next_session = serializers.SerializerMethodField()
    is_offered = serializers.SerializerMethodField(help_text="a person who waits may take a free place now")
    cancel_until = serializers.SerializerMethodField(
        help_text="the moment from which cancelling is refused; null for one who is not admitted"
    )

    planned_absence = serializers.SerializerMethodField(help_text=ABSENCE_HELP)

    class Meta:
        model = Enrolment
        list_serializer_class = EnrolmentListSerializer
        fields = [
            "id", "course", "title", "starts_on", "next_session", "state", "participation", "enrolled_at", "cancel_until", "is_offered", "planned_absence",
        ]  # fmt: skip
        read_only_fields = fields

    def get_next_session(self, row: Enrolment) -> dict[str, Any] | None:
        meeting = next_meeting(row.course)
        return MeetingSerializer(meeting).data if meeting else None

    def get_planned_absence(self, row: Enrolment) -> str | None:
        return said_of(row)

    def get_is_offered(self, row: Enrolment) -> bool:
        waiting = self.waiting or offers_to_waiting([row])
        return row.pk in waiting.may_take

    def get_cancel_until(self, row: Enrolment) -> datetime | None:
        if row.state != EnrolmentState.ADMITTED:
            return None
        return cancel_window(row.course, placed_at(row)).until
