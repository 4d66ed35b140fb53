"""The handbook: whole in both languages, true to the words of the pages, shown in the reader's language."""

import re
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from bulletin import handbook

ROOT = Path(settings.BASE_DIR)
CHINESE = ROOT / "docs/handbook"
ENGLISH = CHINESE / "en"
NAMES = sorted(path.name for path in CHINESE.glob("*.md"))
# The letter's numbering in each language.
AUDIENCES = {"業務": "Handler", "教師": "Teacher", "縣市": "County", "平臺": "Operator"}
CJK = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"`[^`\n]*`")


def outline(path: Path) -> list[str]:
    """The level of each heading, and the rows, items and pictures between them, in order."""
    shapes = [r"#+ ", r"\| ", r"\*\*", r"\d+\. ", r"[-*] ", r"!\[.*/(?P<picture>[\w-]+)\.png\)"]
    found = []
    for line in path.read_text().splitlines():
        hit = re.match("|".join(shapes), line)
        if hit:
            found.append(hit["picture"] or hit[0].strip())
    return [re.sub(r"\d+\.", "1.", shape) for shape in found]


def catalogue() -> polib.POFile:
    return polib.pofile(str(ROOT / "locale/zh_Hant/LC_MESSAGES/django.po"))


def client(language: str) -> Client:
    return Client(headers={"accept-language": language})


def test_there_is_an_english_chapter_for_each_chinese_one() -> None:
    assert len(NAMES) >= 16 and sorted(path.name for path in ENGLISH.glob("*.md")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_has_the_same_number_parts_and_pictures_in_both_languages(name: str) -> None:
    title, other = ((folder / name).read_text().splitlines()[0] for folder in (CHINESE, ENGLISH))
    chinese, english = re.match(r"# (\w+)-(\d+) ", title), re.match(r"# (\w+)-(\d+) ", other)
    assert chinese and english and (AUDIENCES[chinese[1]], chinese[2]) == (english[1], english[2])
    assert outline(CHINESE / name) == outline(ENGLISH / name)


@pytest.mark.parametrize("name", NAMES)
def test_an_english_chapter_has_chinese_only_as_what_is_typed(name: str) -> None:
    assert not CJK.findall(CODE.sub("", (ENGLISH / name).read_text()))


@pytest.mark.parametrize(
    "path", sorted(CHINESE.glob("**/*.md")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_words_in_quotes_stand_on_the_pages(path: Path) -> None:
    """A button that was renamed has its new name in the handbook."""
    known = "\n".join(
        text for entry in catalogue() for text in (entry.msgid, entry.msgstr, *entry.msgstr_plural.values())
    )
    quoted = re.findall("[“「]([^”」]+)[”」]", path.read_text())
    assert [words for words in quoted if words.strip("*") not in known] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "tag", "title"),
    [("zh-hant", "zh-Hant", "業務-6 核發時數與結案"), ("en", "en", "Handler-6 Issue hours and close")],
)
def test_index_and_chapter_are_in_the_readers_language(language: str, tag: str, title: str) -> None:
    reader = client(language)
    index = reader.get(reverse("handbook:index")).content.decode()
    assert escape(title) in index and set(
        re.findall(r'<span[^>]*class="muted small"[^>]*lang="([^"]*)"', index)
    ) == {tag}
    page = reader.get(reverse("handbook:page", args=["closing"])).content.decode()
    assert (
        f'<span lang="{tag}">{title}</span>' in page
        and f'<article class="panel handbook" lang="{tag}">' in page
    )
    assert 'src="/help/shots/close.png"' in page and "data-print" in page
    assert reader.get("/help/shots/close.png").status_code == 200
    assert reader.get("/help/shots/nothing.png").status_code == 404
    assert reader.get(reverse("handbook:page", args=["nothing"])).status_code == 404


@pytest.mark.django_db
def test_a_chapter_that_is_not_translated_is_shown_in_chinese_and_says_so(
    tmp_path: Path, monkeypatch: Any
) -> None:
    (tmp_path / "06-closing.md").write_text((CHINESE / "06-closing.md").read_text())
    monkeypatch.setattr(handbook, "FOLDER", tmp_path)
    handbook._chapters.cache_clear()
    try:
        page = client("en").get(reverse("handbook:page", args=["closing"])).content.decode()
    finally:
        handbook._chapters.cache_clear()
    assert "it is shown in Chinese" in page and '<article class="panel handbook" lang="zh-Hant">' in page


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_picture_of_a_chapter_is_there(language: str) -> None:
    with translation.override(language):
        for topic in handbook.topics().values():
            html = handbook.rendered(topic)
            assert html.count("<img") == len(topic.pictures)


def test_chinese_words_in_an_english_chapter_say_their_language() -> None:
    with translation.override("en"):
        html = handbook.rendered(handbook.topics()["operator"])
    assert '<code lang="zh-Hant">護照號碼</code>' in html and "<code>/api/v1/</code>" in html
    with translation.override("zh-hant"):
        assert "<code>同一人</code>" in handbook.rendered(handbook.topics()["operator"])
