"""A late free place in a real Chromium: from the notice to the place with one click; the way back keeps one draft."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from courses.actions import admissions
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment
from kit import clock
from tests.browser.contexts import follow, log_in
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_user,
    reference_lists,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: Any) -> str:
    reference_lists()
    return str(live_server.url)


def test_a_free_place_on_the_day_is_taken_with_one_click_and_given_back(site: str, browser_page: Any) -> None:
    page, earlier = browser_page, clock.now() - timedelta(days=2)
    course = make_course(day=clock.today(), capacity=1)
    holder = make_enrolment(course, enrolled_at=earlier)
    rows = [make_enrolment(course, make_user(), S.WAITLISTED, enrolled_at=earlier) for _ in range(2)]
    admissions.decline(course=course, by=acting(course.handler), enrolment_ids=[holder.pk])

    log_in(page.context, site, rows[1].user)
    page.goto(f"{site}/notices/")
    expect(page.locator("main")).to_contain_text("有空出的名額")
    page.click("main article .btn-primary")
    page.wait_for_url(f"**/catalogue/{course.code}/")
    follow(page, "button:has-text('接受名額')")
    expect(page.locator("#messages")).to_contain_text("報名成功，您已錄取。")
    expect(page.locator(".enrol-box")).to_contain_text("13:30 研習開始以前可取消")
    assert Enrolment.objects.get(pk=rows[1].pk).state == S.ADMITTED

    page.goto(f"{site}/me/")
    expect(page.locator("main")).to_contain_text("今天 13:30")
    page.click("text=取消報名")
    page.click("#confirm [data-yes]")
    page.wait_for_selector("text=您目前沒有即將參加的研習")
    assert Enrolment.objects.get(pk=rows[1].pk).state == S.CANCELLED


def test_the_way_back_to_a_new_course_leads_to_its_one_draft(site: str, browser_page: Any) -> None:
    page, account = browser_page, make_account()
    log_in(page.context, site, account.user)
    page.goto(f"{site}/unit/courses/new/")
    page.fill("[name=title]", "一份草稿")
    page.click(".sticky-bar button[name=go][value='2']")
    page.wait_for_url("**step=2**")
    page.go_back()
    expect(page.locator("[name=title]")).to_have_value("一份草稿")
    page.fill("[name=title]", "改了名稱")
    page.click(".sticky-bar button[name=go][value='2']")
    page.wait_for_url("**step=2**")
    assert [course.title for course in Course.objects.all()] == ["改了名稱"]
