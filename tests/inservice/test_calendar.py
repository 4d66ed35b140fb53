"""Which days Taiwan works: announced years are answered by name, others not at all."""

import re
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from holidays.countries import Taiwan

from inservice import calendar
from inservice.calendar import DayKind, day_kind


@pytest.fixture(autouse=True)
def _in_chinese() -> Any:
    with translation.override("zh-hant"):
        yield


@pytest.mark.parametrize("day", [(1, 7), (2, 4), (2, 18), (3, 25), (6, 17), (9, 23)])
def test_the_make_up_saturdays_of_2023_are_working_days(day: tuple[int, int]) -> None:
    assert day_kind(date(2023, *day)) == DayKind("補行上班日", True)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "中華民國開國紀念日"),
        (date(2026, 2, 15), "農曆除夕"),
        (date(2026, 2, 28), "和平紀念日"),
        (date(2026, 5, 1), "勞動節"),
        (date(2026, 9, 28), "孔子誕辰紀念日"),
        (date(2026, 10, 9), "國慶日（補假）"),
        (date(2026, 10, 10), "國慶日"),
        (date(2026, 12, 25), "行憲紀念日"),
        (date(2024, 4, 4), "兒童節、民族掃墓節"),
        (date(2023, 4, 3), "放假日（2023-03-25 補班）"),
    ],
)
def test_holidays_have_their_names(day: date, name: str) -> None:
    assert day_kind(day) == DayKind(name, False)


def test_weekends_are_named_and_a_working_day_is_ordinary() -> None:
    assert day_kind(date(2026, 11, 28)) == DayKind("星期六", False)
    assert day_kind(date(2026, 11, 29)) == DayKind("星期日", False)
    kind = day_kind(date(2026, 11, 27))
    assert kind is not None and kind.is_ordinary
    assert not DayKind("補行上班日", True).is_ordinary


def test_an_english_reader_reads_english_names() -> None:
    with translation.override("en"):
        assert day_kind(date(2026, 10, 10)) == DayKind("National Day", False)


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2000, 10, 10), date(9999, 12, 31), date(1, 1, 1)])
def test_a_year_whose_calendar_is_not_known_says_nothing(day: date) -> None:
    assert day_kind(day) is None


def test_the_years_are_those_that_the_package_was_checked_with() -> None:
    """Fails when a newer package knows more: then `LAST_YEAR` goes on with it."""
    known = re.search(r"DGPA Work Calendar \(2001-(\d{4}); English\)", Taiwan.__doc__ or "")
    assert known and int(known[1]) == calendar.LAST_YEAR


def test_a_year_is_computed_once() -> None:
    calendar._year.cache_clear()
    for day in range(1, 29):
        day_kind(date(2026, 3, day))
    assert calendar._year.cache_info().misses == 1
