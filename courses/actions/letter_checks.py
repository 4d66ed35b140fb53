"""What an official letter must not say: the rules of 文書處理手冊 that a text can be held to. Each refusal names its field."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from courses.enums import CLOSING_PHRASES, LetterSpeed
from courses.errors import (
    AnnexAsInLetter,
    ClosingPhraseTwice,
    PhraseOfAnotherRank,
    SecrecyWithoutEnd,
    SubjectIsOneParagraph,
    UnknownLetterField,
    WordsForSuperiors,
    WornOutPhrase,
)
from kit.errors import Refusal
from kit.sentence_parts import listed
from kit.typed_texts import NumberInText, require_no_number

# The fields of a text, written {課程年度}: `courses.presenters.letters.values` gives their values.
FIELDS = ("課程年度", "期限", "單位數", "課程數", "清查名稱", "製作日期")
_FIELD = re.compile(r"\{([^{}]*)\}")
# Phrases of every rank; only one is in a letter, added to the subject.
_PHRASES = sorted(
    {*(phrase for of in CLOSING_PHRASES.values() for phrase in of), "請鑒核", "請核示", "請備查"},
    key=len,
    reverse=True,
)
_WORN_OUT = ("為荷", "請查照辦理")
# 鈞府, 鈞部: how an office writes to the one above it; a campaign goes to no one above.
_SUPERIOR = re.compile(r"鈞[府部局處署院長座]")
_AS_IN_LETTER = re.compile(r"[如詳]文")
NUMBER = re.compile(r"^[\u4e00-\u9fff\u3400-\u4dbf()（）]+字第\d{10,11}[A-Z]?號$")
TEXTS = ("subject", "items", "measures")


@dataclass(frozen=True)
class LetterFacts:
    """What a person writes into a letter."""

    issuer: str
    subject: str
    phrase: str
    items: str
    address: str = ""
    officer: str = ""
    phone: str = ""
    fax: str = ""
    mail: str = ""
    sent_on: date | None = None
    number: str = ""
    speed: str = LetterSpeed.PLAIN
    secrecy: str = ""
    secret_until: str = ""
    annexes: str = ""
    measures: str = ""
    recipients: str = ""
    copies: str = ""


def refusals_of(facts: LetterFacts, direction: str) -> Iterator[Refusal]:
    """Return the refusals of a text, each with its field."""
    for field, text in asdict(facts).items():
        if isinstance(text, str):
            try:
                require_no_number(text, field=field)
            except NumberInText as refusal:
                yield refusal
    for field in TEXTS:
        yield from _of_text(field, getattr(facts, field))
    if "\n" in facts.subject:
        yield SubjectIsOneParagraph()
    if facts.phrase not in CLOSING_PHRASES[direction]:
        yield PhraseOfAnotherRank(phrase=facts.phrase, allowed=listed(CLOSING_PHRASES[direction]))
    if _AS_IN_LETTER.search(facts.annexes):
        yield AnnexAsInLetter()
    if bool(facts.secrecy) != bool(facts.secret_until):
        yield SecrecyWithoutEnd(field="secret_until" if facts.secrecy else "secrecy")


def _of_text(field: str, text: str) -> Iterator[Refusal]:
    if unknown := [name for name in _FIELD.findall(text) if name not in FIELDS]:
        yield UnknownLetterField(
            field=field,
            names=listed(f"{{{name}}}" for name in unknown),
            known=listed(f"{{{name}}}" for name in FIELDS),
        )
    if worn_out := next((words for words in _WORN_OUT if words in text), None):
        yield WornOutPhrase(field=field, words=worn_out)
    elif phrase := next((words for words in _PHRASES if words in text), None):
        yield ClosingPhraseTwice(field=field, phrase=phrase)
    if found := _SUPERIOR.search(text):
        yield WordsForSuperiors(field=field, words=found[0])


def is_usual_number(number: str) -> bool:
    """Whether a number has the usual form 屏府教字第1120000001號; another one is only remarked on. An empty one is for the document system."""
    return not number or NUMBER.match(number) is not None


def filled(text: str, values: dict[str, str]) -> str:
    """Return a text with the values of its fields."""
    return _FIELD.sub(lambda found: values[found[1]], text)
