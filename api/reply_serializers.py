"""What the API shows and takes about planned absences and objections."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from api.fields import FILLED, FlagField, HoursField, WordsField
from api.serializers import OUTCOME_CHOICES
from courses.enums import AbsenceKind, EnrolmentState, Participation
from courses.models import PlannedAbsence
from hours.actions.objections import Correction
from hours.enums import ReplyLevel
from hours.models import Objection


class AnswerSerializer(serializers.Serializer[Any]):
    """An answer to a question of the course."""

    question = serializers.IntegerField(min_value=1, max_value=10, help_text="its number")
    answer = WordsField(FILLED, max_length=100, help_text="one of the choices, where there are some")


class AnswersSerializer(serializers.Serializer[Any]):
    answers = AnswerSerializer(many=True, required=False, default=list)


class CannotComeSerializer(serializers.Serializer[Any]):
    """Why the caller cannot come. No cause and no papers."""

    kind = serializers.ChoiceField(choices=AbsenceKind.choices)


class DecideAbsenceSerializer(serializers.Serializer[Any]):
    accept = FlagField(help_text="false: the person keeps the place and is not excused")


class WordsSerializer(serializers.Serializer[Any]):
    text = WordsField(FILLED, max_length=1000)


class ReplySerializer(WordsSerializer):
    """`state` corrects the person's outcome; attended needs the hours."""

    state = serializers.ChoiceField(choices=OUTCOME_CHOICES, required=False)
    hours = HoursField(required=False, default=Decimal(0))
    participation = serializers.ChoiceField(
        choices=Participation.choices,
        required=False,
        help_text="as what the person took part; without it this stays as it is, and a forgotten person is a participant",
    )

    def correction(self) -> Correction | None:
        """Return what the reply corrects; None for words alone."""
        data = self.validated_data
        if "state" not in data:
            return None
        return Correction(EnrolmentState(data["state"]), data["hours"], data.get("participation"))


class ObjectionSerializer(serializers.ModelSerializer[Objection]):
    """時數疑義 with its reply and its review."""

    course = serializers.CharField(source="course.code", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    # Empty until there is a reply, or a request for the review.
    answered_level = serializers.ChoiceField(choices=ReplyLevel.choices, allow_blank=True, read_only=True)
    review_level = serializers.ChoiceField(choices=ReplyLevel.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Objection
        fields = [
            "id", "course", "name", "text", "state", "raised_at", "answer", "answered_at", "answered_level", "answer_hours",
            "review_text", "review_at", "review_level", "review_answer", "reviewed_at", "review_hours",
        ]  # fmt: skip
        read_only_fields = fields


class PlannedAbsenceSerializer(serializers.ModelSerializer[PlannedAbsence]):
    """未能出席: a person who cannot come, and what became of it."""

    course = serializers.CharField(source="enrolment.course.code", read_only=True)
    enrolment = serializers.IntegerField(source="enrolment_id", read_only=True)
    name = serializers.CharField(source="enrolment.user.name", read_only=True)

    class Meta:
        model = PlannedAbsence
        fields = ["id", "course", "enrolment", "name", "kind", "state", "stated_at", "decided_at"]
        read_only_fields = fields
