"""What a phone of 375 px shows: a header of one line, courses in few lines, nothing wider than the window, days in ROC years."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_story import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


def height(page: Any, selector: str) -> float:
    return float(page.locator(selector).first.bounding_box()["height"])


@pytest.fixture
def phone(browser_page: Any) -> Any:
    browser_page.set_viewport_size({"width": 375, "height": 800})
    return browser_page


def test_the_catalogue_shows_a_course_in_four_lines(site: str, phone: Any) -> None:
    phone.goto(f"{site}/catalogue/")
    assert height(phone, "header.topbar") < 60 and height(phone, "li.course") < 150
    assert not phone.evaluate(WIDER) and phone.is_hidden("li.course .one-day")


def test_the_units_courses_show_in_few_lines_with_everything(site: str, phone: Any) -> None:
    log_in(phone, site, "handler")
    phone.goto(f"{site}/unit/courses/?state=registered")
    assert height(phone, "header.topbar") < 70 and height(phone, "tbody tr") < 240
    assert not phone.evaluate(WIDER)
    labels = phone.eval_on_selector_all("tbody tr:first-child td", "all => all.map(one => one.dataset.label)")
    assert {"代碼", "日期", "狀態", "結案期限", "人數", "承辦人"} <= set(labels)


def test_a_card_leaves_out_what_a_unit_lacks(site: str, phone: Any) -> None:
    log_in(phone, site, "county")
    phone.goto(f"{site}/units/?q=134526")
    expect(phone.locator("tbody td[data-label='單位']")).to_be_visible()
    for label in ("電話", "聯絡資訊"):
        expect(phone.locator(f"tbody td[data-label='{label}']")).to_be_hidden()
    phone.set_viewport_size({"width": 1280, "height": 800})
    expect(phone.locator("tbody td[data-label='電話']")).to_be_visible()


def test_a_bar_of_buttons_covers_no_list(site: str, phone: Any) -> None:
    """The forecast's bar has two buttons and a sentence: on a phone it comes after the units."""
    log_in(phone, site, "county")
    phone.goto(f"{site}/county/forecast/")
    unit, bar = (
        phone.locator("form tbody tr").last.bounding_box(),
        phone.locator(".sticky-bar").bounding_box(),
    )
    assert bar["y"] >= unit["y"] + unit["height"]


def test_a_typed_day_is_shown_beside_the_field_in_roc_years(site: str, phone: Any) -> None:
    log_in(phone, site, "handler")
    phone.goto(f"{site}/unit/courses/new/?step=all")
    phone.fill("[name='sessions-0-day']", "2026-12-10")
    expect(phone.locator(".roc-day").first).to_have_text("民國115年12月10日（四）")
    assert not phone.evaluate(WIDER)
