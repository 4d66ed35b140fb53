"""WCAG 2.1 AA by axe-core on every page × hat × state, at a desk and on a phone, light and dark; and no sideways scrolling."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import pages, skeletons
from tests.browser.contexts import Lend
from tests.browser.mistakes import FIELDS, MISTAKES
from tests.security.world import ROLES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = (Path(__file__).parent.parent / "vendor/axe-core-4.14.1/axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# What a theme changes is colours: the second one is judged by the rules of those tags that look at colours.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LOOK = """async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})).violations
  .flatMap(v => v.nodes.slice(0, 3).map(n => `${v.id}: ${n.target} — ${n.failureSummary.split("\\n")[1]}`))"""
# What axe judges of a page, as hashes: its elements, attributes and whether there are words, but not which words. Siblings that repeat
# count once; each kind of row or list item is a piece of its own, with the elements around it and the head of its table.
BONES = """() => {
  const lists = ["tbody", "ul", "ol", "dl", "select", "optgroup", "datalist"], kept = ["class", "role", "type", "lang", "hidden"], pieces = new Set();
  const own = e => `<${e.localName} ${[...e.attributes].map(a => kept.includes(a.name) ? `${a.name}=${a.value}` : `${a.name}${Boolean(a.value)}`).sort().join(" ")}>`;
  const bones = (e, around) => {
    const heads = e.localName === "table" ? [...e.children].filter(k => k.matches("caption, colgroup, thead")).map(k => bones(k, around)) : [];
    const inside = around + own(e) + heads.join("");
    let kids = [];
    for (const k of e.childNodes) {
      const one = k.nodeType === 1 ? (k.localName === "main" ? "main" : bones(k, inside)) : k.nodeType === 3 && k.data.trim() ? "words" : "";
      if (one && kids.at(-1) !== one) { kids.push(one); } }
    if (lists.includes(e.localName)) { kids.forEach(one => pieces.add(inside + one)); kids = kids.length ? ["filled"] : []; }
    return `${own(e)}(${kids.join("")})`; };
  const hash = text => { let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let i = 0; i < text.length; i += 1) { const c = text.charCodeAt(i); a = Math.imul(a ^ c, 2654435761); b = Math.imul(b ^ c, 1597334677); }
    return (a >>> 0).toString(16) + "-" + (b >>> 0).toString(16); };
  // The page's own part and the frame around it.
  [document.querySelector("main"), document.documentElement].filter(Boolean).forEach(part => pieces.add(bones(part, "")));
  return [...pieces].map(hash); }"""
THEN_LOOK = f"async ([theme, rules]) => {{ document.documentElement.setAttribute('data-bs-theme', theme); return ({LOOK})(rules); }}"
NARROW = {"width": 320, "height": 900}
VIEWS = [(1280, "light", TAGS), (1280, "dark", COLOURS), (375, "dark", TAGS), (375, "light", COLOURS)]


@pytest.fixture
def looker(lend: Lend, run_folder: Path) -> Any:
    _judged.file = run_folder / "judged-by-axe"
    _opened.file = run_folder / "opened-pages"
    return lend(locale="zh-TW").new_page()


class Judged:
    """The hashes of pages that were judged in this run; the workers of a run share a file of them."""

    def __init__(self) -> None:
        self.file: Path | None = None
        self._known: set[str] = set()

    def lacks(self, bones: set[str]) -> bool:
        if self.file and self.file.exists():
            self._known.update(self.file.read_text().split())
        return bool(bones - self._known)

    def add(self, bones: set[str]) -> None:
        new = bones - self._known
        self._known |= new
        if self.file and new:
            with self.file.open("a") as file:
                file.write("".join(f"{one}\n" for one in sorted(new)))


_judged = Judged()  # pieces of pages, by axe
_opened = Judged()  # skeletons of pages, for their width, too


def bring_axe(page: Any) -> None:
    """Give the page that is open axe's script, beside the site's policy, which would rightly refuse it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)


def violations(page: Any, name: str) -> list[str]:
    """What axe finds on the page that is open, in both widths and themes, and where it scrolls sideways (320 px: 400 % zoom).

    A page whose elements have all been judged before (in another state or under another hat) is judged for its width only.
    """
    if page.viewport_size != NARROW:
        page.set_viewport_size(NARROW)
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"{name} is {wide} px wide in a window of 320"] * (wide > 320)
    bones = set(page.evaluate(BONES))
    if _judged.lacks(bones):
        bring_axe(page)
        for width, theme, rules in VIEWS:
            if page.viewport_size["width"] != width:
                page.set_viewport_size({"width": width, "height": 900})
            found += [f"{name} {width} {theme} {fault}" for fault in page.evaluate(THEN_LOOK, [theme, rules])]
        page.set_viewport_size(NARROW)
    _judged.add(bones)
    return found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", pages.STATES)
def test_axe_finds_nothing(state: str, role: str, live_server: Any, looker: Any) -> None:
    world = pages.world(state)
    pages.wear(looker.context, world, role, live_server.url)
    faults, seen, opened = [], 0, 0
    for route, path, html in pages.of(world, role):
        seen += 1
        skeleton = skeletons.of_page(html)
        if _opened.lacks(skeleton):
            assert pages.opens(looker, live_server.url + path), route
            faults += violations(looker, route)
            opened += 1
            _opened.add(skeleton)
    print(f"{state} × {role}: {seen} pages, {opened} opened")
    assert seen >= 8
    assert not faults, "\n".join(faults)


def test_a_page_is_opened_again_for_other_words_elements_and_kinds_but_not_for_other_numbers() -> None:
    page = '<nav>A</nav><main><p class="one" id="p1">12 人</p><a href="/7/">看</a></main>'
    for same in (page.replace("12", "47"), page.replace("/7/", "/9/"), page.replace("p1", "p2")):
        assert skeletons.of_page(same) == skeletons.of_page(page)
    for other in (
        page.replace("人", "位"),
        page.replace("12", "120"),
        page.replace("one", "two"),
        page.replace("<p", "<b"),
    ):
        assert len(skeletons.of_page(other) - skeletons.of_page(page)) == 1
    around = page.replace("A", "B")
    assert len(skeletons.of_page(around) & skeletons.of_page(page)) == 1, "the content is the same"


def test_a_planted_fault_is_found(live_server: Any, looker: Any) -> None:
    """The twin: pale words, a field without a label and a wide block are faults."""
    looker.goto(live_server.url + "/catalogue/")
    assert not violations(looker, "catalogue")
    looker.evaluate(
        """() => { const p = document.createElement("p"); p.className = "planted"; p.textContent = "太淡的字";
        p.style.color = "#ccd"; p.style.width = "900px"; document.querySelector("main").append(p, document.createElement("input")); }"""
    )
    said = " ".join(violations(looker, "catalogue"))
    assert "color-contrast" in said and "label" in said and "px wide" in said


@pytest.mark.parametrize(("colour", "theme"), [("#212529", "dark"), ("#dee2e6", "light")])
def test_words_that_only_one_theme_hides_are_found(
    colour: str, theme: str, live_server: Any, looker: Any
) -> None:
    looker.goto(live_server.url + "/catalogue/")
    looker.evaluate(
        """colour => { const p = document.createElement("p"); p.className = `planted-${colour.slice(1)}`; p.textContent = "看不見";
        p.style.color = colour; document.querySelector("main").append(p); }""",
        colour,
    )
    found = [fault for fault in violations(looker, "catalogue") if "color-contrast" in fault]
    assert {fault.split()[1:3][1] for fault in found} == {theme} and len(found) == 2


@pytest.mark.parametrize("role", ["visitor", "teacher", "handler", "operator"])
def test_axe_finds_nothing_on_pages_with_errors(role: str, live_server: Any, looker: Any) -> None:
    """The summary is in focus, its links lead to the fields, the fields are marked as invalid with the reason."""
    world = pages.world("full")
    pages.wear(looker.context, world, role, live_server.url)
    faults = []
    for mistake in (one for one in MISTAKES if one.role == role):
        mistake.make(looker, live_server.url, world)
        faults += [f"{mistake}: {fault}" for fault in summary_faults(looker)]
        faults += violations(looker, str(mistake))
    assert not faults, "\n".join(faults)


def summary_faults(page: Any) -> list[str]:
    """What is wrong with the summary of errors of the page that is open."""
    if not page.locator("main [role=alert] li").count():
        return ["no summary"]
    found = [] if page.evaluate("document.activeElement.matches('[role=alert]')") else ["no focus"]
    fields = page.evaluate(FIELDS)
    for one in fields:
        page.locator(f"[role=alert] a[href='{one['link']}']").first.click()
        try:
            expect(page.locator(f"[id='{one['link'][1:]}']")).to_be_focused(timeout=3000)
        except AssertionError:
            found.append(f"{one['link']} leads nowhere")
        if not one["invalid"] or one["told"] not in one["described"]:
            found.append(f"{one['link']} does not say: {one['told']} ({one['described']})")
    return found
