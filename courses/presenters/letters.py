"""函（稿） as a file: one content, set for ODT and for PDF; each unit's own list; the archive of all copies.

The order of the fields, the items and the sizes are those of 文書處理手冊; the sizes of the letters are a guess.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from accounts.enums import UnitKind
from accounts.models import Unit
from courses.actions.letter_checks import LetterFacts, filled, is_usual_number
from courses.enums import LetterSpeed
from courses.models import Campaign, CampaignLetter, Course
from courses.presenters.lists import Row, day
from kit import clock, odt
from kit.clock import to_roc
from kit.odt import Form, Paragraph, Sheet
from kit.pdf import Document, Margins, made_together
from kit.pdf.glyphs import MM
from kit.tables import ods_bytes

LIST_HEADER = ["課程代碼", "研習課程名稱", "課程開始日期", "課程結束日期", "承辦人"]
TEXT, NOTE = 16, 12
LEADING, NOTE_LEADING = 25, 18
EM = TEXT * MM
# From the left margin to the middle of the page, where the sender's block begins; to the box of the file number.
MIDDLE, FILE_BOX = 80, 115
SHEET = Sheet(top=25, right=25, bottom=25, left=25, binding=15)
# More names than these fill more than a page of each copy.
MOST_NAMED = 300
SCHOOLS = (UnitKind.SCHOOL, UnitKind.UNIVERSITY)
WITH_ANNEXES = "（含附件）"
DIGITS = "〇一二三四五六七八九"
# Typed signs of a level: 一、 （一） 1、 （1）; and how the level is numbered.
_SIGNS = (
    re.compile(r"^[一二三四五六七八九十]+、"),
    re.compile(r"^[（(][一二三四五六七八九十]+[）)]"),
    re.compile(r"^[0-9０-９]+[、.．]"),
    re.compile(r"^[（(][0-9０-９]+[）)]"),
)


def first_facts(campaign: Campaign, before: CampaignLetter | None, *, same: bool) -> LetterFacts:
    """Return the text to begin with: that of this letter (`same`) or of the county's last one, otherwise a usual one.

    Date and number belong to one letter.
    """
    if before:
        names = LetterFacts.__dataclass_fields__.keys() - (set() if same else {"sent_on", "number"})
        return LetterFacts(**{name: getattr(before, name) for name in names})
    return LetterFacts(
        issuer=f"{campaign.county}政府" if campaign.county else "教育部",
        subject="有關貴校{課程年度}年度已辦畢而尚未結案之教師在職進修研習課程，請於{期限}前完成時數核發及結案",
        phrase="請查照",
        items="依教師在職進修研習課程結案之規定辦理。\n"
        "本次清查計{單位數}個單位、{課程數}門課程，貴校之課程清單如附件，亦得登入系統查閱。\n"
        "請確認參加人員名單及出席情形後核發時數；因故未開班或重複登錄之課程，請以「課程登錄錯誤」處理。\n"
        "逾期未結案之課程將影響業務帳號燈號及課程登錄功能。",
        speed=LetterSpeed.PLAIN,
        annexes="尚未結案課程清單1份",
    )


def values(campaign: Campaign, units: int, courses: int) -> dict[str, str]:
    """Return the values of the fields of a text."""
    return {
        "課程年度": str(campaign.year),
        "期限": to_roc(campaign.deadline),
        "單位數": str(units),
        "課程數": str(courses),
        "清查名稱": campaign.title,
        "製作日期": to_roc(clock.today()),
    }


def remarks(letter: CampaignLetter, units: Sequence[Unit]) -> Iterator[str]:
    """Return what is unusual in a saved letter: it is kept as it is (practice of 文書處理手冊, no rule that could refuse it)."""
    if not is_usual_number(letter.number):
        usual = _("“%(number)s” has not the usual form 屏府教字第1120000001號. It is kept as it is.")
        yield usual % {"number": letter.number}
    first = next((text for _level, _sign, text in numbered(letter.items)), "")
    if not first.startswith("依"):
        yield _("The first item usually names its basis: 依據…號函辦理. It is kept as it is.")
    if "貴校" in letter.subject + letter.items + letter.measures and not all(
        unit.kind in SCHOOLS for unit in units
    ):
        yield _("Not all units are schools: 貴單位 suits each of them better than 貴校.")
    if len(units) > MOST_NAMED and not letter.recipients:
        long = _("The original names all %(number)s units, on each copy: one clear collective is shorter.")
        yield long % {"number": len(units)}


class Letter:
    """A letter with the values of its fields, ready to be written to one unit after another."""

    def __init__(self, letter: CampaignLetter, units: Sequence[Unit], courses: int) -> None:
        self.letter = letter
        self.values = values(letter.campaign, len(units), courses)
        self.originals = letter.recipients or "、".join(unit.name for unit in units)

    def paragraphs(self, unit: Unit) -> list[Paragraph]:
        """Return the letter to a unit, field by field in their order."""
        return [*self._head(unit), *self._body(), *self._foot()]

    def _head(self, unit: Unit) -> Iterator[Paragraph]:
        letter = self.letter
        for label in ("檔號：", "保存年限："):
            yield Paragraph(label, Form(10, FILE_BOX, leading=14))
        yield Paragraph(f"{letter.issuer}　函（稿）", Form(20, align="centre", leading=36))
        sender = {"地址": letter.address, "承辦人": letter.officer, "電話": letter.phone, "傳真": letter.fax, "電子信箱": letter.mail}  # fmt: skip
        for label, value in sender.items():
            yield _labelled(label, value, NOTE, MIDDLE)
        yield _labelled("受文者", unit.name, TEXT)
        secrecy = f"{letter.secrecy}（{letter.secret_until}）" if letter.secrecy else ""
        facts = {
            "發文日期": f"中華民國{to_roc(letter.sent_on)}" if letter.sent_on else "",
            "發文字號": letter.number,
            "速別": letter.speed,
            "密等及解密條件或保密期限": secrecy,
            "附件": letter.annexes,
        }
        for label, value in facts.items():
            yield _labelled(label, value, NOTE)

    def _body(self) -> Iterator[Paragraph]:
        letter = self.letter
        subject = filled(letter.subject, self.values).rstrip("，。,. ")
        yield _labelled("主旨", f"{subject}，{letter.phrase}。", TEXT)
        yield from _section("說明", filled(letter.items, self.values))
        if letter.measures:
            yield from _section("辦法", filled(letter.measures, self.values))

    def _foot(self) -> Iterator[Paragraph]:
        # The annex is the addressee's own; who gets a copy for information gets none.
        annexes = WITH_ANNEXES if self.letter.annexes and WITH_ANNEXES not in self.originals else ""
        yield _labelled("正本", f"{self.originals}{annexes}", NOTE)
        yield _labelled("副本", "、".join(self.letter.copies.split("\n")), NOTE)


def _labelled(label: str, text: str, size: int, left: float = 0) -> Paragraph:
    """Return a field: its other lines begin behind the label."""
    # A long label would leave no room for its text.
    hanging = (min(len(label), 4) + 1) * size * MM
    leading = LEADING if size == TEXT else NOTE_LEADING
    return Paragraph(f"{label}：{text}", Form(size, left + hanging, hanging, leading=leading))


def _section(label: str, text: str) -> Iterator[Paragraph]:
    """Return a section: one item follows the label without a number, several are numbered, each level one step further in."""
    items = list(numbered(text))
    if len(items) == 1:
        yield _labelled(label, items[0][2], TEXT)
        return
    yield Paragraph(f"{label}：", Form(TEXT, leading=LEADING))
    for level, sign, item in items:
        # A Latin digit is half as wide.
        hanging = sum(0.55 if c.isascii() else 1 for c in sign) * EM
        yield Paragraph(
            sign + item, Form(TEXT, round((level + 1) * EM + hanging, 2), round(hanging, 2), leading=LEADING)
        )


def numbered(text: str) -> Iterator[tuple[int, str, str]]:
    """Return level, sign and text of each item. A line is an item; a typed sign or hyphens at its beginning give its level.

    Signs are counted anew: 一、 （一） 1、 （1）. No level is skipped.
    """
    counts: list[int] = []
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        level, item = _level_of(line)
        level = min(level, len(counts))
        counts = counts[: level + 1] if level < len(counts) else [*counts, 0]
        counts[level] += 1
        yield level, _sign(level, counts[level]), item


def _level_of(line: str) -> tuple[int, str]:
    for level, sign in enumerate(_SIGNS):
        if found := sign.match(line):
            return level, line[found.end() :].strip()
    bare = line.lstrip("-－")
    return min(len(line) - len(bare), len(_SIGNS) - 1), bare.strip()


def _sign(level: int, number: int) -> str:
    word = chinese(number) if level < 2 else str(number)
    return f"（{word}）" if level % 2 else f"{word}、"


def chinese(number: int) -> str:
    """Return a number up to 99 as items are numbered: 一, 十, 十一, 二十."""
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def as_odt(paragraphs: Sequence[Paragraph]) -> bytes:
    out = io.BytesIO()
    odt.write(out, paragraphs, SHEET)
    return out.getvalue()


def as_pdf(paragraphs: Iterable[Paragraph], title: str) -> Document:
    """Return the letter as a document that is yet to be drawn."""
    document = Document(title, margins=Margins(SHEET.top, SHEET.right, SHEET.bottom, SHEET.left))
    document.part(_binding)
    for paragraph in paragraphs:
        form = paragraph.form
        document.paragraph(
            paragraph.text,
            form.size,
            align=form.align,
            leading=form.leading,
            indent=form.left - form.hanging,
            hanging=form.left,
        )
    return document


def _binding(document: Document) -> None:
    """Draw the dotted line with 裝, 訂 and 線."""
    ends = (15.0, 80.0, 145.0, 210.0, 282.0)
    for top, bottom in zip(ends, ends[1:], strict=False):
        document.rule(SHEET.binding, top + 4, SHEET.binding, bottom - 4, dots=1)
    for word, y in zip("裝訂線", ends[1:], strict=False):
        document.words(word, SHEET.binding, y + 1.3, 10, align="centre")


def unit_list(unit: Unit, courses: Iterable[Course]) -> bytes:
    """Return a unit's own courses as an ODS, for that unit alone."""
    return ods_bytes(LIST_HEADER, map(_cells, courses), unit.name)


def _cells(course: Course) -> Row:
    return [course.code, course.title, day(course.starts_on), day(course.ends_on), course.handler.user.name]


def folder(unit: Unit) -> str:
    """Return the folder of a unit in the archive; code and level are unique, a name may hold any character."""
    return re.sub(r"[\\/:*?\"<>|]", "_", f"{unit.code}_{unit.name}_{unit.get_level_display()}")


def copies(
    letter: Letter, units: Sequence[Unit], courses: Mapping[int, Sequence[Course]]
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files of some units: the letter as ODT and PDF, and the unit's own list."""
    written = [letter.paragraphs(unit) for unit in units]
    title = letter.letter.campaign.title
    drawn = made_together([as_pdf(paragraphs, title) for paragraphs in written], clock.now())
    for unit, paragraphs, pdf in zip(units, written, drawn, strict=True):
        name = folder(unit)
        yield f"{name}/函稿.odt", as_odt(paragraphs)
        yield f"{name}/函稿.pdf", pdf
        yield f"{name}/尚未結案課程清單.ods", unit_list(unit, courses.get(unit.pk, ()))


def archive_name(campaign: Campaign) -> str:
    return f"{campaign.county or '全國'}_{campaign.year}_清查函稿"
