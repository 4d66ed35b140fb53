"""The homes in a real Chromium: both languages, phone and desk, day and night, and by keys alone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from courses.actions import lights
from notices.models import Notice
from tests.browser.contexts import follow
from tests.browser.test_story import log_in as enter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOMES = {
    "handler": ("/unit/", "/unit/figures/"),
    "lead": ("/unit/",),
    "teacher": ("/me/", "/me/hours/"),
    "county": ("/county/", "/county/figures/"),
    "operator": ("/operator/", "/county/figures/"),
}
# A text of each home that must be in the chosen language.
SAID = {
    "handler": ("您現在可以結案的課程", "Your courses to close now"),
    "lead": ("一次通知所有承辦人", "Notify all of them"),
    "teacher": ("您今年有 2 次報名但未參與", "This year you enrolled 2 times and did not come"),
    "county": ("1 個單位為紅燈，無法登錄課程", "1 unit is red and cannot register courses"),
    "operator": ("燈號準時計算", "The lights are counted on time"),
}
# Text that is cut off: an element without a scroll bar of its own whose words are wider than it.
CLIPPED = """() => [...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
    && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && !e.closest('.visually-hidden, thead')).map(e => e.className)"""
# Text of a picture that is outside of it.
OUTSIDE = """() => [...document.querySelectorAll('.chart-svg')].flatMap(svg => { const field = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(t => { const r = t.getBoundingClientRect();
        return r.left < field.left - 1 || r.right > field.right + 1 || r.bottom > field.bottom + 1; }).map(t => t.textContent); })"""


@pytest.fixture
def site(site: str) -> str:
    lights.refresh()
    return site


def log_in(page: Any, site: str, who: str, language: str = "zh-hant") -> None:
    enter(page, site, who)
    User.objects.filter(email=f"{who}@demo.example").update(language=language)


@pytest.mark.parametrize("language", ["zh-hant", "en"])
@pytest.mark.parametrize("who", HOMES)
def test_a_home_is_in_the_language_and_fits_phone_and_desk(
    site: str, browser_page: Any, who: str, language: str
) -> None:
    page = browser_page
    log_in(page, site, who, language)
    for path in HOMES[who]:
        for width in (1280, 375, 320):
            page.set_viewport_size({"width": width, "height": 800})
            # Desk and phone load the page anew; the narrowest window is the phone's page made narrower.
            if width >= 375:
                page.goto(site + path)
            wide = page.evaluate("document.querySelector('main').scrollWidth")
            assert wide <= width + 1, (path, width, wide)
            assert page.evaluate(CLIPPED) == [], (path, width)
            assert page.evaluate(OUTSIDE) == [], (path, width)
        if path == HOMES[who][0]:
            expect(page.locator("main")).to_contain_text(SAID[who][language == "en"])


def test_the_clerk_comes_to_the_first_course_by_keys_alone(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "handler")
    page.goto(f"{site}/unit/")
    first = page.get_attribute(".due a.btn-primary", "href")
    page.focus("#main")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == first:
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")


def test_the_lead_notifies_all_and_is_back_home(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "lead")
    page.goto(f"{site}/unit/")
    page.click("text=一次通知所有承辦人")
    follow(page, "[data-yes]")
    expect(page.locator(".alert-success")).to_be_visible()
    assert page.url == f"{site}/unit/" and Notice.objects.filter(kind="please_close").exists()


def test_the_officer_chases_one_unit_with_one_click(site: str, browser_page: Any) -> None:
    page = browser_page
    page.set_viewport_size({"width": 375, "height": 800})
    log_in(page, site, "county")
    page.goto(f"{site}/county/?colour=red")
    follow(page, "button[name=only]")
    expect(page.locator(".alert-success")).to_be_visible()
    assert page.url == f"{site}/county/?colour=red"
    expect(page.locator("form tbody")).to_contain_text("許志明")


def test_a_picture_has_its_table_and_its_file(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "handler")
    page.goto(f"{site}/unit/figures/")
    page.click(".chart summary")
    expect(page.locator(".chart table").first).to_be_visible()
    with page.expect_download() as download:
        page.click(".chart-files a >> nth=0")
    assert download.value.suggested_filename.endswith("_light.svg")


def test_pictures_follow_the_dark_theme(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "county")
    page.goto(f"{site}/county/figures/")
    ink = "getComputedStyle(document.querySelector('.chart-fill-ink')).fill"
    light = page.evaluate(ink)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    assert page.evaluate(ink) != light


def test_the_yearly_record_prints_without_the_site_around_it(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "teacher")
    page.goto(f"{site}/me/hours/")
    page.emulate_media(media="print")
    assert not page.is_visible(".topbar") and not page.is_visible(".page-actions")
    assert page.is_visible("main table") and page.is_visible(".record-sign")
