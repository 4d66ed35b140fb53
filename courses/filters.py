"""The catalogue's questions, the same for the page and the API."""

from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import County, Unit
from courses.enums import Mode
from courses.models import Course, Stage, Tag
from courses.models.querysets import CourseQuerySet
from inservice import clock


def sane(day: Any) -> None:
    if not 1911 <= day.year <= 9000:
        raise ValidationError(_("This is not a day that a course could have."))


def _day(label: Any, lookup: str) -> filters.DateFilter:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return filters.DateFilter(
        field_name="starts_on", lookup_expr=lookup, label=label, widget=widget, validators=[sane]
    )


class CourseFilter(filters.FilterSet):
    q = filters.CharFilter(method="by_words", label=gettext_lazy("Words"), max_length=100)
    county = filters.ModelChoiceFilter(
        queryset=County.objects.all(), field_name="unit__county", label=gettext_lazy("County")
    )
    unit = filters.CharFilter(method="by_unit", label=gettext_lazy("Unit (code or name)"), max_length=60)
    first = _day(gettext_lazy("From"), "gte")
    last = _day(gettext_lazy("Until"), "lte")
    tag = filters.ModelChoiceFilter(
        queryset=Tag.objects.all(), field_name="tags", label=gettext_lazy("Tag"), to_field_name="code"
    )
    stage = filters.ModelChoiceFilter(
        queryset=Stage.objects.all(), method="by_stage", label=gettext_lazy("Stage"), to_field_name="code"
    )
    mode = filters.ChoiceFilter(choices=Mode.choices, label=gettext_lazy("On site or on-line"))
    open = filters.BooleanFilter(
        method="by_open", label=gettext_lazy("Open for enrolment"), widget=forms.CheckboxInput
    )
    past = filters.BooleanFilter(
        method="by_past", label=gettext_lazy("Past courses too"), widget=forms.CheckboxInput
    )

    class Meta:
        model = Course
        fields: list[str] = []

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.matching(value)

    def by_unit(self, rows: Any, name: str, value: str) -> Any:
        text = value.strip()
        units = Unit.objects.filter(code=text.upper()) | Unit.objects.filter(name__contains=text)
        return rows.filter(unit__in=units)

    def by_stage(self, rows: Any, name: str, value: Stage) -> Any:
        """A course for all stages (75) is for each of them."""
        return rows.filter(stages__code__in={value.code, "75"}).distinct()

    def by_open(self, rows: Any, name: str, value: bool) -> Any:
        return rows.open_for_enrolment() if value else rows

    def by_past(self, rows: Any, name: str, value: bool) -> Any:
        return rows

    @property
    def asks_for_the_past(self) -> bool:
        """By tick or by a day."""
        return any(self.form.cleaned_data.get(name) for name in ("past", "first", "last"))

    def filter_queryset(self, queryset: QuerySet[Course]) -> QuerySet[Course]:
        """Courses that are over are left out unless they are asked for."""
        rows: QuerySet[Course] = super().filter_queryset(queryset)
        return rows if self.asks_for_the_past else rows.filter(ends_on__gte=clock.today())

    def in_turn(self, queryset: CourseQuerySet) -> list[CourseQuerySet]:
        """The same courses in querysets that follow one another, each in the order of an index.

        What is running comes first, the first to end foremost; then what is ahead, by first day. Past ones asked for: by first day.
        """
        rows: Any = super().filter_queryset(queryset)
        day = clock.today()
        if self.asks_for_the_past:
            return [rows.order_by("starts_on", "id")]
        running, ahead = rows.running(day), rows.ahead(day)
        return [running.order_by("ends_on", "starts_on", "id"), ahead.order_by("starts_on", "id")]
