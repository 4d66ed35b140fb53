"""The catalogue in a real Chromium: search as one types, facets, chips, the month by keyboard, kept searches, a phone, English."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from courses.models import Course, SavedSearch
from tests.browser.contexts import Lend, follow
from tests.browser.test_story import log_in
from tests.factories import make_enrolment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 375, "height": 800}

# The courses ahead in the demonstration.
ALL = 10


def count(page: Any) -> Any:
    return page.locator("#found-heading")


def test_two_characters_find_as_one_types_and_the_address_is_kept(site: str, browser_page: Any) -> None:
    page = browser_page
    page.goto(f"{site}/catalogue/")
    expect(count(page)).to_have_text(f"{ALL} 門課程")
    page.locator("#id_q").press_sequentially("海洋")
    expect(count(page)).to_have_text("1 門課程")
    expect(page.locator(".course mark")).to_have_text(["海洋"])
    expect(page.locator("#found-said")).to_have_text("1 門課程")
    expect(page.locator("#id_q")).to_be_focused()
    expect(page).to_have_url(f"{site}/catalogue/?q=%E6%B5%B7%E6%B4%8B")
    page.reload()
    expect(count(page)).to_have_text("1 門課程")
    page.fill("#id_q", "")
    expect(count(page)).to_have_text(f"{ALL} 門課程")


def test_half_written_sounds_of_an_input_method_are_not_searched_for(site: str, browser_page: Any) -> None:
    page = browser_page
    page.goto(f"{site}/catalogue/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    page.focus("#id_q")
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "ㄏㄞ", "selectionStart": 2, "selectionEnd": 2})
    page.wait_for_timeout(700)
    assert asked == []
    keyboard.send("Input.insertText", {"text": "海洋"})
    expect(count(page)).to_have_text("1 門課程")


def test_facets_narrow_chips_widen_and_the_back_button_returns(site: str, browser_page: Any) -> None:
    page = browser_page
    page.goto(f"{site}/catalogue/")
    number = page.locator("#facet-mode-online .count").inner_text().split("\n")[-1]
    page.click("#facet-mode-online")
    expect(count(page)).to_have_text(f"{number} 門課程")
    expect(page.locator("#facet-mode-online")).to_be_focused()
    page.locator("#id_q").press_sequentially("親師")
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page).to_have_url(re.compile("mode=online"))
    expect(page).to_have_url(re.compile("q="))
    page.click("#chip-q")
    expect(page.locator("#chip-q")).to_have_count(0)
    expect(page.locator("#id_q")).to_have_value("")
    page.click("#chip-all")
    expect(count(page)).to_have_text(f"{ALL} 門課程")
    page.go_back()
    expect(page.locator("#chip-mode")).to_be_visible()
    expect(page.locator("nav.mainnav")).to_be_visible()


def test_a_late_response_does_not_replace_what_one_did_after_it(site: str, browser_page: Any) -> None:
    page = browser_page
    late: list[Any] = []
    page.goto(f"{site}/catalogue/")
    page.route(re.compile(r"[?&]q="), lambda route: late.append(route))
    with page.expect_request(re.compile(r"[?&]q=")):
        page.fill("#id_q", "海洋")
    page.click("#facet-mode-online")
    expect(page.locator("#chip-mode")).to_be_visible()
    for route in late:
        route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#chip-mode")).to_be_visible()
    expect(page).to_have_url(re.compile("mode=online"))


def test_it_all_works_without_javascript(site: str, lend: Lend) -> None:
    page = lend(java_script_enabled=False, locale="zh-TW").new_page()
    page.goto(f"{site}/catalogue/?mode=on_site")
    page.fill("#id_q", "海洋")
    page.click("#search button[type=submit]")
    expect(page).to_have_url(re.compile("mode=on_site"))
    expect(count(page)).to_have_text("1 門課程")
    expect(page.locator("#chip-mode")).to_be_visible()
    page.click("#chip-mode")
    expect(page).not_to_have_url(re.compile("mode"))
    expect(count(page)).to_have_text("1 門課程")
    page.click("#view-calendar")
    page.click("#month-next")
    expect(page).to_have_url(re.compile("month="))
    page.click(".calendar li a")
    expect(page.locator("#enrol-heading")).to_be_visible()


def test_the_month_by_keyboard(site: str, browser_page: Any) -> None:
    page = browser_page
    page.goto(f"{site}/catalogue/?view=calendar&past=1")
    expect(page.locator("#month-name")).to_have_text("115年11月")
    page.focus("[data-day]")
    page.keyboard.press("PageDown")
    expect(page.locator("#month-name")).to_have_text("115年12月")
    expect(page.locator("#month-next")).to_be_focused()
    expect(page).to_have_url(re.compile("month=2026-12"))
    days = [link.get_attribute("data-day") for link in page.locator("[data-day]").all()]
    assert len(days) >= 3
    page.focus(f"[data-day='{days[0]}']")
    focused = page.locator("[data-day]:focus")
    for expected, key in ((days[1], "ArrowRight"), (days[0], "ArrowLeft")):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("data-day", expected)
    page.keyboard.press("ArrowDown")
    expect(focused).not_to_have_attribute("data-day", days[0])
    assert focused.get_attribute("data-day") > days[0]
    page.focus(f"[data-day='{days[0]}']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"day={days[0]}"))
    expect(page.locator(".course")).to_have_count(1)


def test_a_search_is_kept_applied_removed_and_brought_back(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "t48")
    page.goto(f"{site}/catalogue/")
    page.click("#facet-mode-online")
    expect(page.locator("#chip-mode")).to_be_visible()
    page.click(".keep summary")
    page.fill("#id_name", "線上的")
    page.click(".keep-form button")
    expect(page.locator("#messages")).to_contain_text("已儲存查詢「線上的」")
    assert SavedSearch.objects.get(owner__email="t48@demo.example").query == "mode=online"
    page.goto(f"{site}/catalogue/")
    page.click(".kept-list a")
    expect(page.locator("#chip-mode")).to_be_visible()
    page.click(".kept-list button")
    page.click("text=復原")
    expect(page.locator(".kept-list a")).to_have_text(["線上的"])


@pytest.mark.parametrize("path", ["", "?view=calendar&past=1", "?q=教學&past=1"])
@pytest.mark.parametrize("width", [320, 375])
def test_the_pages_fit_a_phone(site: str, browser_page: Any, path: str, width: int) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, site, "teacher")
    page.goto(f"{site}/catalogue/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
    follow(page, ".course a >> nth=0" if "calendar" not in path else "td:not(.outside) li a >> nth=0")
    expect(page.locator("#enrol-heading")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1


def test_on_a_phone_the_facets_fold_and_stay_open_while_one_chooses(site: str, browser_page: Any) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/catalogue/")
    expect(page.locator("#facet-mode-online")).to_be_hidden()
    page.click(".facets summary")
    page.click("#facet-mode-online")
    expect(page.locator("#chip-mode")).to_be_visible()
    expect(page.locator("#facet-free")).to_be_visible()


def test_the_focus_stays_with_what_narrows_down_on_a_phone_and_goes_to_the_number_from_a_chip(
    site: str, browser_page: Any
) -> None:
    page, press = browser_page, browser_page.keyboard.press
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/catalogue/")
    page.focus(".facets summary")
    press("Enter")
    page.focus("#facet-mode-online")
    press("Enter")
    expect(page.locator("#chip-mode")).to_be_visible()
    expect(page.locator("#facet-mode-online")).to_be_focused()
    page.focus("#chip-mode")
    press("Enter")
    expect(page.locator("#chip-mode")).to_have_count(0)
    expect(count(page)).to_be_focused()


def test_the_catalogue_is_in_english(site: str, browser_page: Any) -> None:
    page = browser_page
    page.goto(f"{site}/catalogue/")
    page.click("button[name=language][value=en]")
    expect(count(page)).to_have_text(f"{ALL} courses")
    page.click("#facet-mode-online")
    expect(count(page)).to_have_text("1 course")
    expect(page.locator(".course")).to_have_count(1)
    row = page.locator(".course").inner_text()
    assert re.search(r"2026-\d\d-\d\d \((Mon|Tue|Wed|Thu|Fri|Sat|Sun)\)", row) and "200 places left" in row
    page.click(".course h3 a")
    expect(page.locator("#why")).to_contain_text("You are not logged in yet.")


def test_a_clash_is_shown_and_confirmed_and_does_not_stop(site: str, browser_page: Any) -> None:
    page = browser_page
    course = Course.objects.get(title="海洋教育教材研發")
    own = Course.objects.get(title="親師溝通線上講座")
    log_in(page, site, "t48")
    session = course.sessions.get()
    own.sessions.update(starts_at=session.starts_at, ends_at=session.ends_at)
    make_enrolment(own, User.objects.get(email="t48@demo.example"))
    page.goto(f"{site}/catalogue/{course.code}/")
    expect(page.locator(".hint").first).to_contain_text("親師溝通線上講座")
    page.click(".enrol-box form button")
    expect(page.locator("#confirm-text")).to_contain_text("親師溝通線上講座")
    page.click("dialog[open] [value=no]")
    assert not course.enrolments.filter(user__email="t48@demo.example").exists()
    page.click(".enrol-box form button")
    follow(page, "dialog[open] [data-yes]")
    expect(page.locator("#messages")).to_contain_text("報名成功")
    expect(page.locator("main")).to_contain_text("親師溝通線上講座")
