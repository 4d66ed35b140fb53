"""What the API shows and takes."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.fields import FILLED, TEXT, HoursField, TextField, WordsField
from api.own_serializers import ABSENCE_HELP, said_of
from courses.enums import OUTCOMES, Participation
from courses.models import Course, Enrolment, Session, Stage, Tag, UnitLight
from courses.models.typed import Typed
from courses.presenters.audience import audience_words
from courses.queries.contacts import shown_contacts
from hours.models import Closing, Mark, Sheet, WalkIn

OUTCOME_CHOICES = [(str(outcome), str(outcome)) for outcome in sorted(OUTCOMES)]


class SessionSerializer(serializers.ModelSerializer[Session]):
    class Meta:
        model = Session
        fields = ["starts_at", "ends_at", "place"]
        read_only_fields = fields


class CourseSerializer(serializers.ModelSerializer[Course]):
    """The public list columns."""

    unit = serializers.CharField(source="unit.name", read_only=True)
    unit_code = serializers.CharField(source="unit.code", read_only=True)
    county = serializers.CharField(source="unit.county_name", read_only=True)
    nature = serializers.CharField(source="nature.path", read_only=True, default="")
    seats_left = serializers.IntegerField(read_only=True, help_text="free places that are kept for nobody")
    seats_kept = serializers.IntegerField(
        read_only=True, help_text="free places that are kept for some people until a day"
    )
    open_to = serializers.CharField(
        read_only=True,
        help_text="who may enrol: all, own_unit, units (named), counties (named), invited (nobody enrols)",
    )
    only_stages = serializers.BooleanField(
        read_only=True, help_text="only people who serve at a school of the course's stages may enrol"
    )
    only_titles = serializers.BooleanField(
        read_only=True, help_text="only people with one of the named titles may enrol"
    )
    is_postponed = serializers.SerializerMethodField(
        help_text="work and classes are suspended, and the new days are not known yet"
    )

    class Meta:
        model = Course
        fields = [
            "code", "title", "nature", "starts_on", "ends_on", "unit", "unit_code", "county", "place", "mode", "hours",
            "capacity", "seats_left", "seats_kept", "open_to", "only_stages", "only_titles", "state", "is_postponed",
        ]  # fmt: skip
        read_only_fields = fields

    def get_is_postponed(self, row: Course) -> bool:
        return row.postponed_at is not None


class CourseDetailSerializer(CourseSerializer):
    may_enrol = serializers.SerializerMethodField(
        help_text="the conditions in words, all to be met; empty: everybody"
    )
    questions = serializers.SerializerMethodField(
        help_text="asked when one enrols: number, text, choices (none: a short text), is_required"
    )
    kept_places = serializers.SerializerMethodField(
        help_text="places kept for some people: places, left, for_whom, and until, the last day; then the rest is open to all"
    )
    leave_kind = serializers.CharField(
        read_only=True, help_text="substitute, own_lessons, out_of_hours, no_leave; empty: not said"
    )
    hours_by = serializers.CharField(
        read_only=True, help_text="how hours follow attendance: whole, session, half_day"
    )
    travel = serializers.CharField(
        read_only=True,
        help_text="own_unit, not_own_unit: whether the participant's unit pays the travel expenses; empty: not said",
    )
    questionnaire = serializers.CharField(
        read_only=True,
        help_text="voluntary, required (one's own certificate waits for the answer); empty: no questionnaire after the course",
    )
    sessions = SessionSerializer(many=True, read_only=True)
    instructors = serializers.SerializerMethodField()
    contact_name = serializers.SerializerMethodField()
    contact_phone = serializers.SerializerMethodField()
    contact_mail = serializers.SerializerMethodField()
    tags: "serializers.SlugRelatedField[Tag]" = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="code"
    )
    stages: "serializers.SlugRelatedField[Stage]" = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="code"
    )

    class Meta(CourseSerializer.Meta):
        fields = [
            *CourseSerializer.Meta.fields, "approval_number", "basis_number", "summary", "outline", "audience", "materials", "method", "fee",
            "payer", "leave_kind", "travel", "bring", "questionnaire", "hours_by", "admission", "enrol_from", "enrol_until", "contact_name", "contact_phone",
            "contact_mail", "sessions", "instructors", "tags", "stages", "may_enrol", "kept_places", "questions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_questions(self, course: Course) -> list[dict[str, Any]]:
        rows = course.questions.all()
        return [
            {"number": q.number, "text": q.text, "choices": q.choice_list, "is_required": q.is_required}
            for q in rows
        ]

    def get_may_enrol(self, course: Course) -> list[str]:
        return list(audience_words(course).conditions)

    def get_kept_places(self, course: Course) -> list[dict[str, Any]]:
        return [asdict(kept) for kept in audience_words(course).kept]

    def get_contact_name(self, course: Course) -> str:
        return shown_contacts(course)[0].name

    def get_contact_phone(self, course: Course) -> str:
        return shown_contacts(course)[0].phone

    def get_contact_mail(self, course: Course) -> str:
        return shown_contacts(course)[0].mail

    def get_instructors(self, course: Course) -> list[str]:
        return [person.name for person in course.instructors.all()]


class UnitCourseSerializer(CourseSerializer):
    handler = serializers.CharField(source="handler.number", read_only=True)

    class Meta(CourseSerializer.Meta):
        fields = [*CourseSerializer.Meta.fields, "handler", "year", "notified_at"]
        read_only_fields = fields


class SheetPersonSerializer(serializers.ModelSerializer[Enrolment]):
    """One admitted person as the closing call needs it."""

    name = serializers.CharField(source="user.name", read_only=True)
    planned_absence = serializers.SerializerMethodField(help_text=ABSENCE_HELP)

    class Meta:
        model = Enrolment
        fields = ["id", "name", "state", "planned_absence"]
        read_only_fields = fields

    def get_planned_absence(self, row: Enrolment) -> str | None:
        return said_of(row)


class UnitLightSerializer(serializers.ModelSerializer[UnitLight]):
    unit = serializers.CharField(source="unit.name", read_only=True)
    unit_code = serializers.CharField(source="unit.code", read_only=True)

    class Meta:
        model = UnitLight
        fields = [
            "unit",
            "unit_code",
            "year",
            "colour",
            "overdue",
            "unclosed",
            "oldest_ended_on",
            "registration_open",
            "computed_at",
        ]
        read_only_fields = fields


class CountyLightSerializer(UnitLightSerializer):
    last_year_unclosed = serializers.IntegerField(
        source="rest",
        allow_null=True,
        read_only=True,
        help_text="unclosed courses of last year until their final deadline, then null",
    )

    class Meta(UnitLightSerializer.Meta):
        fields = [*UnitLightSerializer.Meta.fields, "last_year_unclosed"]
        read_only_fields = fields


class TeacherLightSerializer(serializers.Serializer[Any]):
    colour = serializers.CharField()
    absences = serializers.IntegerField()


class YearHoursSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    hours = serializers.DecimalField(
        source="total", max_digits=8, decimal_places=1, help_text="as a participant"
    )
    lecturer_hours = serializers.DecimalField(source="lecturer", max_digits=8, decimal_places=1)
    staff_hours = serializers.DecimalField(source="staff", max_digits=8, decimal_places=1)


class MarkSerializer(serializers.Serializer[Any]):
    enrolment = serializers.IntegerField(min_value=1)
    state = serializers.ChoiceField(choices=OUTCOME_CHOICES)
    hours = HoursField(required=False, default=Decimal(0))


class WalkInSerializer(serializers.Serializer[Any]):
    person = WordsField(
        FILLED, max_length=200, help_text="e-mail, business account number, national ID or passport number"
    )
    name = WordsField(
        TEXT,
        max_length=60,
        required=False,
        default="",
        allow_blank=True,
        help_text="the person's name: with it a look-up tells nothing new and does not count for the day's limit",
    )
    hours = HoursField()
    participation = serializers.ChoiceField(
        choices=Participation.choices,
        required=False,
        default=Participation.PARTICIPANT.value,
        help_text="lecturer and staff: hours of a kind of their own, apart from those of participants",
    )


class CloseSerializer(serializers.Serializer[Any]):
    """Every admitted person must be marked: there is no default."""

    request_key = TextField(
        FILLED,
        max_length=64,
        help_text="the caller's own key; the same request again returns the same, other content is refused",
    )
    marks = MarkSerializer(many=True, allow_empty=True)
    walk_ins = WalkInSerializer(many=True, required=False, default=list)

    def validate_marks(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [mark["enrolment"] for mark in marks]
        if len(ids) != len(set(ids)):
            raise serializers.ValidationError(_("An enrolment is marked twice."))
        return marks

    def sheet(self) -> Sheet:
        """Return the checked request as the sheet that the action takes."""
        data = self.validated_data
        marks = {mark["enrolment"]: Mark.of(mark["state"], Decimal(mark["hours"])) for mark in data["marks"]}
        walked = [
            WalkIn.of(Typed(one["person"], one["name"]), one["hours"], one["participation"])
            for one in data["walk_ins"]
        ]
        return Sheet(data["request_key"], marks, walked)


class ClosingSerializer(serializers.ModelSerializer[Closing]):
    course = serializers.CharField(source="course.code", read_only=True)
    closed_by = serializers.CharField(source="closed_by.name", read_only=True)

    class Meta:
        model = Closing
        fields = [
            "course",
            "closed_at",
            "closed_by",
            "attended",
            "absent",
            "excused",
            "walk_ins",
            "hours_total",
            "helpers",
            "helper_hours",
        ]
        read_only_fields = fields


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One wrong value: a query parameter, a header, or a place in the body (JSON pointer)."""

    parameter = serializers.CharField(required=False)
    header = serializers.CharField(required=False)
    pointer = serializers.CharField(required=False)
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457). `detail` is a sentence for the person, in the caller's language."""

    type = serializers.CharField(
        help_text="about:blank, or the rule that refused; the same on every installation"
    )
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="this request: urn:uuid:…")
    code = serializers.CharField(help_text="the name of the refusal, for programs")
    request_id = serializers.CharField(
        help_text="as in the header X-Request-ID; tell it when you ask for help"
    )
    # A declared field takes the name only in the output.
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # Serializer.errors
