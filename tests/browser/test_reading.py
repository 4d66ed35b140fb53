"""Pages under other conditions: on paper, whatever the screen's theme, and with wider letters, words and lines (WCAG
1.4.12).
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from courses.models import Course
from tests.browser.contexts import Lend
from tests.browser.ways import Clerk, Way, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The site's policy forbids foreign style sheets; what a reader's own browser would add goes into a sheet of the page.
SPACING = """() => { const sheet = [...document.styleSheets].pop();
  sheet.insertRule("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }", sheet.cssRules.length);
  sheet.insertRule("p { margin-bottom: 2em !important; }", sheet.cssRules.length); }"""
CLIPPED = """() => [...document.querySelectorAll("main *")].filter(e => { const s = getComputedStyle(e);
    return e.clientWidth > 1 && e.clientHeight > 1 && !e.closest(".visually-hidden, thead, svg, option")
      && ((["hidden", "clip"].includes(s.overflowX) && e.scrollWidth > e.clientWidth + 1)
       || (["hidden", "clip"].includes(s.overflowY) && e.scrollHeight > e.clientHeight + 1)); })
  .map(e => `${e.tagName.toLowerCase()}.${e.className} “${e.textContent.trim().slice(0, 20)}”`)"""
# Words on paper that are not dark on light (contrast below 4.5).
PALE = """() => { const bright = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    const part = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
    return [.2126 * part(r) + .7152 * part(g) + .0722 * part(b), a]; };
  const ground = e => { for (; e; e = e.parentElement) { const [light, solid] = bright(getComputedStyle(e).backgroundColor); if (solid) { return light; } } return 1; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Set();
  while (walker.nextNode()) { const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility({ visibilityProperty: true }) || e.closest("script, .visually-hidden")) { continue; }
    const ink = bright(getComputedStyle(e).color)[0], paper = ground(e);
    if (paper < .6 || (paper + .05) / (ink + .05) < 4.5) { found.add(`${e.className || e.tagName} “${walker.currentNode.data.trim().slice(0, 20)}”`); } }
  return [...found]; }"""
MAIN_PAGES = {
    "handler": ["/unit/", "/unit/courses/", "/unit/courses/new/?step=all"],
    "teacher": ["/me/", "/me/hours/", "/catalogue/", "/notices/"],
    "operator": ["/operator/", "/operator/policy/", "/operator/transfers/", "/county/"],
}


@pytest.fixture(params=[1280, 375])
def clerk(request: Any, lend: Lend, site: str) -> Iterator[Clerk]:
    yield from visit(lend, site, Way("zh-hant", request.param))


@pytest.mark.parametrize("who", MAIN_PAGES)
def test_wider_letters_words_and_lines_cut_nothing_off(clerk: Clerk, who: str) -> None:
    clerk.become(f"{who}@demo.example")
    faults = []
    for path in MAIN_PAGES[who]:
        clerk.open(path)
        clerk.page.evaluate(SPACING)
        faults += [f"{path} {fault}" for fault in clerk.page.evaluate(CLIPPED)]
        wide = clerk.page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{path} is {wide} px wide"] * (wide > clerk.way.width)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("clerk", [1280], indirect=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paper_is_black_on_white_without_the_site_around_it(clerk: Clerk, theme: str) -> None:
    page, faults = clerk.page, []
    closed = Course.objects.get(title="特殊教育融合班級經營")
    for who, path in (
        ("family", f"/unit/courses/{closed.code}/receipt/"),
        ("handler", "/unit/courses/"),
        ("teacher", "/me/hours/"),
    ):
        clerk.become(f"{who}@demo.example")
        clerk.open(path)
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
        dark = page.evaluate(PALE)
        assert dark or theme == "light", "the twin: on the dark screen the same look finds pale words"
        page.emulate_media(media="print")
        faults += [f"{path} {fault}" for fault in page.evaluate(PALE)]
        for around in (".topbar", ".mainnav", ".page-actions", "footer.site", ".sticky-bar", ".filters"):
            shown = page.locator(f"{around} >> visible=true").count()
            faults += [f"{path} prints {around}"] * bool(shown)
        assert page.is_visible("main table") and page.is_visible("h1")
        pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
        faults += [f"{path} takes {pages} sheets"] * (pages != 1)
        page.emulate_media(media="screen")
    assert not faults, "\n".join(faults)
