"""Registers from files: reports with line and column, nothing half-saved, a second run changes nothing."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts import identity
from accounts.imports.people import import_people
from accounts.imports.units import import_units
from accounts.models import BusinessAccount, County, Unit, User
from audit.models import AuditEvent
from kit import tables
from tests.factories import acting, make_account, make_operator, make_unit

UNITS = "學校代碼,學校名稱,縣市名稱,學校級別,電話\n"
GOOD = "011301,私立淡江高中,台北縣,高級中學,(02)26203850\n011301,私立淡江高中附設國小,新北市,附設國民小學,\n330N01,市立某國小,桃園縣,國民小學,\n"
PEOPLE = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n"


def file(tmp_path: Path, text: str, encoding: str = "utf-8") -> str:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_units_with_one_code_and_two_levels_do_not_overwrite_each_other(
    tmp_path: Path, encoding: str
) -> None:
    path = file(tmp_path, UNITS + GOOD, encoding)
    assert import_units(path).counts == {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}
    assert import_units(path).counts == {"created": 0, "changed": 0, "unchanged": 3, "refused": 0}
    assert Unit.objects.filter(code="011301").count() == 2
    assert set(County.objects.values_list("name", flat=True)) == {"新北市", "桃園市"}


@pytest.mark.django_db
def test_a_broken_line_changes_nothing_unless_it_is_skipped(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        UNITS + GOOD + "12,短,屏東縣,國民小學,\n134526,南州國中,火星市,國民中學,\n134527,甲,屏東縣,補習班,\n",
    )
    report = import_units(path)
    assert [(r.line, r.column) for r in report.refused] == [(5, "學校代碼"), (6, "縣市名稱"), (7, "學校級別")]
    assert not Unit.objects.exists() and not report.saved
    assert import_units(path, skip_bad_rows=True).saved and Unit.objects.count() == 3


@pytest.mark.django_db
def test_the_command_takes_one_county_and_exits_1_on_a_refused_line(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_units", file(tmp_path, UNITS + GOOD), county="桃園市", stdout=out)
    assert Unit.objects.count() == 1 and "created 1" in out.getvalue()
    with pytest.raises(SystemExit):
        call_command("import_units", file(tmp_path, UNITS + "1,,,,\n"), stdout=out, stderr=err)
    assert "line 2: 學校代碼" in err.getvalue()
    with pytest.raises(CommandError):
        call_command("import_units", file(tmp_path, "a,b\n1,2\n"), stdout=out)


@pytest.mark.parametrize("content", [b"\xa4\xa4\xa4\xe5,\n", b"a\0b\n", b"", b"PK\x03\x04broken"])
def test_unreadable_files_are_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(tables.UnreadableTable) as refused:
        tables.read_table(path)
    assert refused.value.message


@pytest.mark.django_db
def test_people_get_place_of_service_and_an_account_of_their_own(tmp_path: Path) -> None:
    make_unit("134526")
    path = file(
        tmp_path,
        PEOPLE
        + "陳怡君,A123456789,a@x.example,134526,教務主任,承辦人\n林老師,A800000014,b@x.example,134526,教師,\n",
    )
    assert import_people(path).counts["created"] == 2
    assert import_people(path).counts == {"created": 0, "changed": 0, "unchanged": 2, "refused": 0}
    account = BusinessAccount.objects.get()
    assert account.number == "134526-001" and account.user.affiliations.get().rank == 20
    person = User.objects.get(email="a@x.example")
    assert person.national_id_masked == "A12345****" and "A123456789" not in person.id_sealed


@pytest.mark.django_db
def test_each_person_of_a_file_has_one_event_of_the_own(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    unit, operator = make_unit("134526"), acting(make_operator())
    head = PEOPLE.strip() + ",護照號碼\n"
    rows = [f"教師{n},,t{n}@x.example,134526,教師,,K{1000000 + n}" for n in range(40)]
    with django_assert_max_num_queries(60):
        import_people(
            file(tmp_path, head + "\n".join(["陳怡君,A123456789,a@x.example,134526,教師,,", *rows])),
            by=operator,
        )
    events = AuditEvent.objects.filter(action="person.added")
    assert events.count() == 41
    event = events.get(subjects__person_id=User.objects.get(email="a@x.example").pk)
    assert event.after == {"name": "陳怡君", "email": "a@x.example", "national_id": "A12345****"}
    assert (event.unit_id, event.actor_id) == (unit.pk, operator.user.pk)
    import_people(file(tmp_path, PEOPLE + "陳怡君二,A123456789,a@x.example,134526,教師,"), by=operator)
    assert events.count() == 41 and AuditEvent.objects.filter(action="person.changed").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fmt", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize(("what", "run"), [("people", import_people), ("units", import_units)])
def test_the_file_to_fill_in_has_every_column_and_its_example_is_never_taken(
    tmp_path: Path, client: Client, fmt: str, what: str, run: Any
) -> None:
    client.force_login(make_operator().user)
    path = reverse(f"accounts:import_{what}")
    shown = client.get(path)
    page = shown.content.decode()
    assert f"?download={fmt}" in page
    answer = client.get(path, {"download": fmt})
    made = tmp_path / f"template.{fmt}"
    made.write_bytes(answer.getvalue())
    table = tables.open_table(made, ())
    lines = list(table.lines)
    named = {name for name, _meaning in [*shown.context["needed"], *shown.context["optional"]]}
    assert all(f'<code lang="zh-Hant">{name}</code>' in page for name in named)
    assert named and named <= set(lines[0].cells) and "請刪除" in lines[0]["說明"]
    before = (User.objects.count(), Unit.objects.count())
    report = run(made)
    assert not report.saved and report.refused_total == 1
    assert (User.objects.count(), Unit.objects.count()) == before


@pytest.mark.django_db
def test_the_file_of_people_to_fill_in_names_each_role_that_a_file_may_give(client: Client) -> None:
    client.force_login(make_operator().user)
    page = client.get(reverse("accounts:import_people")).content.decode()
    text = client.get(reverse("accounts:import_people"), {"download": "csv"}).getvalue().decode()
    for word in ("業務承辦人", "單位管理者", "名冊管理", "縣市承辦人"):
        assert word in text.partition("角色：")[2] and f">{word}</code>" in page
    assert ">平臺管理者</code>" not in page


@pytest.mark.django_db
def test_a_code_whose_zeros_a_spreadsheet_dropped_finds_its_unit(tmp_path: Path) -> None:
    unit = make_unit("011301")
    path = file(tmp_path, PEOPLE + "王一,A123456789,a@x.example,11301,教師,\n")
    assert import_people(path).saved
    assert User.objects.get(email="a@x.example").affiliations.get().unit == unit


@pytest.mark.django_db
def test_a_list_of_units_without_the_zeros_is_refused_and_the_sentence_names_them(tmp_path: Path) -> None:
    report = import_units(file(tmp_path, UNITS + "11301,私立淡江高中,新北市,高級中學,\n"))
    assert not report.saved and "開頭的 0" in report.refused[0].reason


@pytest.mark.django_db
def test_bad_people_are_refused_by_line_and_column(tmp_path: Path) -> None:
    make_unit("134526")
    make_unit("011301", level="senior_high")
    make_unit("011301", level="attached_elementary")
    rows = [
        "王一,A123456788,a@x.example,134526,教師,",
        "王二,A123456789,not-mail,134526,教師,",
        "王三,A123456789,c@x.example,999999,教師,",
        "王四,A123456789,d@x.example,134526,教師,皇帝",
        "王五,A123456789,e@x.example,011301,教師,",
        ",A123456789,f@x.example,134526,教師,",
    ]
    report = import_people(file(tmp_path, PEOPLE + "\n".join(rows)))
    columns = ["身分證字號", "電子郵件", "學校代碼", "角色", "學校級別", "姓名"]
    assert [(r.line, r.column) for r in report.refused] == list(enumerate(columns, 2))
    assert not User.objects.exists()
    assert "A123456788" not in str(report.refused[0])


@pytest.mark.django_db
def test_a_holder_of_an_account_is_not_renamed_by_a_file(tmp_path: Path) -> None:
    account = make_account(make_unit("134526"))
    account.user.set_national_id("A123456789")
    account.user.save()
    line = f"別人,A123456789,{account.user.email},134526,教師,\n"
    report = import_people(file(tmp_path, PEOPLE + line))
    assert report.refused[0].column == "姓名" and not report.saved


@pytest.mark.django_db
def test_nobody_is_matched_by_name_alone(tmp_path: Path) -> None:
    make_unit("134526")
    twins = "王明,A123456789,a@x.example,134526,教師,\n王明,A800000014,b@x.example,134526,教師,\n"
    import_people(file(tmp_path, PEOPLE + twins))
    assert User.objects.filter(name="王明").count() == 2


@pytest.mark.parametrize(
    "number", ["A123456789", "a123456789", " Ａ１２３４５６７８９ ", "A800000014", "FA12345689"]
)
def test_true_numbers_pass_their_check_digit(number: str) -> None:
    assert identity.parse(number) == identity.normalise(number)


# Only places whose weight shares no factor with ten notice every change; the scheme itself is blind at the others.
@given(st.integers(0, 9), st.sampled_from([2, 6, 8, 9]))
def test_a_changed_digit_breaks_the_check(digit: int, place: int) -> None:
    number = "A123456789"
    changed = number[:place] + str(digit) + number[place + 1 :]
    assert identity.is_checked(changed) == (changed == number)


@pytest.mark.parametrize("number", ["", "A12345678", "A323456789", "1123456789", "A12345678X"])
def test_numbers_of_another_form_are_refused_and_not_echoed(number: str) -> None:
    with pytest.raises(identity.BadNationalId) as refused:
        identity.parse(number)
    assert not number or number not in refused.value.message


ROWS = [["=1+1", "+886", "-3", "A\nB"], ["@x", "3", "0012", ""]]


def test_cells_are_inert_and_on_one_line_in_csv() -> None:
    text = "".join(tables.csv_lines(["a", "b", "c", "d"], ROWS))
    assert text.startswith("\ufeff") and "'=1+1,+886,-3,A B" in text and "'@x" in text


@pytest.mark.parametrize("make", [tables.xlsx_bytes, tables.ods_bytes])
def test_spreadsheets_read_back_as_the_same_text(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "t.bin"
    path.write_bytes(make(["a", "b", "c", "d"], ROWS))
    lines = tables.read_table(path, ["a", "d"])
    assert [line["a"] for line in lines] == ["=1+1", "@x"]
    assert (lines[0]["d"], lines[1]["c"], lines[0].number) == ("A B", "0012", 2)
