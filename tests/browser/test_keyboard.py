"""By the Tab key alone: on every main page the focus is seen, follows the page, reaches everything and comes out again."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from courses.models import Course
from tests.browser.contexts import Lend
from tests.browser.ways import Clerk, Way, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "handler": ["/unit/", "/unit/courses/", "/unit/courses/new/", "/unit/transfers/"],
    "teacher": ["/me/", "/catalogue/", "/notices/"],
    "county": ["/county/"],
    "operator": ["/operator/", "/operator/policy/", "/operator/transfers/"],
}
# What can take the focus: a group of radio buttons is one stop, what is folded or hidden is none.
WATCH = """() => { const look = e => { const s = getComputedStyle(e), label = e.closest("label"), l = label ? getComputedStyle(label) : s;
    // An outline of the style none is not seen, whatever its width and colour.
    const ring = s.outlineStyle === "none" ? "none" : [s.outlineStyle, s.outlineWidth, s.outlineColor].join(" ");
    return [ring, s.boxShadow, s.borderColor, l.outlineStyle, l.boxShadow].join("|"); };
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter(e =>
    e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0 && e.type !== "hidden" && (e.type !== "radio" || e.checked));
  window.walk = { all, stops: [], look, at: () => { const e = document.activeElement, last = window.walk.stops.at(-1);
    // A day has three places of its own.
    if (last && last.e === e && e.type === "date") { return true; }
    if (e === document.body || window.walk.stops.some(stop => stop.e === e)) { return false; }
    const box = e.getBoundingClientRect();
    window.walk.stops.push({ e, look: look(e), seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth });
    return true; } }; }"""
FOUND = """() => { const name = e => `${e.tagName.toLowerCase()} ${e.name || e.id || e.className} “${(e.textContent || e.value || "").trim().slice(0, 30)}”`;
  document.activeElement.blur();
  const { all, stops, look } = window.walk, wrong = [];
  stops.forEach((stop, n) => {
    if (!stop.seen) { wrong.push(`off the screen: ${name(stop.e)}`); }
    if (look(stop.e) === stop.look) { wrong.push(`the focus is not seen: ${name(stop.e)}`); }
    if (n && !(stops[n - 1].e.compareDocumentPosition(stop.e) & Node.DOCUMENT_POSITION_FOLLOWING)) { wrong.push(`out of order: ${name(stop.e)}`); } });
  all.filter(e => !stops.some(stop => stop.e === e)).forEach(e => wrong.push(`not reached: ${name(e)}`));
  return wrong; }"""
ACTIVE = "document.activeElement"


@pytest.fixture
def clerk(lend: Lend, site: str) -> Iterator[Clerk]:
    yield from visit(lend, site, Way("zh-hant", 1280))


def walk(page: Any) -> tuple[int, list[str]]:
    """How many stops the Tab key made, and what was wrong with them."""
    page.evaluate("document.activeElement.blur()")
    page.evaluate(WATCH)
    for count in range(400):
        page.keyboard.press("Tab")
        if not page.evaluate("window.walk.at()"):
            return count, list(page.evaluate(FOUND))
    raise AssertionError("the Tab key does not come to an end")


@pytest.mark.parametrize("who", PAGES)
def test_the_focus_is_seen_follows_the_page_and_reaches_everything(clerk: Clerk, who: str) -> None:
    clerk.become(f"{who}@demo.example")
    faults = []
    for path in [
        *PAGES[who],
        "/help/",
        "/person/security/",
        "/person/accounts/apply/",
        "/notices/settings/",
        "/me/hours/",
    ]:
        clerk.open(path)
        stops, wrong = walk(clerk.page)
        assert stops > 8
        faults += [f"{path} {fault}" for fault in wrong]
    assert not faults, "\n".join(faults)


def test_a_planted_fault_is_found(clerk: Clerk) -> None:
    """The twin: a link whose focus is not seen, and one that comes too early."""
    clerk.become("teacher@demo.example")
    clerk.open("/me/")
    clerk.page.evaluate(
        """() => { const [pale, first] = [0, 1].map(() => document.createElement("a")); [pale, first].forEach(a => { a.href = "/"; a.textContent = "x"; });
        pale.style.outline = "none"; first.tabIndex = 1; document.querySelector("main").append(pale, first); }"""
    )
    _, wrong = walk(clerk.page)
    assert any("not seen" in fault for fault in wrong) and any("out of order" in fault for fault in wrong)


def test_skip_link_menus_and_questions_by_keyboard(clerk: Clerk) -> None:
    page, press = clerk.page, clerk.page.keyboard.press
    clerk.become("operator@demo.example")
    clerk.open("/operator/")
    press("Tab")
    assert (
        page.evaluate(f"{ACTIVE}.matches('.skip-link')")
        and page.locator(".skip-link").bounding_box()["x"] >= 0
    )
    press("Enter")
    expect(page.locator("#main")).to_be_focused()
    press("Tab")
    assert page.evaluate(f"Boolean({ACTIVE}.closest('main'))")

    menus = page.locator("details.menu")
    assert menus.count() >= 3
    for number in range(menus.count()):
        menu = menus.nth(number)
        menu.locator("summary").focus()
        press("Enter")
        expect(menu).to_have_attribute("open", "")
        press("Tab")
        assert menu.evaluate(f"menu => menu.contains({ACTIVE}) && {ACTIVE}.tagName !== 'SUMMARY'")
        press("Escape")
        expect(menu).not_to_have_attribute("open", "")
        expect(menu.locator("summary")).to_be_focused()

    clerk.become("teacher@demo.example")
    clerk.open("/me/")
    button = page.locator("form[data-confirm] button").first
    for leave in ("Escape", "Enter"):
        button.focus()
        press("Enter")
        page.wait_for_selector("#confirm[open]")
        # The safe button has the focus; the Tab key stays among the buttons (or in the browser's own bar).
        expect(page.locator("#confirm [value=no]")).to_be_focused()
        for _ in range(5):
            press("Tab")
            assert page.evaluate(f"{ACTIVE} === document.body || Boolean({ACTIVE}.closest('#confirm'))")
        if leave == "Enter":
            page.focus("#confirm [value=no]")
        press(leave)
        page.wait_for_selector("#confirm[open]", state="detached")
        expect(button).to_be_focused()


def test_the_focus_is_at_what_came_of_an_act(clerk: Clerk) -> None:
    """At the message, else at the heading; a search and the choice of a look go on where they were."""
    page, press = clerk.page, clerk.page.keyboard.press
    clerk.become("t48@demo.example")
    clerk.open(f"/catalogue/{Course.objects.get(title='AI 融入教學實作工作坊').code}/")
    for act in ("enrol", "cancel"):
        page.focus(f"form[action$='/{act}/'] button")
        # The script of the next page, which opens the question of the next act, has run when it has loaded.
        with page.expect_navigation():
            press("Enter")
            if act == "cancel":
                page.press("#confirm[open] [data-yes]", "Enter")
        expect(page.locator("#messages .alert")).to_have_count(1)
        expect(page.locator("#messages .alert").first).to_be_focused()
    press("Tab")
    assert page.evaluate(f"Boolean({ACTIVE}.closest('main'))")

    page.focus("[name=theme]")
    with page.expect_navigation():
        page.select_option("[name=theme]", "light")
    expect(page.locator("[name=theme]")).to_be_focused()

    clerk.become("county@demo.example")
    clerk.open("/county/")
    page.focus("#f-l")
    with page.expect_navigation():
        page.select_option("#f-l", "red")
    expect(page.locator("#f-l")).to_be_focused()

    clerk.become("handler@demo.example")
    clerk.open("/unit/")
    with page.expect_navigation():
        page.locator("form[action$='/hat/']:has([name=account][value='']) button").evaluate("b => b.click()")
    expect(page.locator("h1")).to_be_focused()
