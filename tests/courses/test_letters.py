"""函（稿）: the order of its fields, items, closing phrase by rank, addressees, and an archive without other schools' people."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any
from unittest import mock
from xml.etree import ElementTree

import pypdf
import pytest
import python_calamine
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.enums import SchoolType, UnitKind
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import letters
from courses.actions.letter_checks import LetterFacts, is_usual_number, refusals_of
from courses.errors import LetterChanged, NoLetterYet, NothingToAsk, NotYourCampaign, PhraseOfAnotherRank
from courses.models import Campaign, CampaignLetter
from courses.presenters import letters as words
from courses.queries import letters as queries
from files import storage
from jobs import runner
from jobs.files import result_of
from tests.courses.test_campaigns import begun, school
from tests.factories import acting, close, make_county, make_course, make_officer

FACTS = LetterFacts(
    issuer="屏東縣政府",
    subject="有關貴校{課程年度}年度研習課程結案一案，請於{期限}前完成",
    phrase="請查照",
    items="依據教育部112年3月1日臺教師（三）字第11200000001號函辦理。\n相關事項如下：\n-請核發時數。\n-未開班者，請註銷。\n逾期者列管。",
    annexes="尚未結案課程清單1份",
    copies="本府教育處",
)


@pytest.fixture
def two_schools(db: None) -> tuple[BusinessAccount, Campaign, list[BusinessAccount]]:
    officer = make_officer()
    handlers = [
        school(officer.unit.county, name=name)
        for name in ("屏東縣立萬新國民中學", "屏東縣瑪家鄉長榮百合國民小學")
    ]
    campaign = begun(acting(officer))
    letters.save(by=acting(officer), campaign=campaign, facts=FACTS, version=0)
    return officer, campaign, handlers


def text_of(campaign: Campaign, number: int = 0) -> list[str]:
    units = queries.addressees(campaign)
    letter = words.Letter(CampaignLetter.objects.get(campaign=campaign), units, 4)
    return [paragraph.text for paragraph in letter.paragraphs(units[number])]


def test_the_fields_are_in_the_order_of_an_official_letter(two_schools: Any) -> None:
    _officer, campaign, _handlers = two_schools
    labels = [re.split("：|　", text)[0] for text in text_of(campaign)]
    assert labels[:14] == [
        "檔號", "保存年限", "屏東縣政府", "地址", "承辦人", "電話", "傳真", "電子信箱", "受文者", "發文日期", "發文字號", "速別",
        "密等及解密條件或保密期限", "附件",
    ]  # fmt: skip
    assert labels[14] == "主旨" and labels[15] == "說明" and labels[-2:] == ["正本", "副本"]
    assert text_of(campaign)[2] == "屏東縣政府　函（稿）"


def test_date_number_file_number_and_secrecy_stay_empty_unless_typed(two_schools: Any) -> None:
    officer, campaign, _handlers = two_schools
    empty = {"檔號：", "保存年限：", "發文日期：", "發文字號：", "密等及解密條件或保密期限："}
    assert empty < set(text_of(campaign))
    typed = replace(
        FACTS,
        sent_on=date(2026, 11, 26),
        number="屏府教字第1150000001號",
        secrecy="密",
        secret_until="本件於結案後解密",
    )
    letters.save(by=acting(officer), campaign=campaign, facts=typed, version=1)
    assert {
        "發文日期：中華民國115年11月26日",
        "發文字號：屏府教字第1150000001號",
        "密等及解密條件或保密期限：密（本件於結案後解密）",
    } < set(text_of(campaign))


def test_only_the_addressee_differs_from_copy_to_copy(two_schools: Any) -> None:
    _officer, campaign, handlers = two_schools
    first, second = text_of(campaign, 0), text_of(campaign, 1)
    different = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    assert len(different) == 1 and all(text.startswith("受文者：") for text in different[0])
    originals = first[-2]
    assert all(handler.unit.name in originals for handler in handlers) and "、" in originals


def test_the_annex_goes_to_the_addressees_only(two_schools: Any) -> None:
    officer, campaign, _handlers = two_schools
    assert text_of(campaign)[-2].endswith("（含附件）") and text_of(campaign)[-1] == "副本：本府教育處"
    letters.save(by=acting(officer), campaign=campaign, facts=replace(FACTS, annexes=""), version=1)
    assert "含附件" not in "".join(text_of(campaign))


def test_a_collective_is_proposed_where_the_original_would_name_very_many(
    two_schools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _officer, campaign, _handlers = two_schools
    letter, units = CampaignLetter.objects.get(campaign=campaign), queries.addressees(campaign)
    assert not [said for said in words.remarks(letter, units) if "統稱" in said]
    monkeypatch.setattr(words, "MOST_NAMED", 1)
    assert [said for said in words.remarks(letter, units) if "2 個單位" in said and "統稱" in said]
    letter.recipients = "本縣各公立國民中小學"
    assert not [said for said in words.remarks(letter, units) if "統稱" in said]


def test_the_closing_phrase_ends_the_subject_once(two_schools: Any) -> None:
    _officer, campaign, _handlers = two_schools
    text = text_of(campaign)
    assert text[14] == "主旨：有關貴校115年度研習課程結案一案，請於115年12月31日前完成，請查照。"
    assert sum(paragraph.count("請查照") for paragraph in text) == 1


def test_items_are_numbered_level_by_level_and_a_single_one_is_not(two_schools: Any) -> None:
    officer, campaign, _handlers = two_schools
    items = [text for text in text_of(campaign) if re.match("[一二三（]", text)]
    assert [re.match(r"（?[一二三]）?、?", text)[0] for text in items] == [
        "一、",
        "二、",
        "（一）",
        "（二）",
        "三、",
    ]  # type: ignore[index]
    letters.save(
        by=acting(officer), campaign=campaign, facts=replace(FACTS, items="1、請依限辦理。"), version=1
    )
    assert "說明：請依限辦理。" in text_of(campaign)


@pytest.mark.parametrize(
    ("typed", "signs"),
    [
        ("甲\n乙", ["一、", "二、"]),
        ("五、甲\n（三）乙\n（四）丙\n九、丁", ["一、", "（一）", "（二）", "二、"]),
        ("甲\n-乙\n--丙\n---丁\n-戊\n--己", ["一、", "（一）", "1、", "（1）", "（二）", "1、"]),
        ("---甲\n乙", ["一、", "二、"]),
    ],
)
def test_levels_follow_typed_signs_or_hyphens_and_none_is_skipped(typed: str, signs: list[str]) -> None:
    assert [sign for _level, sign, _text in words.numbered(typed)] == signs


def test_numbers_of_items_go_on_after_ten() -> None:
    assert [words.chinese(n) for n in (1, 10, 11, 19, 20, 34)] == [
        "一",
        "十",
        "十一",
        "十九",
        "二十",
        "三十四",
    ]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"subject": "請於{日期}前完成"}, "subject"),
        ({"subject": "請依限完成，請查照"}, "subject"),
        ({"subject": "請完成\n請依限"}, "subject"),
        ({"items": "請查照辦理"}, "items"),
        ({"items": "請依限完成為荷"}, "items"),
        ({"items": "請 鈞府協助"}, "items"),
        ({"measures": "請備查"}, "measures"),
        ({"phrase": "請鑒核"}, "phrase"),
        ({"annexes": "如文"}, "annexes"),
        ({"secrecy": "密"}, "secret_until"),
        ({"secret_until": "結案後"}, "secrecy"),
    ],
)
def test_what_no_letter_may_say_is_refused_at_its_field(fault: dict[str, str], field: str) -> None:
    assert not list(refusals_of(FACTS, "down"))
    assert [found.field for found in refusals_of(replace(FACTS, **fault), "down")] == [field]  # type: ignore[arg-type]


NAMESPACES = {
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
}
# Beginning of the paragraph, points of its letters and of its leading, millimetres by which its other lines are indented.
LINES = [
    ("檔號：", 10, 14, 0),
    ("保存年限：", 10, 14, 0),
    ("屏東縣政府　函（稿）", 20, 36, 0),
    ("地址：", 12, 18, 12.7),
    ("承辦人：", 12, 18, 16.9),
    ("電話：", 12, 18, 12.7),
    ("傳真：", 12, 18, 12.7),
    ("電子信箱：", 12, 18, 21.2),
    ("受文者：屏東縣立萬新國民中學", 16, 25, 22.6),
    ("發文日期：", 12, 18, 21.2),
    ("發文字號：", 12, 18, 21.2),
    ("速別：普通件", 12, 18, 12.7),
    ("密等及解密條件或保密期限：", 12, 18, 21.2),
    ("附件：尚未結案課程清單1份", 12, 18, 12.7),
    ("主旨：有關貴校115年度", 16, 25, 16.9),
    ("說明：", 16, 25, 0),
    ("一、依據教育部112年3月1日臺教師（三）字第11200000001號函辦理。", 16, 25, 11.3),
    ("二、相關事項如下：", 16, 25, 11.3),
    ("（一）請核發時數。", 16, 25, 16.9),
    ("（二）未開班者，請註銷。", 16, 25, 16.9),
    ("三、逾期者列管。", 16, 25, 11.3),
    ("正本：屏東縣立萬新國民中學、屏東縣瑪家鄉長榮百合國民小學", 12, 18, 12.7),
    ("副本：本府教育處", 12, 18, 12.7),
]


def odt_of(campaign: Campaign) -> tuple[ElementTree.Element, ElementTree.Element]:
    """Return the styles and the content of the first copy as ODT."""
    units = queries.addressees(campaign)
    letter = words.Letter(CampaignLetter.objects.get(campaign=campaign), units, 4)
    made = zipfile.ZipFile(io.BytesIO(words.as_odt(letter.paragraphs(units[0]))))
    return ElementTree.fromstring(made.read("styles.xml")), ElementTree.fromstring(made.read("content.xml"))


def attribute(element: ElementTree.Element | None, name: str) -> str:
    assert element is not None, name
    prefix, word = name.split(":")
    return element.get(f"{{{NAMESPACES[prefix]}}}{word}", "")


def test_the_page_is_that_of_an_official_letter(two_schools: Any) -> None:
    """A4 upright; 2.5 cm above and on the right; 1.5 cm to the dotted line with 裝, 訂, 線 and one more to the text; a numbered footer."""
    styles, _content = odt_of(two_schools[1])
    page = styles.find(".//style:page-layout-properties", NAMESPACES)
    names = ("page-width", "page-height", "margin-right", "margin-left")
    assert [attribute(page, f"fo:{name}") for name in names] == ["210mm", "297mm", "25mm", "25mm"]
    # The text begins below the header, which holds the line of binding.
    header = styles.find(".//style:header-style/style:header-footer-properties", NAMESPACES)
    above = [
        attribute(page, "fo:margin-top"),
        *(attribute(header, f"{n}") for n in ("svg:height", "fo:margin-bottom")),
    ]
    assert sum(int(length.removesuffix("mm")) for length in above) == 25
    line = styles.find(".//draw:line", NAMESPACES)
    assert (attribute(line, "svg:x1"), attribute(line, "svg:x2")) == ("15mm", "15mm")
    bound = styles.findall(".//draw:frame", NAMESPACES)
    assert ["".join(frame.itertext()) for frame in bound] == ["裝", "訂", "線"]
    foot = styles.find(".//style:footer", NAMESPACES)
    assert foot is not None and "".join(foot.itertext()) == "第1頁，共1頁"
    assert "標楷體" in attribute(styles.find(".//style:font-face", NAMESPACES), "svg:font-family")


def test_each_line_has_its_size_leading_and_indent(two_schools: Any) -> None:
    """practice.md §3, line by line. Nothing follows 副本: signature and seal come from the document system."""
    _styles, content = odt_of(two_schools[1])
    forms = {}
    for style in content.findall(".//style:style", NAMESPACES):
        lines = style.find("style:paragraph-properties", NAMESPACES)
        letters_ = style.find("style:text-properties", NAMESPACES)
        forms[attribute(style, "style:name")] = (
            float(attribute(letters_, "fo:font-size").removesuffix("pt")),
            float(attribute(lines, "fo:line-height").removesuffix("pt")),
            round(abs(float(attribute(lines, "fo:text-indent").removesuffix("mm"))), 1),
        )
    rows = content.findall(".//text:p", NAMESPACES)
    for row, (beginning, *form) in zip(rows, LINES, strict=True):
        text = "".join(row.itertext())
        assert text.startswith(beginning)
        assert forms[attribute(row, "text:style-name")] == tuple(form), text


def test_what_is_unusual_is_kept_and_remarked_on(two_schools: Any) -> None:
    officer, campaign, handlers = two_schools
    row = CampaignLetter.objects.get(campaign=campaign)
    units = queries.addressees(campaign)
    assert not list(words.remarks(row, units))
    row.items = "1、請依限辦理。\n依據前函。"
    units[1].kind = UnitKind.CENTRE
    with override("zh-hant"):
        basis, school = words.remarks(row, units)
    assert "依據…號函辦理" in basis and "貴單位" in school


def test_an_unusual_number_is_kept_and_remarked_on(two_schools: Any) -> None:
    officer, campaign, _handlers = two_schools
    assert (
        is_usual_number("")
        and is_usual_number("臺教師（三）字第1120000001A號")
        and not is_usual_number("屏府教1")
    )
    letters.save(by=acting(officer), campaign=campaign, facts=replace(FACTS, number="屏府教1"), version=1)
    client = Client()
    client.force_login(officer.user)
    assert "不是慣用格式" in client.get(reverse("courses:letter", args=[campaign.pk])).content.decode()


def test_the_phrase_follows_the_rank_of_the_units(two_schools: Any) -> None:
    officer, campaign, handlers = two_schools
    order = replace(FACTS, phrase="請照辦")
    letters.save(by=acting(officer), campaign=campaign, facts=order, version=1)
    unit = handlers[0].unit
    unit.school_type = SchoolType.NATIONAL
    unit.save(update_fields=["school_type"])
    with pytest.raises(PhraseOfAnotherRank):
        letters.save(by=acting(officer), campaign=campaign, facts=order, version=2)
    letters.save(by=acting(officer), campaign=campaign, facts=replace(FACTS, phrase="請查照惠復"), version=2)


def test_a_unit_that_is_done_is_not_written_to(two_schools: Any) -> None:
    _officer, campaign, handlers = two_schools
    for course in handlers[0].courses.all():
        close(course)
    assert queries.addressees(campaign) == [handlers[1].unit]
    assert handlers[0].unit.name not in text_of(campaign)[-2]


def test_only_the_county_itself_writes_and_nobody_overwrites_a_colleague(two_schools: Any) -> None:
    officer, campaign, _handlers = two_schools
    with pytest.raises(LetterChanged):
        letters.save(by=acting(officer), campaign=campaign, facts=FACTS, version=0)
    stranger = acting(make_officer(make_county("嘉義縣")))
    with pytest.raises(NotYourCampaign):
        letters.save(by=stranger, campaign=campaign, facts=FACTS, version=1)
    with pytest.raises(NotYourCampaign):
        letters.start_archive(by=stranger, campaign=campaign)
    with mock.patch("courses.queries.letters.addressees", return_value=[]), pytest.raises(NothingToAsk):
        letters.start_archive(by=acting(officer), campaign=campaign)
    CampaignLetter.objects.all().delete()
    with pytest.raises(NoLetterYet):
        letters.start_archive(by=acting(officer), campaign=campaign)


def test_the_last_letter_of_a_county_is_the_template_of_the_next(two_schools: Any) -> None:
    officer, campaign, _handlers = two_schools
    letters.save(
        by=acting(officer),
        campaign=campaign,
        facts=replace(FACTS, number="屏府教字第1150000001號", fax="08-7320000"),
        version=1,
    )
    make_course(handler=school(officer.unit.county), ago=20)
    following = begun(acting(officer))
    first = words.first_facts(following, queries.template_of(following), same=False)
    assert (first.subject, first.fax, first.number) == (FACTS.subject, "08-7320000", "")
    assert queries.template_of(following) == CampaignLetter.objects.get(campaign=campaign)


def archive_of(officer: BusinessAccount, campaign: Campaign) -> zipfile.ZipFile:
    job = letters.start_archive(by=acting(officer), campaign=campaign)
    runner.run(job.pk)
    job.refresh_from_db()
    stored = result_of(job)
    assert stored and job.result_name.endswith(".zip") and "2" in job.message
    with storage.opened(stored.path) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_the_archive_holds_for_each_unit_its_copy_and_its_own_list_alone(two_schools: Any) -> None:
    officer, campaign, handlers = two_schools
    archive = archive_of(officer, campaign)
    assert len(archive.namelist()) == 6 and AuditEvent.objects.filter(action="campaign.letters").count() == 1
    for mine, other in (handlers, handlers[::-1]):
        folder = words.folder(mine.unit)
        rows = python_calamine.CalamineWorkbook.from_filelike(
            io.BytesIO(archive.read(f"{folder}/尚未結案課程清單.ods"))
        )
        cells = str(rows.get_sheet_by_index(0).to_python())
        assert mine.user.name in cells and other.user.name not in cells and other.unit.name not in cells
        pages = pypdf.PdfReader(io.BytesIO(archive.read(f"{folder}/函稿.pdf"))).pages
        flat = "".join(page.extract_text() for page in pages).replace("\n", "")
        assert f"受文者：{mine.unit.name}" in flat and "裝" in flat and "第1頁，共1頁" in flat
        for name in ("content.xml", "styles.xml"):
            part = ElementTree.fromstring(
                zipfile.ZipFile(io.BytesIO(archive.read(f"{folder}/函稿.odt"))).read(name)
            )
            assert part.tag.endswith("}document-content") or "頁" in "".join(part.itertext())


def test_the_page_previews_refuses_and_hands_out_a_copy(two_schools: Any) -> None:
    officer, campaign, handlers = two_schools
    client = Client()
    client.force_login(officer.user)
    address = reverse("courses:letter", args=[campaign.pk])
    page = client.get(address).content.decode()
    assert "受文者：" in page and "{課程年度}" in page and "產製 2 個單位的壓縮檔" in page
    sent = {name: value or "" for name, value in FACTS.__dict__.items()} | {"version": 1}
    refused = client.post(address, sent | {"annexes": "如文", "items": "{x}"}).content.decode()
    assert "不使用「如文」" in refused and "沒有欄位{x}" in refused
    assert client.post(address, sent | {"fax": "08-1"}).status_code == 302
    assert CampaignLetter.objects.get().fax == "08-1"
    for fmt, kind in (("odt", "opendocument.text"), ("pdf", "pdf")):
        answer = client.get(
            reverse("courses:letter_copy", args=[campaign.pk, fmt]), {"unit": handlers[1].unit_id}
        )
        assert kind in answer["Content-Type"] and answer["Content-Disposition"].startswith("attachment")
    assert (
        client.get(
            reverse("courses:letter_copy", args=[campaign.pk, "pdf"]), {"unit": officer.unit_id}
        ).status_code
        == 404
    )
    assert client.get(reverse("courses:letter_copy", args=[campaign.pk, "doc"])).status_code == 404
