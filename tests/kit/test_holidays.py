"""The working days of Taiwan: announced years have names, others are unknown."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from holidays.countries import Taiwan

from kit import holidays
from kit.holidays import DayKind, day_kind

DAYS_OFF_IN_2027 = 121


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
        (date(2027, 1, 1), "中華民國開國紀念日"),
        (date(2027, 2, 10), "春節（補假）"),
        (date(2027, 10, 25), "臺灣光復暨金門古寧頭大捷紀念日"),
        (date(2027, 12, 31), "中華民國開國紀念日（補假）"),
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


def test_the_announced_calendar_of_2027_knows_every_day() -> None:
    assert day_kind(date(2027, 1, 2)) == DayKind("星期六", False)
    assert day_kind(date(2027, 2, 11)) == DayKind("", True)
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    off = [day for day in days if not (kind := day_kind(day)) or not kind.is_workday]
    assert len(off) == DAYS_OFF_IN_2027


def test_an_announced_make_up_day_is_worked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "2031.csv").write_text("day,kind,name\n2031-03-01,work,補行上班\n2031-03-03,off,調整放假\n")
    monkeypatch.setattr(holidays, "CALENDARS", tmp_path)
    monkeypatch.setattr(holidays, "announced_years", lambda: {2031})
    holidays._announced.cache_clear()
    assert day_kind(date(2031, 3, 1)) == DayKind("補行上班日", True)
    assert day_kind(date(2031, 3, 3)) == DayKind("調整放假", False)
    assert day_kind(date(2031, 3, 2)) == DayKind("星期日", False)
    holidays._announced.cache_clear()


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 12, 31), None),
        (date(2027, 6, 30), None),
        (date(2027, 7, 1), 2028),
        (date(2028, 1, 1), 2028),
    ],
)
def test_a_calendar_is_missed_from_july_of_the_year_before(today: date, missing: int | None) -> None:
    assert holidays.missing_year(today) == missing


def test_an_english_reader_reads_english_names() -> None:
    with translation.override("en"):
        assert day_kind(date(2026, 10, 10)) == DayKind("National Day", False)
        assert day_kind(date(2027, 10, 10)) == DayKind("National Day", False)


@pytest.mark.parametrize("day", [date(2028, 1, 1), date(2000, 10, 10), date(9999, 12, 31), date(1, 1, 1)])
def test_a_year_whose_calendar_is_not_known_says_nothing(day: date) -> None:
    assert day_kind(day) is None


def test_the_years_are_those_that_the_package_was_checked_with() -> None:
    """Fails when a newer package knows more: then `LAST_YEAR` goes on with it."""
    known = re.search(r"DGPA Work Calendar \(2001-(\d{4}); English\)", Taiwan.__doc__ or "")
    assert known and int(known[1]) == holidays.LAST_YEAR


def test_a_year_is_computed_once() -> None:
    holidays._year.cache_clear()
    for day in range(1, 29):
        day_kind(date(2026, 3, day))
    assert holidays._year.cache_info().misses == 1
