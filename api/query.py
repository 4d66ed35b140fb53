"""The query parameters of the API's lists."""

from typing import Any

from rest_framework import serializers

from api.pagination import LARGEST_PAGE, LONGEST_CURSOR, PAGE_SIZE
from courses.enums import CourseState
from kit import clock
from kit.numbers import whole_number


class WholeNumberField(serializers.IntegerField):
    """Plain digits only: Python also takes "1_1" and the digits of other scripts for numbers."""

    def to_internal_value(self, data: Any) -> int:
        if whole_number(data, None) is None:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class PageQuery(serializers.Serializer[Any]):
    """A page of a list."""

    cursor = serializers.CharField(
        max_length=LONGEST_CURSOR,
        required=False,
        help_text="the place in the list: taken from the links next and previous",
    )
    page_size = WholeNumberField(
        min_value=1, max_value=LARGEST_PAGE, required=False, default=PAGE_SIZE, help_text="rows of a page"
    )


class UnitCoursesQuery(PageQuery):
    year = WholeNumberField(
        min_value=1,
        max_value=clock.LAST_YEAR,
        required=False,
        help_text="ROC year; the running one without it",
    )
    state = serializers.ChoiceField(choices=CourseState.choices, required=False)
