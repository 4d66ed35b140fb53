"""The catalogue's questions, the same for the page and the API."""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlencode

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import County, FormerCode, FormerName, Listed, Unit
from courses.enums import Length, Mode, TimeOfDay, When
from courses.models import Course, CourseNature, Session, Stage, Tag
from courses.models.querysets import CourseQuerySet
from courses.queries import facets
from courses.queries.audiences import may_enrol_q, places_of
from courses.queries.offers import courses_with_quota_for
from kit import clock
from kit.form_fields import DayField
from kit.texts import contains_word, fold

# How the page displays the result: kept with a saved search, not used by the API.
SORTS = ("date", "places", "new")
PERSONAL_OR_TYPED = frozenset({"q", "unit", "first", "last", "day", "mine", "person"})
SHOWN = {"sort": SORTS, "view": ("list", "calendar")}


class DayFilter(filters.DateFilter):
    field_class = DayField


YES = frozenset({"1", "true", "yes", "y", "on"})
NO = frozenset({"0", "false", "no", "n", "off"})


class TickInput(forms.CheckboxInput):
    """A box of a page; in an address it may also be written as no, which Django's own takes for yes."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, check_test=lambda value: value is True or str(value).lower() in YES)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)


class TickField(forms.NullBooleanField):
    widget = TickInput

    def to_python(self, value: Any) -> Any:
        """Return True, False, or None without a value."""
        word = "" if value is None else str(value).strip().lower()
        if word in YES:
            return True
        if word in NO:
            return False
        if word:
            raise ValidationError(_("Write 1 or 0 (true or false, yes or no)."))
        return None


class TickFilter(filters.BooleanFilter):
    field_class = TickField


def _tick(label: Any, method: str) -> TickFilter:
    return TickFilter(method=method, label=label)


def _choice(label: Any, choices: Any) -> filters.ChoiceFilter:
    return filters.ChoiceFilter(choices=choices, label=label, method="by_condition")


def _offered(model: type[Listed]) -> Callable[[Any], Any]:
    """Return what makes the choices of a filter: the entries that are offered on the day of the request."""
    return lambda _request: model.objects.valid()


def _listed(label: Any, queryset: Any, method: str, **options: Any) -> filters.ModelChoiceFilter:
    return filters.ModelChoiceFilter(
        queryset=queryset, label=label, method=method, **({"to_field_name": "code"} | options)
    )


class CourseFilter(filters.FilterSet):
    q = filters.CharFilter(method="by_words", label=gettext_lazy("Words"), max_length=100)
    unit = filters.CharFilter(method="by_unit", label=gettext_lazy("Unit (code or name)"), max_length=60)
    first = DayFilter(label=gettext_lazy("From"), field_name="starts_on", lookup_expr="gte")
    last = DayFilter(label=gettext_lazy("Until"), field_name="starts_on", lookup_expr="lte")
    day = DayFilter(label=gettext_lazy("Day"), method="by_day")
    county = _listed(gettext_lazy("County"), County.objects.all(), "by_county", to_field_name="pk")
    nature = _listed(gettext_lazy("Nature"), _offered(CourseNature), "by_nature")
    stage = _listed(gettext_lazy("Stage"), _offered(Stage), "by_stage")
    tag = _listed(gettext_lazy("Tag"), _offered(Tag), "by_tag")
    mode = _choice(gettext_lazy("On site or on-line"), Mode.choices)
    when = _choice(gettext_lazy("When"), When.choices)
    time = _choice(gettext_lazy("Time of day"), TimeOfDay.choices)
    length = _choice(gettext_lazy("Hours"), Length.choices)
    open = _tick(gettext_lazy("Open for enrolment"), "by_tick")
    places = _tick(gettext_lazy("Has places left"), "by_tick")
    free = _tick(gettext_lazy("Free of charge"), "by_tick")
    mine = _tick(gettext_lazy("I may enrol"), "by_mine")
    past = _tick(gettext_lazy("Past courses too"), "by_past")

    class Meta:
        model = Course
        fields: list[str] = []

    def __init__(self, *args: Any, person: int | None = None, **kwargs: Any) -> None:
        """`person`: the reader, for the courses in which the reader may enrol; a visitor may in those that are open to everybody."""
        super().__init__(*args, **kwargs)
        self.person = person

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return rows.matching(value)

    def by_unit(self, rows: Any, name: str, value: str) -> Any:
        text = value.strip()
        code = fold(text).upper()
        units = Unit.objects.filter(code=code) | Unit.objects.filter(contains_word("name", text))
        codes = FormerCode.objects.filter(code=code).values("unit")
        names = FormerName.objects.filter(contains_word("name", text)).values("unit")
        return rows.filter(Q(unit__in=units) | Q(unit__in=codes) | Q(unit__in=names))

    def by_day(self, rows: Any, name: str, value: Any) -> Any:
        """Courses that meet on a Taipei day, be it their first or a later session."""
        start, end = clock.at_taipei(value), clock.end_of_day(value)
        meets = Session.objects.filter(course=OuterRef("pk"), starts_at__gte=start, starts_at__lt=end)
        return rows.filter(Exists(meets))

    def by_county(self, rows: Any, name: str, value: County) -> Any:
        return rows.filter(unit__county=value)

    def by_nature(self, rows: Any, name: str, value: CourseNature) -> Any:
        return rows.filter(facets.of_nature(value))

    def by_stage(self, rows: Any, name: str, value: Stage) -> Any:
        return rows.filter(facets.for_stage(value.code))

    def by_tag(self, rows: Any, name: str, value: Tag) -> Any:
        return rows.filter(facets.with_tag(value.pk))

    def by_condition(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(facets.conditions(clock.today(), self.with_quota_for_reader)[name][value])

    def by_tick(self, rows: Any, name: str, value: bool) -> Any:
        return self.by_condition(rows, name, facets.YES) if value else rows

    @cached_property
    def with_quota_for_reader(self) -> Collection[int]:
        """The courses in which quotas keep places for the reader; none, without a query, for a visitor."""
        return courses_with_quota_for(self.person) if self.person else ()

    def by_mine(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(self._may_enrol) if value else rows

    @cached_property
    def _may_enrol(self) -> Q:
        places = places_of([self.person]).get(self.person, []) if self.person else []
        return may_enrol_q(places)

    def by_past(self, rows: Any, name: str, value: bool) -> Any:
        return rows

    def filter_queryset(self, queryset: QuerySet[Course]) -> QuerySet[Course]:
        return self.rows_without()

    def rows_without(self, *names: str) -> CourseQuerySet:
        """Return the courses found without the conditions `names`.

        Courses that are over are left out unless they are requested, by tick or by a day.
        """
        rows: Any = self.queryset.all()
        data = self.form.cleaned_data
        for name, value in data.items():
            if name not in names:
                rows = self.filters[name].filter(rows, value)
        found: CourseQuerySet = rows if self.includes_past else rows.upcoming()
        return found

    @property
    def includes_past(self) -> bool:
        """By tick or by a day."""
        return any(self.form.cleaned_data.get(name) for name in ("past", "first", "last", "day"))

    def in_turn(self) -> list[CourseQuerySet]:
        """Return the courses found, by date, in querysets that follow one another, each in the order of an index.

        What is running comes first, the first to end foremost; then what is ahead, by first day. Past ones, if requested: by
        first day.
        """
        rows, day = self.rows_without(), clock.today()
        if self.includes_past:
            return [rows.order_by("starts_on", "id")]
        running, ahead = rows.running(day), rows.ahead(day)
        return [running.order_by("ends_on", "starts_on", "id"), ahead.order_by("starts_on", "id")]

    def chosen(self, name: str) -> str:
        """Return a choice as it is in the URL; empty if the condition is not set or not valid."""
        value = self.form.cleaned_data.get(name)
        if value is True:
            return facets.YES
        if isinstance(value, County):
            return str(value.pk)
        if isinstance(value, Stage | Tag | CourseNature):
            return value.code
        return str(value) if value else ""

    def selected(self) -> dict[str, str]:
        """Return every valid condition of the URL, in the filter's order."""
        return {name: value for name in self.filters if (value := self.chosen(name))}

    def cache_key(self) -> dict[str, str]:
        """Return what the counts depend on: the conditions, and the person where one of them, or a kept place, is about the person."""
        found = self.selected()
        is_personal = "mine" in found or self.with_quota_for_reader
        return found | ({"person": str(self.person)} if is_personal else {})

    @property
    def is_common(self) -> bool:
        """Return whether many readers send this query: at most one choice, nothing typed, nothing about the reader.

        What is kept for these requests is bounded, whatever addresses a program makes up.
        """
        found = self.cache_key()
        return len(found) <= 1 and not found.keys() & PERSONAL_OR_TYPED


def found_among(query: str, courses: Collection[int]) -> set[int]:
    """Return those of some courses that a catalogue address's query finds."""
    found = CourseFilter(QueryDict(query), queryset=Course.objects.public())
    if not found.is_valid():
        return set()
    return set(found.rows_without().filter(pk__in=courses).values_list("pk", flat=True))


def known_query(query: str) -> str:
    """A catalogue address's query: known parameters with good values, in one order. What else it held is dropped."""
    data = QueryDict(query[:2000].lstrip("?"))
    found = CourseFilter(data, queryset=Course.objects.none())
    found.is_valid()
    shown = {name: data[name] for name, values in SHOWN.items() if data.get(name) in values[1:]}
    # Who may enrol depends on the reader, a kept search does not.
    return urlencode({name: value for name, value in found.selected().items() if name != "mine"} | shown)
