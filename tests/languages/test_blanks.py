"""Chinese has no blank around a name: blanks stand only between Chinese and digits or Latin letters."""

import re
from pathlib import Path

import polib
from django.conf import settings

# What is filled in is a name or another word in Chinese, never a number, a date or an address.
WORDS = "|".join(
    ["name", "unit", "who", "teacher", "to", "from", "issuer", "provider", "role", "handler", "person"]
)
CHINESE = "[\u4e00-\u9fff，。：；、！？（）「」《》]"
STRAY = re.compile(rf"%\((?:{WORDS})\)s (?={CHINESE})|(?<={CHINESE}) %\((?:{WORDS})\)s")


def test_no_blank_is_between_chinese_and_a_name() -> None:
    catalogue = polib.pofile(str(Path(settings.BASE_DIR) / "locale/zh_Hant/LC_MESSAGES/django.po"))
    texts = [text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values())]
    # The name of a parameter of the API is Latin.
    stray = [text for text in texts if STRAY.search(text) and "參數" not in text]
    assert len(texts) > 1000 and not stray


def test_the_pattern_finds_what_it_is_for() -> None:
    assert STRAY.search("自%(start)s起持有 %(unit)s 的業務帳號") and STRAY.search("%(name)s 您好")
    assert not STRAY.search("%(unit)s %(y)s 年度") and not STRAY.search(
        "持有%(unit)s的業務帳號 %(account)s 至 %(day)s 停用"
    )
