"""When things are slow, off, or done twice: a double click acts once, the back button finds a usable form, off line nothing is lost."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from courses.models import Course, TransferRequest, YearlyPolicy
from hours.models import HourCredit, Objection
from kit import clock
from notices.models import Notice
from tests.browser.acts import course_named, form_to
from tests.browser.contexts import Lend
from tests.browser.ways import Clerk, Way, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW = 0.4


@pytest.fixture
def clerk(lend: Lend, site: str) -> Iterator[Clerk]:
    yield from visit(lend, site, Way("zh-hant", 1280))


@pytest.fixture
def sent(clerk: Clerk) -> list[str]:
    """The forms that the browser has sent, each with a slow response."""
    posts: list[str] = []

    def slowly(route: Any) -> None:
        if route.request.method == "POST" and "checks" not in route.request.url:
            posts.append(route.request.url)
            time.sleep(SLOW)
        route.continue_()

    clerk.page.route("**/*", slowly)
    return posts


# Two clicks, the second while the first is on its way: never so late that it meets the next page.
TWICE = "button => { button.click(); setTimeout(() => button.click(), 60); }"


def twice(clerk: Clerk, selector: str) -> None:
    """Click twice while the first request is under way; confirm twice as well."""
    button = clerk.page.locator(selector).first
    asked = button.evaluate("b => Boolean(b.dataset.confirm || (b.form && b.form.dataset.confirm))")
    with clerk.page.expect_navigation():
        if asked:
            button.click()
            clerk.page.locator("#confirm[open] [data-yes]").evaluate(TWICE)
        else:
            button.evaluate(TWICE)
    clerk.page.wait_for_load_state()
    clerk.look()


def policy(clerk: Clerk) -> Callable[[], bool]:
    clerk.open("/operator/policy/")
    clerk.fill(reason="試行")
    clerk.press("main form.panel[method=post] button[type=submit]")
    return lambda: YearlyPolicy.objects.filter(year=clock.this_year()).count() == 1


def transfer(clerk: Clerk) -> Callable[[], bool]:
    clerk.open("/unit/transfers/")
    clerk.tick("main [name=course]")
    clerk.fill(reason="接辦")
    return lambda: TransferRequest.objects.filter(reason="接辦").count() == 1


def told(clerk: Clerk) -> Callable[[], bool]:
    clerk.open("/unit/courses/?state=registered")
    before = Notice.objects.filter(kind="please_close").count()
    clerk.tick("main [name=course]")
    return lambda: Notice.objects.filter(kind="please_close").count() == before + 1


def seat(clerk: Clerk) -> Callable[[], bool]:
    course = course_named("AI 融入教學實作工作坊")
    clerk.open(f"/catalogue/{course.code}/")
    return lambda: Course.objects.get(pk=course.pk).seats_taken == 36


def correction(clerk: Clerk) -> Callable[[], bool]:
    course = course_named("特殊教育融合班級經營")
    clerk.open(f"/unit/courses/{course.code}/corrections/")
    box = clerk.unfold("form:has([name=enrolment])")
    box.locator("[name=hours]").fill("1")
    box.locator("[name=reason]").fill("早退")
    return lambda: HourCredit.objects.filter(reason="早退").count() == 1


def draft(clerk: Clerk) -> Callable[[], bool]:
    clerk.open("/unit/courses/new/")
    clerk.fill(title="只登錄一次")
    return lambda: Course.objects.filter(title="只登錄一次").count() == 1


KINDS = {
    "a plain form": ("operator", policy, "main form.panel[method=post] button[type=submit]"),
    "a form with boxes": ("handler", transfer, form_to("/unit/transfers/request/")),
    "the bar at the foot": ("lead", told, "main .sticky-bar button[type=submit]"),
    "a form with a question": ("teacher", seat, form_to("/cancel/")),
    "a form in a row": ("family", correction, "main details[open] form button[type=submit]"),
    "a step": ("family", draft, ".step-foot button[name=go]"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_double_click_acts_once(clerk: Clerk, sent: list[str], kind: str) -> None:
    who, prepare, button = KINDS[kind]
    clerk.become(f"{who}@demo.example")
    holds = prepare(clerk)
    sent.clear()
    twice(clerk, button)
    assert len(sent) == 1, sent
    assert holds()


def test_the_back_button_finds_a_usable_form(clerk: Clerk) -> None:
    clerk.become("handler@demo.example")
    clerk.open("/unit/transfers/")
    first, second = clerk.page.locator("main [name=course]").evaluate_all(
        "all => all.slice(0, 2).map(box => box.value)"
    )
    for box in (first, second):
        clerk.page.locator("main [name=course]:checked").evaluate_all(
            "all => all.forEach(one => { one.checked = false; })"
        )
        clerk.tick(f"main [name=course][value='{box}']")
        clerk.fill(reason="接辦")
        clerk.press(form_to("/unit/transfers/request/"))
        assert TransferRequest.objects.filter(course=box).count() == 1
        clerk.page.go_back()
        clerk.page.wait_for_selector("main [name=reason]")


def test_off_line_nothing_is_sent_and_nothing_is_lost(clerk: Clerk) -> None:
    page = clerk.page
    clerk.become("teacher@demo.example")
    clerk.open("/me/")
    form = "form[action*='/me/objections/'] >> nth=0"
    clerk.unfold("form[action*='/me/objections/']")
    text = page.locator("details[open] form [name=text]")
    text.fill("當天有簽到，請查明")
    clerk.context.set_offline(True)
    page.wait_for_selector("#offline:visible")
    page.locator("details[open] form button").click()
    assert page.url.endswith("/me/") and page.is_visible("#offline")
    assert text.input_value() == "當天有簽到，請查明" and page.locator(form).count()
    assert page.locator("#offline").bounding_box()["y"] < 800
    clerk.context.set_offline(False)
    page.wait_for_selector("#offline", state="hidden")
    clerk.press("details[open] form button")
    assert Objection.objects.filter(text="當天有簽到，請查明").count() == 1
