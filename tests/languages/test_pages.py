"""Both languages are whole: an English page has no Chinese but in its data, a Chinese page no English sentence; dates in each one's own way."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import make_user
from tests.languages.pages import CJK, is_read, latin_world, pages, read, texts
from tests.security.crawl import Answer
from tests.security.recording import Recording
from tests.security.world import ROLES

pytestmark = pytest.mark.django_db
Recorded = Callable[[str], Recording]
# Four English words in a row are a sentence; names of products and machines' words are shorter.
SENTENCE = re.compile(r"(?:\b[A-Za-z]+\b[ ,]+){3}[A-Za-z]+")
GREGORIAN = re.compile(r"\b(?:19|20)\d\d(?:[-/.年]\d{1,2}[-/.月]\d{1,2})")
ROC = re.compile(r"\b\d{2,3} ?(?:年|/)\d{1,2}(?:月|/)\d{1,2}|\bROC\b")
METHODS = ("GET", "POST")
# What people type as it is in either language.
CHINESE_IN_ENGLISH = ("無文號", "如主旨", "本縣各公立國民中小學", "請查照", "請照辦", "請辦理見復")
CHINESE_IN_ENGLISH += (
    "教師, 組長, 主任, 校長, 代理教師",
    "教務主任, 三年甲班導師",
    "業務承辦人 (",
    "單位管理者 (",
    "Write 是 ",
)


@pytest.fixture
def latin_names(settings: object) -> None:
    settings.SITE_NAME = "Training site"  # type: ignore[attr-defined]
    settings.OPERATOR_CONTACT = {"name": "Operator", "phone": "07-1", "mail": "o@localhost"}  # type: ignore[attr-defined]


@pytest.mark.once
@pytest.mark.parametrize("method", METHODS)
def test_english_pages_have_no_chinese_but_in_their_data(method: str, latin_names: None) -> None:
    world, found, asked = latin_world(), [], 0
    for where, html in pages(world, "en", method):
        asked += 1
        found += [
            (where, text) for text in texts(html) if CJK.search(_without_data(text)) or ROC.search(text)
        ]
    assert asked > 100 and not found, "\n".join(map(str, sorted(set(found))))


def _without_data(text: str) -> str:
    for known in CHINESE_IN_ENGLISH:
        text = text.replace(known, "")
    return text


@pytest.mark.parametrize("role", ROLES)
def test_chinese_pages_have_no_english_sentence_and_no_gregorian_date(role: str, recorded: Recorded) -> None:
    """Of the recorded crawl: every page, and what comes of an empty form."""
    asked, found = 0, []
    for answer in recorded(role).own():
        if is_read(role, answer.route, answer.method):
            asked += 1
            found += not_chinese(answer)
    assert asked > 40 and not found, "\n".join(map(str, sorted(set(found))))


def not_chinese(answer: Answer) -> list[tuple[str, str]]:
    """Sentences in English and Gregorian dates on a Chinese page."""
    return [
        (where, text)
        for where, html in read(answer)
        for text in texts(html)
        if SENTENCE.search(text) or GREGORIAN.search(text)
    ]


def test_an_english_sentence_planted_in_a_recorded_page_is_found(recorded: Recorded) -> None:
    page = next(answer for answer in recorded("teacher").own() if answer.route == "hours:me")
    assert not not_chinese(page)
    for planted in ("Please choose a course", "2026-11-24"):
        changed = replace(page, body=page.body.replace(b"</main>", f"<p>{planted}</p></main>".encode()))
        assert not_chinese(changed) == [("GET teacher hours:me 200", planted)]


def test_the_comparison_would_find_a_forgotten_string() -> None:
    """The twin: texts, attributes and buttons of a page are all looked at; parts marked with a language are not."""
    html = '<html lang="en"><p title="提示">通知</p><input type="submit" value="送出"><span lang="zh-Hant">中文</span><p>After it</p>'
    assert [text for text in texts(html) if CJK.search(text)] == ["提示", "通知", "送出"]
    assert texts(html)[-1] == "After it"
    assert SENTENCE.search("Please choose a course") and not SENTENCE.search("請以 Google Authenticator 掃描")
    assert GREGORIAN.search("2026-11-24") and ROC.search("115/11/24") and ROC.search("115年11月24日")


def test_the_choice_is_kept_with_the_person_and_wins_over_the_browsers() -> None:
    person, client = make_user(), Client(headers={"accept-language": "en"})
    assert "Log in" in client.get("/catalogue/").content.decode()
    client.force_login(person)
    assert "登出" in client.get("/catalogue/").content.decode(), "the person's language wins after the log-in"
    client.post("/i18n/setlang/", {"language": "en", "next": "/catalogue/"})
    person.refresh_from_db()
    assert person.language == "en" and "Log out" in client.get("/catalogue/").content.decode()
    other = Client()
    other.force_login(person)
    assert "Log out" in other.get("/catalogue/").content.decode(), "on another machine too"


def test_a_visitors_choice_is_kept_in_the_cookie_and_nonsense_is_not_taken() -> None:
    visitor, person = Client(), make_user()
    visitor.post("/i18n/setlang/", {"language": "en"})
    assert visitor.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert "Log in" in visitor.get("/catalogue/").content.decode()
    visitor.force_login(person)
    visitor.post("/i18n/setlang/", {"language": "xx"})
    visitor.get("/i18n/setlang/?language=en")
    person.refresh_from_db()
    assert person.language == "zh-hant"
