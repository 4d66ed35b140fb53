"""The ways to use the site, and a driver for each: language, width, a phone's finger, a browser without JavaScript.

Hands know no words: they find fields, buttons and links by name, value, action and address, so that one act serves every way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import trans_real

from accounts.models import User
from tests.browser.contexts import Lend, log_in

# Every visible piece of text, except elements marked as another language.
PIECES = """() => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Set();
  while (walker.nextNode()) { const at = walker.currentNode.parentElement, words = walker.currentNode.data.trim().replace(/\\s+/g, " ");
    if (words && !at.closest("script, style, template, noscript, body [lang]")) { found.add(words); } }
  return [...found]; }"""
# Rows of a table that became cards on a phone, and are wider than it.
WIDE_CARDS = """() => [...document.querySelectorAll(".table-responsive:has(> .stacked)")].filter(e => e.scrollWidth > e.clientWidth + 1)
  .map(e => e.textContent.trim().slice(0, 20))"""
# Where the focus is, and whether there are messages. The browser begins at a fragment of the address, and errors come before messages.
RESULT = """() => { const at = document.activeElement, first = document.querySelector("#messages .alert");
  const place = at === document.body ? "" : at === first || at.matches("[data-errors]") ? "message" : "another";
  return [place, Boolean(first) && !location.hash]; }"""
# What a card's cell holds, but lies below the label instead of beside it.
STRAY = """() => [...document.querySelectorAll(".stacked td[data-label] > *")].filter(e => getComputedStyle(e.parentElement).display === "grid"
  && e.getBoundingClientRect().width && e.getBoundingClientRect().left < e.parentElement.getBoundingClientRect().left + 60).map(e => e.textContent.trim().slice(0, 20))"""
ASKS = "button => Boolean(button.dataset.confirm || (button.form && button.form.dataset.confirm))"
# Names of units, of the reference lists, of duties and of ready-made questions are data, and happen to be words of the catalogue too.
DATA = {"國民小學", "幼兒園", "教師", "主任", "教育部", "全部", "交通方式", "備註"}
PLACE = re.compile(r"%\(\w+\)s|%%")
HAN, LATIN_SENTENCE = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"\b[A-Za-z]?[a-z]+ [a-z]{2,} [a-z]{2,}")
MIXED_STOP = re.compile(r"[a-z] ?[。；]")


@dataclass(frozen=True)
class Way:
    language: str
    width: int
    script: bool = True
    keys: bool = False

    @property
    def is_phone(self) -> bool:
        return self.width < 600

    def __str__(self) -> str:
        how = ("" if self.script else "-without-script") + ("-by-keys" if self.keys else "")
        return f"{self.language}-{self.width}{how}"


# Chinese at a desk is tests/browser/test_story.py.
WAYS = [Way("en", 1280), Way("zh-hant", 375), Way("zh-hant", 1280, script=False), Way("en", 375)]
# The registers, by keyboard alone: what can be pressed has the focus first.
REGISTER_WAYS = [Way("zh-hant", 375, keys=True), Way("en", 375, keys=True)]


@cache
def _sentences() -> tuple[frozenset[str], list[re.Pattern[str]]]:
    """The Chinese of the catalogue: whole pieces, and those with gaps."""
    words = trans_real.translation("zh-hant")._catalog  # type: ignore[attr-defined]
    texts = {text for _, text in words.items() if isinstance(text, str) and len(HAN.findall(text)) >= 2}
    gaps = [text for text in texts if PLACE.search(text)]
    patterns = [re.compile(".*".join(map(re.escape, PLACE.split(text)))) for text in gaps]
    return frozenset(texts - DATA), patterns


@cache
def is_foreign(piece: str, language: str) -> bool:
    """Whether a piece of a page is the interface's own text in the other language. Titles and names are Chinese in both."""
    if language != "en":
        return bool(LATIN_SENTENCE.search(piece))
    whole, gaps = _sentences()
    return piece in whole or bool(MIXED_STOP.search(piece)) or any(gap.fullmatch(piece) for gap in gaps)


@dataclass
class Clerk:
    """A person at a browser. After each step the page is checked: language, width, nothing untranslated, no error on the
    console.
    """

    context: Any
    site: str
    way: Way
    faults: list[str] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on(
            "console",
            lambda said: said.type == "error" and self.faults.append(f"{self.page.url}: {said.text}"),
        )

    def become(self, email: str) -> User:
        """Log in by a session, without the log-in page."""
        user = User.objects.get(email=email)
        log_in(self.context, self.site, user)
        return user

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)
        self.look()

    def look(self) -> None:
        self.seen += 1
        language = self.page.get_attribute("html", "lang")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        foreign = [piece for piece in self.page.evaluate(PIECES) if is_foreign(piece, self.way.language)]
        if language != ("en" if self.way.language == "en" else "zh-Hant-TW"):
            self.faults.append(f"{self.page.url} is in {language}")
        if wide > self.way.width:
            self.faults.append(f"{self.page.url} is {wide} px wide")
        if self.way.is_phone and self.way.script:
            self.faults += [f"{self.page.url} has wide cards: {c}" for c in self.page.evaluate(WIDE_CARDS)]
            self.faults += [f"{self.page.url} has under its label: {c}" for c in self.page.evaluate(STRAY)]
        self.faults += [f"{self.page.url} mixes languages: {piece}" for piece in foreign]

    def hit(self, spot: Any) -> None:
        if self.way.keys:
            self._key(spot, "Enter")
        elif self.way.is_phone:
            spot.tap()
        else:
            spot.click()

    def tick(self, selector: str) -> None:
        box = self.page.locator(selector).first
        if self.way.keys:
            self._key(box, "Space")
            assert box.is_checked()
        else:
            box.check()

    def _key(self, spot: Any, key: str) -> None:
        """Press a key on what can be seen and has the focus."""
        spot.wait_for(state="visible")
        spot.focus()
        assert spot.evaluate("e => document.activeElement === e"), f"{self.page.url}: no focus"
        self.page.keyboard.press(key)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"main [name='{name.replace('__', '-')}']", value)

    def unfold(self, selector: str) -> Any:
        """Open the <details> that holds something."""
        box = self.page.locator(f"details:has({selector})").last
        if box.get_attribute("open") is None:
            self.hit(box.locator("summary").first)
        return box

    def follow(self, selector: str) -> None:
        """Go where a link leads."""
        with self.page.expect_navigation():
            self.hit(self.page.locator(selector).first)
        self.look()

    def press(self, selector: str) -> None:
        """Press a button that sends a form, and confirm the dialog before it, if there is one.

        The page that comes has the focus at what came of it.
        """
        button = self.page.locator(selector).first
        asked = self.way.script and button.evaluate(ASKS)
        with self.page.expect_navigation():
            self.hit(button)
            if asked:
                self.hit(self.page.locator("#confirm[open] [data-yes]"))
        self.look()
        self._find_the_result(selector)

    def _find_the_result(self, selector: str) -> None:
        """The focus is at the message, where there is one. Without a script no other place is demanded."""
        for _ in range(40):
            at, messages = self.page.evaluate(RESULT)
            if at == "message" or (not messages and (at or not self.way.script)):
                return
            self.page.wait_for_timeout(25)
        self.faults.append(f"{self.page.url}: no focus at the result of {selector}")


def visit(lend: Lend, site: str, way: Way) -> Iterator[Clerk]:
    """A clerk in a browser of one's own; faults found on the way fail the test."""
    context = lend(
        viewport={"width": way.width, "height": 800},
        locale="en-GB" if way.language == "en" else "zh-TW",
        java_script_enabled=way.script,
        has_touch=way.is_phone,
        is_mobile=way.is_phone,
    )
    clerk = Clerk(context, site, way)
    yield clerk
    assert not clerk.faults, "\n".join(sorted(set(clerk.faults)))
