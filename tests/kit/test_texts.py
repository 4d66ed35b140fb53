"""One door for text: what is stored, what counts as empty, and what counts as the same in every search."""

import io
import sys
import xml.dom.minidom
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.imports.units import import_units
from accounts.models import Unit, User
from accounts.queries.people import people_named
from accounts.queries.record import narrowed
from audit import log
from audit.models import AuditEvent
from courses.forms.course import TEXTS, CourseForm, InstructorForm, SessionForm
from courses.forms.withdrawal import WithdrawalForm
from courses.models import Course
from kit import tables
from kit.form_fields import TextField
from kit.highlighting import highlight, words_beyond
from kit.texts import TextTooLong, contains_word, fold, is_dropped, refuse_controls, tidy, tidy_line, typed
from tests.factories import make_account, make_course, make_key, make_operator, make_unit, make_user

UNSTORABLE = ["\uffff", "\ufffe", "\U0001fffe", "\ufdd0", "\x00", "\x07", "\ud800"]
UNSEEN = ["\u200b", "\u202e", "\ufeff", "\u2066", "\u00ad", "\u2060", "\u3164", "\u2800"]


@pytest.mark.parametrize("character", UNSTORABLE + UNSEEN)
def test_what_cannot_be_stored_or_seen_is_dropped(character: str) -> None:
    assert tidy(f"研{character}習{character}") == "研習"
    assert tidy(character) == ""


def test_no_character_that_is_dropped_comes_through_a_text_of_others() -> None:
    dropped = {c for c in map(chr, range(sys.maxunicode + 1)) if is_dropped(c)} - set("\t\n\r\x85")
    assert len(dropped) > 2000
    assert {c for c in dropped if tidy(f"研{c}習") != "研習"} == set()


@pytest.mark.parametrize("character", UNSTORABLE)
def test_a_form_refuses_what_cannot_be_stored(character: str) -> None:
    for check in (refuse_controls, TextField().clean):
        with pytest.raises(ValidationError, match="無法儲存"):
            check(f"研{character}習")


def test_what_people_mean_stays() -> None:
    for text in (
        "𠮷野家",
        "㛢",
        "👩\u200d🏫 研習",
        "谷辣斯·尤達卡 Kulas Yotaka",
        "第一行\n第二行",
        "葛\U000e0100飾",
    ):
        assert tidy(text) == text
        refuse_controls(text)
    assert tidy("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert tidy_line(" 甲\n乙 ") == "甲 乙"
    assert tidy("\u200d") == "" and tidy("\u0301") == "", "marks alone are no text"


@pytest.mark.parametrize("form", [CourseForm, SessionForm, InstructorForm, WithdrawalForm])
def test_texts_of_forms_are_tidied_before_they_are_checked(form: Any) -> None:
    names = [name for name, field in form.base_fields.items() if isinstance(field, TextField)]
    assert names
    for name in names:
        field = form.base_fields[name]
        assert field.clean("\ufeff甲\u202e乙") == "甲乙"
        if field.required:
            with pytest.raises(ValidationError, match="."):
                field.clean("\u200b\ufeff")


def test_every_text_of_the_course_form_goes_through_the_door() -> None:
    from django.db import models

    texts = {
        f.name
        for f in Course._meta.concrete_fields
        if isinstance(f, models.CharField | models.TextField)
        and not f.choices
        and f.name in CourseForm.base_fields
    }
    assert texts - {"meeting_link", "contact_mail", "contact2_mail"} == set(TEXTS)


def test_no_form_reads_text_past_the_door() -> None:
    """`forms.CharField` only where the text is a secret, a number or a parameter of an address."""
    root = Path(__file__).resolve().parents[2]
    allowed = {f"signin/forms/{name}.py" for name in ("login", "passwords", "security_keys")}
    for file in [*root.glob("*/forms/*.py"), *root.glob("*/views/*.py")]:
        if str(file.relative_to(root)) not in allowed:
            assert "forms.CharField" not in file.read_text(), file


def test_a_text_that_no_form_reads_is_refused_when_too_long() -> None:
    assert typed(" 原因\u200b ", 2) == "原因"
    with pytest.raises(TextTooLong, match="412|3"):
        typed("原因嗎", 2)


@pytest.mark.parametrize("fmt", ["ods", "xlsx"])
def test_a_file_stays_readable_whatever_is_in_a_cell(fmt: str) -> None:
    out = io.BytesIO()
    tables.write(out, fmt, ["名稱"], [[f"研{c}習"] for c in UNSTORABLE])
    with zipfile.ZipFile(out) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                text = archive.read(name).decode()
                xml.dom.minidom.parseString(text)
                assert not any(c in text for c in UNSTORABLE)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹢"])
def test_signs_that_begin_a_formula_are_inert_in_csv(sign: str) -> None:
    assert tables.inert(f"{sign}SUM(A1)").startswith("'")
    assert tables.inert("-3.5") == "-3.5"


ALIKE = [
    ("臺南", "台南"),
    ("ＡＩ應用", "ai應用"),
    ("谷辣斯‧尤達卡", "谷辣斯・尤達卡"),
    ("張·三", "張•三"),
    ("３年級", "3年級"),
]


@pytest.mark.parametrize(("stored", "typed_"), [*ALIKE, *((b, a) for a, b in ALIKE)])
def test_what_counts_as_the_same_folds_the_same(stored: str, typed_: str) -> None:
    assert fold(stored) == fold(typed_)
    assert "<mark>" in highlight(stored, typed_)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "typed_"), [*ALIKE, *((b, a) for a, b in ALIKE), ("王小明", "王\u200b小明")]
)
class TestEverySearchFoldsAlike:
    def test_people(self, stored: str, typed_: str) -> None:
        person = make_user(stored)
        assert list(people_named(typed_)) == [person]

    def test_units_and_accounts_of_the_operator(self, stored: str, typed_: str) -> None:
        client = Client()
        client.force_login(make_operator().user)
        account = make_account(unit=make_unit(name=f"{stored}國小"))
        for page in ("accounts:units", "courses:operator_accounts", "courses:county"):
            answer = client.get(reverse(page), {"q": typed_}).content.decode()
            assert account.unit.name in answer, page
        assert account.unit.name not in client.get(reverse("accounts:units"), {"q": "無此"}).content.decode()

    def test_the_catalogue_its_unit_filter_and_the_api(self, stored: str, typed_: str) -> None:
        course = make_course(make_account(unit=make_unit(name=f"{stored}國小")), title=f"{stored}研習")
        client = Client()
        for query in ({"q": typed_}, {"unit": typed_}):
            assert course.code in client.get("/catalogue/", query).content.decode()
        key = make_key(course.handler.user)
        answer = client.get(
            "/api/v1/courses/", {"unit": typed_}, headers={"Authorization": f"Token {key}"}, follow=True
        )
        assert course.code in answer.content.decode()

    def test_the_record(self, stored: str, typed_: str) -> None:
        log.record("course.draft", make_user(stored), by=None)
        assert narrowed(AuditEvent.objects.all(), who=typed_).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["(", "a.c", "[臺]", "\\d", "*", "王|李", "{2}", "^$"])
def test_signs_of_patterns_are_plain_characters(word: str) -> None:
    make_user("王小明"), make_user(f"甲{word}乙")
    assert [row.name for row in User.objects.filter(contains_word("name", word))] == [f"甲{word}乙"]


@pytest.mark.django_db
def test_cells_of_an_import_are_tidied(tmp_path: Path) -> None:
    unit = make_unit(name="舊名國小")
    file = tmp_path / "units.csv"
    file.write_text(
        f"\ufeff學校代碼,學校名稱,縣市名稱,學校級別\n{unit.code},\u202e新\u200b名國小,{unit.county.name},國民小學\n",
        encoding="utf-8",
    )
    import_units(file)
    assert "新名國小" in set(Unit.objects.values_list("name", flat=True))


@pytest.mark.django_db
def test_a_renamed_unit_is_found_under_its_new_and_its_old_name(tmp_path: Path) -> None:
    course = make_course(make_account(unit=make_unit(name="舊名國小", level="elementary")))
    file = tmp_path / "units.csv"
    file.write_text(
        f"學校代碼,學校名稱,縣市名稱,學校級別\n{course.unit.code},新名國小,{course.unit.county.name},國民小學\n",
        encoding="utf-8",
    )
    import_units(file)
    assert Unit.objects.get(pk=course.unit_id).name == "新名國小"
    for name in ("新名國小", "舊名國小"):
        assert list(Course.objects.matching(name)) == [course]


def test_the_words_of_a_search_that_are_not_looked_for_are_named() -> None:
    assert words_beyond("a b c d e f g h") == ""
    assert words_beyond("一 二 三 四 五 六 七 八 九 ＴＥＮ") == "九 ten"
