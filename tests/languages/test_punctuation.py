"""Punctuation that templates and sentences put together follows the language: “：、。” in Chinese, “: , .” in English."""

import re
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import gettext, override

ROOT = Path(settings.BASE_DIR)
# A label and its colon: `labelled` writes both. Between names: `translate ", " context "list"`.
STRAY = re.compile(r'\{% translate "[^"]*" %\}:|[、。，：；]')
# Chinese in either language: pages of errors show both, a sheet of paper is an official one, and so does the style guide.
BOTH = re.compile(r"\{% block zh %\}.*")
PAPERS = {"templates/courses/unit/sign_in_print.html", "templates/styleguide/gallery.html"}
MARKED = re.compile(r'lang="zh-Hant">[^<]*')
APPS = ("accounts", "signin", "courses", "hours", "jobs", "notices", "files", "bulletin", "kit", "api")
# Official papers and their files, and what is stored as one text for readers of any language.
CHINESE = {
    "accounts/presenters/staff.py",
    "courses/actions/reminders.py",
    "courses/presenters/letters.py",
    "courses/presenters/sign_in_sheets.py",
    "hours/presenters/certificates.py",
    "signin/education.py",
}


def stray(text: str) -> list[str]:
    return [line for line in text.splitlines() if STRAY.search(MARKED.sub("", BOTH.sub("", line)))]


def test_templates_write_no_punctuation_of_one_language() -> None:
    files = sorted((ROOT / "templates").rglob("*.*"))
    found = [
        (name, line)
        for path in files
        if (name := str(path.relative_to(ROOT))) not in PAPERS
        for line in stray(path.read_text())
    ]
    assert len(files) > 300 and not found, found


def test_sentences_put_lists_together_in_the_language_of_the_reader() -> None:
    found = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and '"、".join(' in path.read_text()
    }
    assert found == CHINESE


def test_the_pattern_finds_what_it_is_for() -> None:
    assert stray('{% translate "Contact" %}: 08') and stray("{{ unit }}。") and stray("{{ a }}、{{ b }}")
    assert not stray('{% translate "Contact"|labelled %}08') and not stray('<i lang="zh-Hant">出席、請假</i>')


def test_no_bracket_or_colon_of_english_touches_chinese_in_the_catalogue() -> None:
    """The words of the log-in library are among them: its own Chinese writes 密碼(再次輸入)."""
    catalogue = polib.pofile(str(ROOT / "locale/zh_Hant/LC_MESSAGES/django.po"))
    texts = [text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values())]
    found = [text for text in texts if re.search(r"[\u4e00-\u9fff][(:]|[)][\u4e00-\u9fff]", text)]
    assert len(texts) > 1000 and not found, found
    with override("zh-hant"):
        assert gettext("Password (again)") == "密碼（再次輸入）"
