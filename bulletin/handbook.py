"""The handbook of docs/handbook, by topic with the letter's numbering, shown inside the application and printable.

A chapter is shown in the language of the interface; one that nobody has translated yet is shown in Chinese.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from markdown_it import MarkdownIt

from kit.texts import alike

FOLDER = Path(settings.BASE_DIR) / "docs" / "handbook"
SHOTS = FOLDER / "shots"
# The language of the chapters in the folder itself, as the interface and as HTML name it.
OWN, OWN_TAG = "zh-hant", "zh-Hant"
CHINESE_WORDS = re.compile(r"<code>(?=[^<]*[\u3400-\u9fff])")
PICTURE = re.compile(r"\]\((?:\.\./)?shots/([\w-]+)\.png\)")


@dataclass(frozen=True)
class Topic:
    slug: str
    title: str
    audience: str
    text: str
    lang: str

    @property
    def pictures(self) -> list[str]:
        return PICTURE.findall(self.text)


def topics() -> Mapping[str, Topic]:
    """Return the chapters in the reader's language by their slugs, in the order of their file names."""
    return _chapters(get_language() or OWN)


@lru_cache
def _chapters(language: str) -> dict[str, Topic]:
    found = {}
    for path in sorted(FOLDER.glob("*.md")):
        translated = FOLDER / language / path.name
        there = language != OWN and translated.is_file()
        topic = _read(translated, language) if there else _read(path, OWN_TAG)
        found[topic.slug] = topic
    return found


def _read(path: Path, lang: str) -> Topic:
    """Return the chapter of a file: its first line is the title, its third says who it is for."""
    lines = path.read_text(encoding="utf-8").splitlines()
    slug = path.stem.split("-", 1)[1]
    return Topic(slug, lines[0].lstrip("# "), lines[2].strip("> "), "\n".join(lines[1:]), lang)


def rendered(topic: Topic) -> SafeString:
    """Return the chapter as HTML, without raw HTML of its own; a picture that is not there is left out."""
    text = "\n".join(line for line in topic.text.splitlines() if not _missing_picture(line))
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = re.sub(r'src="(?:\.\./)?shots/', 'src="/help/shots/', html)
    # What is typed in Chinese is read aloud in Chinese.
    return SafeString(html if topic.lang == OWN_TAG else CHINESE_WORDS.sub(f'<code lang="{OWN_TAG}">', html))


def _missing_picture(line: str) -> bool:
    return any(not (SHOTS / f"{name}.png").is_file() for name in PICTURE.findall(line))


def topics_with(words: str) -> list[Topic]:
    """Return the chapters whose title, readers or text hold all the words, however they are written."""
    wanted = alike(words).split()
    return [topic for topic in topics().values() if all(word in _searched(topic) for word in wanted)]


def _searched(topic: Topic) -> str:
    return alike(f"{topic.title} {topic.audience} {topic.text}")
