"""The story in a real Chromium: a clerk closes with the keyboard alone, registration opens, the rest follows."""

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from courses.models import Course, TransferRequest
from courses.queries.lights import light_of, teacher_light
from hours.models import Closing
from tests.browser import contexts
from tests.browser.contexts import follow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def log_in(page: Any, site: str, who: str) -> None:
    contexts.log_in(page.context, site, User.objects.get(email=f"{who}@demo.example"))


def test_red_close_one_with_the_keyboard_alone_then_yellow_and_registration_open(
    site: str, browser_page: Any
) -> None:
    page = browser_page
    course = Course.objects.get(title="資通安全與個資保護研習")
    absent = course.enrolments.get(user__name="張雅婷")
    log_in(page, site, "handler")
    page.goto(f"{site}/")
    expect(page.locator(".light-panel")).to_contain_text("紅燈")
    page.goto(f"{site}/unit/courses/{course.code}/close/")

    # Keys only from here: to the absent teacher, a space, one hour less for the next person, then close.
    page.focus(f"#hours_{page.evaluate('document.querySelector(`[data-hours]`).id.slice(6)')}")
    for _ in range(30):
        if page.evaluate("document.activeElement.id") == f"hours_{absent.pk}":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.wait_for_selector('[data-total="absent"]:text-is("1")')
    page.keyboard.press("ArrowUp")
    page.keyboard.type("2.5")
    page.wait_for_selector('[data-total="hours"]:text-is("35.5")')
    page.keyboard.press("Enter")
    for _ in range(60):
        if page.evaluate("document.activeElement.hasAttribute('data-closing-submit')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#close-dialog[open]")
    expect(page.locator("#close-dialog")).to_contain_text("張雅婷")
    expect(page.locator("#close-dialog")).to_contain_text("課程登錄功能將恢復開放")
    page.keyboard.press("Enter")

    page.wait_for_url("**/receipt/")
    expect(page.locator(".light-panel")).to_contain_text("黃燈")
    expect(page.locator(".light-panel")).to_contain_text("課程登錄功能開放中")
    closing = Closing.objects.get(course=course)
    assert (closing.attended, closing.absent, closing.hours_total) == (12, 1, 35.5)
    assert teacher_light(absent.user_id).colour == "red"
    page.goto(f"{site}/unit/courses/new/")
    assert "課程登錄功能已關閉" not in page.content()


def test_transfer_requested_and_approved(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "handler")
    page.goto(f"{site}/unit/transfers/")
    page.locator("tr:has-text('王建國') input[name=course]").first.check()
    page.fill("[name=reason]", "王師離職，由本人接辦")
    page.click("text=送出申請")
    page.wait_for_selector("text=已送出 1 件申請")
    log_in(page, site, "operator")
    page.goto(f"{site}/operator/transfers/")
    page.locator("tr:has-text('陳怡君') input[name=transfer]").check()
    page.click("button[value=approve]")
    expect(page.locator("#confirm-text")).to_contain_text("1")
    expect(page.locator("#confirm-list")).to_contain_text("王建國 → 陳怡君")
    expect(page.locator("#confirm [value=no]")).to_have_text("返回")
    page.click("#confirm [value=no]")
    assert (
        not TransferRequest.objects.exclude(state="pending").filter(to_account__user__name="陳怡君").exists()
    )
    page.click("button[value=approve]")
    page.click("dialog[open] [data-yes]")
    page.wait_for_selector("text=已移轉 1 門課程")
    assert Course.objects.filter(handler__user__name="王建國").unclosed().count() == 1


def test_withdrawal_with_a_reason(site: str, browser_page: Any) -> None:
    page = browser_page
    course = Course.objects.get(title="家庭教育親職溝通工作坊")
    log_in(page, site, "lead")
    page.goto(f"{site}/unit/courses/{course.code}/withdraw/")
    page.check("input[value=not_held]")
    page.click("main button.btn-danger")
    page.wait_for_url(lambda url: not url.endswith("/withdraw/"))
    expect(page.locator("main")).to_contain_text("登錄錯誤")
    assert light_of(course.unit).colour == "yellow"


def test_a_teacher_takes_one_of_the_last_places_and_gives_it_back(site: str, browser_page: Any) -> None:
    page = browser_page
    course = Course.objects.get(title="AI 融入教學實作工作坊")
    User.objects.filter(email="t48@demo.example").get()
    log_in(page, site, "t48")
    page.goto(f"{site}/catalogue/?q=AI")
    follow(page, f"text={course.title}")
    follow(page, ".enrol-box form button")
    expect(page.locator("#messages")).to_contain_text("報名成功")
    expect(page.locator("main")).to_contain_text("尚餘 2 個名額")
    page.click("text=取消報名")
    page.click("dialog[open] [data-yes]")
    page.wait_for_selector("text=已取消報名")
    course.refresh_from_db()
    assert course.seats_taken == 37


def test_the_registration_form_adds_sessions_and_registers(site: str, browser_page: Any) -> None:
    page = browser_page
    log_in(page, site, "family")
    page.goto(f"{site}/unit/courses/new/?step=all")
    for name, value in {
        "title": "瀏覽器登錄的課程", "summary": "摘要", "audience": "教師", "place": "一樓", "contact_phone": "08-1",
        "sessions-0-day": "2026-12-20", "sessions-0-starts": "09:00", "sessions-0-ends": "12:00", "instructors-0-name": "黃教授",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    page.click("[data-formset-add=sessions]")
    for name, value in {
        "sessions-1-day": "2026-12-21",
        "sessions-1-starts": "09:00",
        "sessions-1-ends": "12:00",
    }.items():
        page.fill(f"[name={name}]", value)
    page.locator("[name=stages]").first.check()
    page.click("button[name=register]")
    page.wait_for_selector("text=課程已登錄")
    assert Course.objects.get(title="瀏覽器登錄的課程").sessions.count() == 2


@pytest.mark.parametrize("path", ["/catalogue/", "/me/", "/help/"])
def test_pages_fit_a_phone(site: str, browser_page: Any, path: str) -> None:
    page = browser_page
    page.set_viewport_size({"width": 375, "height": 800})
    log_in(page, site, "teacher")
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 376


def test_the_api_page_obeys_the_content_security_policy(site: str, browser_page: Any) -> None:
    browser_page.goto(f"{site}/api/v1/docs/")
    browser_page.wait_for_selector(".swagger-ui .info", timeout=20000)
