"""The layout of a template is not sent: no indents, and every tag on one line."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

from kit.template_loading import squeezed


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("<ul>\n    <li>a</li>\n</ul>\n", "<ul>\n<li>a</li>\n</ul>\n"),
        ('<a\n    href="/x/"\n    class="btn"\n>x</a>', '<a href="/x/" class="btn">x</a>'),
        ('<p\n    {% if a > b %}class="c"{% endif %}\n>', '<p {% if a > b %}class="c"{% endif %}>'),
        ('<td\n    title="{{ x|default:">" }}"\n>', '<td title="{{ x|default:">" }}">'),
        ("1 < 2\n    and 3 > 2", "1 < 2\nand 3 > 2"),
        ("甲<b>乙</b>丙", "甲<b>乙</b>丙"),
        ("甲\n    <b>乙</b>", "甲\n<b>乙</b>"),
    ],
)
def test_only_the_layout_is_dropped(source: str, sent: str) -> None:
    assert squeezed(source) == sent


def test_the_pages_of_the_site_are_loaded_without_their_indents() -> None:
    source = get_template("base.html").template.source  # type: ignore[attr-defined]
    assert "\n " not in source and "<!doctype html>" in source.lower()


def test_mails_as_text_keep_their_lines() -> None:
    engine = engines["django"]
    mail = engine.get_template("emails/layout.txt")
    assert mail.template.source == Path(mail.origin.name).read_text()


def test_no_page_has_text_whose_indents_or_lines_mean_something() -> None:
    """In `<pre>` a browser shows them, `verbatim` hands them on, and a msgid of several lines would be looked up without them."""
    lines = re.compile(r"\{% blocktranslate(?![^%]*\btrimmed\b)[^%]*%\}[^{]*\n", re.S)
    for page in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        source = page.read_text()
        assert "<pre" not in source and "{% verbatim" not in source, page
        assert not lines.search(source), page
