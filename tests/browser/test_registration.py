"""The registration form in a real Chromium: step by step by keyboard, with live hints, in both languages and on a phone."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import BusinessAccount, User
from courses.models import Course
from tests.browser import contexts
from tests.browser.contexts import follow
from tests.browser.test_accessibility import looker, violations
from tests.factories import make_account, make_course, reference_lists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 12, 10)
__all__ = ["looker"]
WORDS = {
    "zh-hant": {"holiday": "115年12月25日是行憲紀念日", "clash": "與「別的研習」時間重疊", "step": "第 2 步，共 6 步", "ask": "這是同一門課程嗎",
                "face": "教師看到的樣子", "done": "課程已登錄"},
    "en": {"holiday": "2026-12-25 is Constitution Day", "clash": "At the same time: “別的研習”", "step": "Step 2 of 6", "ask": "Is this the same course?",
           "face": "As teachers will see it", "done": "The course is registered"},
}  # fmt: skip


@pytest.fixture
def handler(live_server: Any) -> BusinessAccount:
    reference_lists()
    return make_account()


@pytest.fixture(params=[("zh-hant", 1280), ("en", 1280), ("zh-hant", 375)], ids=str)
def reader(
    request: Any, browser_page: Any, live_server: Any, handler: BusinessAccount
) -> Iterator[tuple[Any, dict[str, str]]]:
    """The handler's page in a language and a width; it never scrolls sideways."""
    language, width = request.param
    page = browser_page
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, live_server.url, handler, language)
    yield page, WORDS[language]
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1


def log_in(page: Any, site: str, handler: BusinessAccount, language: str = "zh-hant") -> None:
    User.objects.filter(pk=handler.user_id).update(language=language)
    contexts.log_in(page.context, site, handler.user)
    page.goto(f"{site}/unit/courses/new/")


def tab_to(page: Any, name: str) -> None:
    """The Tab key until the field has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by keyboard")


def say(page: Any, **fields: str) -> None:
    """Reach each field by Tab and type. Days and times are filled: how they are typed depends on the browser's own language."""
    for name, text in fields.items():
        name = name.replace("__", "-")
        tab_to(page, name)
        if name.endswith(("-day", "-starts", "-ends")):
            page.fill(f"[name={name}]", text)
        else:
            page.keyboard.press("Control+A")
            page.keyboard.type(text)


def enter(page: Any, step: int) -> None:
    page.keyboard.press("Enter")
    page.wait_for_url(f"**step={step}")


def by_keyboard(page: Any, title: str, day: str) -> None:
    """From the empty form to the preview without a mouse."""
    say(page, title=title)
    enter(page, 2)
    # The focus is where the step begins.
    expect(page.locator("#step-title-2")).to_be_focused()
    say(page, summary="摘要", instructors__0__name="黃教授")
    enter(page, 3)
    say(page, sessions__0__day=day, sessions__0__starts="13:30", sessions__0__ends="16:30", place="視聽教室")
    enter(page, 4)
    say(page, audience="國中教師")
    tab_to(page, "stages")
    page.keyboard.press("Space")
    enter(page, 5)
    say(page, contact_phone="08-8642009")
    enter(page, 6)


def test_a_course_is_registered_by_keyboard_alone(reader: tuple[Any, dict[str, str]]) -> None:
    page, words = reader
    by_keyboard(page, "鍵盤登錄的研習", "2026-12-10")
    expect(page.locator(".face")).to_contain_text(words["face"])
    expect(page.locator(".face")).to_contain_text("黃教授")
    expect(page.locator(".todo")).to_have_count(0)
    tab_to(page, "register")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={words['done']}")
    assert Course.objects.get(title="鍵盤登錄的研習").state == "registered"


def test_hints_come_while_typing_and_go_when_mended(
    reader: tuple[Any, dict[str, str]], handler: BusinessAccount
) -> None:
    page, words = reader
    other = make_course(handler, day=DAY, title="別的研習")
    say(page, title="提醒")
    enter(page, 2)
    expect(page.locator("main")).to_contain_text(words["step"])
    page.click(".stepper button[value='3']")
    page.wait_for_url("**step=3")
    page.fill("[name=sessions-0-starts]", "13:30")
    page.fill("[name=sessions-0-ends]", "16:30")
    page.fill("[name=sessions-0-day]", "2026-12-25")
    page.keyboard.press("Tab")
    page.wait_for_selector(f"#hints_sessions-0:has-text('{words['holiday']}')")
    expect(page.locator("[role=status]#checks-said")).to_contain_text(words["holiday"])
    page.fill("[name=sessions-0-day]", DAY.isoformat())
    page.keyboard.press("Tab")
    page.wait_for_selector(f"#hints_sessions-0:has-text('{words['clash']}')")
    hints = page.locator("#hints_sessions-0")
    expect(hints).not_to_contain_text(words["holiday"])
    expect(hints.locator("a")).to_have_attribute("href", re.compile(f"/unit/courses/{other.code}/$"))


def test_a_duplicate_has_to_be_confirmed_before_it_is_registered(
    reader: tuple[Any, dict[str, str]], handler: BusinessAccount
) -> None:
    page, words = reader
    make_course(handler, day=DAY, title="素養導向研習")
    by_keyboard(page, "素養導向 研習", DAY.isoformat())
    expect(page.locator(".panel.ask")).to_contain_text(words["ask"])
    follow(page, "[name=register]")
    expect(page.locator(".alert-danger")).to_be_visible()
    assert Course.objects.get(title="素養導向 研習").state == "draft"
    tab_to(page, "another_course")
    page.keyboard.press("Space")
    page.click("[name=register]")
    page.wait_for_selector(f"text={words['done']}")


def test_rows_come_and_go_by_keyboard_and_the_focus_stays_near(
    browser_page: Any, live_server: Any, handler: BusinessAccount
) -> None:
    page = browser_page
    draft = make_course(handler, day=DAY, state="draft")
    log_in(page, live_server.url, handler)
    page.goto(f"{live_server.url}/unit/courses/{draft.code}/edit/?step=3")
    tab_to(page, "more")
    page.keyboard.press("Enter")
    expect(page.locator("[name=sessions-1-day]")).to_be_focused()
    page.fill("[name=sessions-1-day]", "2026-12-11")
    page.fill("[name=sessions-1-starts]", "09:00")
    page.fill("[name=sessions-1-ends]", "12:00")
    page.fill("[name=repeat_weeks]", "2")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[name=sessions-3-day]")).to_be_visible()
    assert draft.sessions.count() == 4
    page.locator("[data-formset=sessions] [data-formset-remove]").nth(3).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=sessions-3-day]")).to_be_hidden()
    expect(page.locator(":focus")).to_have_text(re.compile(r"^\s*移除\s+場次\s+3\s*$"))
    page.click(".step-foot button[name=go] >> nth=1")
    page.wait_for_url("**step=4")
    assert draft.sessions.count() == 3


def test_an_error_takes_the_focus_and_leads_to_its_field(
    browser_page: Any, live_server: Any, handler: BusinessAccount
) -> None:
    page = browser_page
    draft = make_course(handler, day=DAY, state="draft")
    log_in(page, live_server.url, handler)
    page.goto(f"{live_server.url}/unit/courses/{draft.code}/edit/?step=5")
    page.fill("[name=contact_mail]", "no mail")
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-danger")
    expect(page.locator(".alert-danger")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=contact_mail]")).to_be_focused()
    expect(page.locator(".stepper [aria-current=step]")).to_contain_text("待修正")


def test_leaving_with_something_typed_is_warned_about(
    browser_page: Any, live_server: Any, handler: BusinessAccount
) -> None:
    page = browser_page
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.type), dialog.accept()))
    log_in(page, live_server.url, handler)
    page.click("[name=title]")
    page.keyboard.type("還沒存")
    page.keyboard.press("Tab")
    page.click("text=離開")
    page.wait_for_url("**/unit/courses/")
    assert said == ["beforeunload"]


def test_axe_finds_nothing_on_any_step_with_hints_questions_and_errors(
    looker: Any, live_server: Any, handler: BusinessAccount
) -> None:
    page, holiday = looker, date(2026, 12, 25)
    make_course(handler, day=holiday, title="素養導向研習")
    make_course(handler, day=holiday, title="別的研習")
    draft = make_course(handler, day=holiday, title="素養導向研習", state="draft", summary="", place="")
    log_in(page, live_server.url, handler)
    faults = []
    for step in ("1", "2", "3", "4", "5", "6", "all"):
        page.goto(f"{live_server.url}/unit/courses/{draft.code}/edit/?step={step}")
        faults += violations(page, step)
    page.goto(f"{live_server.url}/unit/courses/{draft.code}/edit/?step=5")
    page.fill("[name=contact_mail]", "no mail")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".alert-danger")).to_be_focused()
    assert not faults + violations(page, "errors")
