"""One word for one thing: words that schools do not use, or that said the same in two ways, do not come back."""

from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext

from signin.library_words import WORDS

ROOT = Path(__file__).resolve().parents[2]
# The retired word → the word to use.
RETIRED = {
    "復原碼": "備用碼",
    "復原代碼": "備用碼",
    "恢復碼": "備用碼",
    "第二步": "兩步驟驗證",
    "二階段": "兩步驟驗證",
    "二階驗證": "兩步驟驗證",
    "雙重驗證": "兩步驟驗證",
    "驗證器代碼": "6 位數驗證碼",
    "換上業務帳號": "切換至業務帳號",
    "待命": "尚未啟用",
    "占有名額": "已錄取",
    "寫入更正": "確認更正",
    "終止": "停用",
    "註銷": "課程登錄錯誤",
    "異議": "時數疑義",
    "申訴": "申請複查",
    "現場加入": "現場報名",
    "未報名而到場": "未報名到場",
    "校內管理者": "單位管理者",
    "教育體系登入": "教育雲端／縣市帳號登入",
    "催辦": "通知結案",
    "已結束尚未結案": "待核發時數",
    "對象身分": "研習對象",
    "還不認得": "查無與此登入對應的帳號",
    "是，繼續": "the act",
    "否，返回": "the act",
    "登入時間過長": "登入逾時",
    "兩地登入": "於兩處登入",
    "成功以": "您已登入",
    "身份": "身分",
    "你": "您",
    "停辦": "因故未開班",
    "課程未辦理": "因故未開班",
    "結束帳號": "停用帳號",
    "帳號已結束": "帳號已停用",
    "至少於": "少於: it reads as “at least”",
}


def texts() -> dict[str, str]:
    """Every Chinese text of the interface and the handbook: where → text."""
    found = {}
    for entry in polib.pofile(str(ROOT / "locale/zh_Hant/LC_MESSAGES/django.po")):
        found[entry.msgid] = entry.msgstr or entry.msgstr_plural.get(0, "")
    for pattern in ("docs/handbook/*.md", "README.zh-Hant.md", "templates/**/*.html", "templates/**/*.txt"):
        for path in ROOT.glob(pattern):
            found[str(path.relative_to(ROOT))] = path.read_text()
    return found


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_stays_away(word: str) -> None:
    where = [f"{name[:70]} → {RETIRED[word]}" for name, text in texts().items() if word in text]
    assert where == []


@pytest.mark.parametrize("sentence", WORDS)
def test_sentences_of_the_log_in_library_use_the_words_of_the_interface(sentence: str) -> None:
    """Ours goes before the library's own."""
    with translation.override("zh-hant"):
        said = gettext(sentence)
    assert said != sentence and not any(word in said for word in RETIRED)
