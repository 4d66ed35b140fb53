"""Days are taken in Gregorian and in ROC years, times with 24:00, on every form."""

from datetime import date, time
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import override

from kit.form_fields import ClockField, DayField, EndClockField
from tests.project.test_empty_choices import form_classes

DAY = date(2026, 9, 29)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-09-29",
        "2026/9/29",
        "115年9月29日",
        "民國115年9月29日",
        "115/9/29",
        "115-09-29",
        "115.9.29",
        "1150929",
        "0115-09-29",
        "１１５／９／２９",
        " 115 年 9 月 29 日 ",
    ],
)
def test_a_day_is_taken_in_every_usual_form(typed: str) -> None:
    assert DayField().clean(typed) == DAY


@pytest.mark.parametrize(
    "typed",
    [
        "115/13/1",
        "115年2月30日",
        "115/2/29",
        "明天",
        "9/29",
        "29.9.2026",
        "11509",
        "20260929",
        "000-01-01",
        "0000-01-01",
        "0026-01-02",
    ],
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        DayField().clean(typed)


@pytest.mark.parametrize("language", ["en", "zh-hant"])
@pytest.mark.parametrize("typed", ["26/1/2", "26-01-02", "11/05/06", "10/25/06", "09/29/2026"])
def test_a_day_that_could_be_two_is_refused_in_every_language(typed: str, language: str) -> None:
    with override(language), pytest.raises(ValidationError):
        DayField().clean(typed)


def test_a_year_of_two_digits_is_taken_with_its_character() -> None:
    assert DayField().clean("民國99年1月2日") == DayField().clean("99年1月2日") == date(2010, 1, 2)


def test_a_year_of_two_digits_in_the_browsers_calendar_is_refused_with_a_sentence() -> None:
    with override("zh-hant"):
        with pytest.raises(ValidationError) as refused:
            DayField().clean("0026-01-02")
        assert "完整年份" in refused.value.messages[0]


@pytest.mark.parametrize("typed", ["1911-12-31", "2101-01-01", "1115/8/1"])
def test_a_day_before_the_roc_years_or_of_the_next_century_is_refused(typed: str) -> None:
    assert DayField().clean("1912-01-01") == date(1912, 1, 1)
    assert DayField().clean("2100-12-31") == date(2100, 12, 31)
    with pytest.raises(ValidationError):
        DayField().clean(typed)


def test_the_29th_of_february_is_taken_in_a_leap_year() -> None:
    assert DayField().clean("113/2/29") == DayField().clean("1130229") == date(2024, 2, 29)


def test_24_00_ends_a_day_and_is_no_start() -> None:
    for typed in ("24:00", "24:00:00", "２４：００"):
        assert EndClockField().clean(typed) == time(0)
        with pytest.raises(ValidationError) as refused, override("zh-hant"):
            ClockField().clean(typed)
        assert "次日" in refused.value.messages[0]
    assert ClockField().clean("13:30") == time(13, 30)


def test_every_day_of_every_form_is_such_a_field() -> None:
    days: dict[str, Any] = {
        f"{kind.__name__}.{name}": field
        for kind in form_classes()
        for name, field in kind.base_fields.items()  # type: ignore[attr-defined]
        if isinstance(field, forms.DateField)
    }
    assert len(days) > 5 and not [name for name, field in days.items() if not isinstance(field, DayField)]


def test_the_refusal_of_a_day_shows_how_to_write_it() -> None:
    with pytest.raises(ValidationError, match=r"115/8/1"):
        DayField().clean("115/13/1")
