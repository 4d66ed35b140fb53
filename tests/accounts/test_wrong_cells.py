"""A refused row names every cell that is wrong by itself, in the order of the columns of the file, and counts as one row."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.actions import imports
from accounts.code_lists import CODE_LISTS
from accounts.enums import Role
from accounts.imports import code_lists, days_off
from accounts.imports.people import import_people
from accounts.imports.report import Refused, Report
from accounts.imports.roster import import_roster
from accounts.imports.units import import_units
from accounts.models import Affiliation, Unit, User
from tests.accounts.test_import_rules import file, stored
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
)
from tests.jobs.work import checked, content, done, operator

pytestmark = pytest.mark.django_db
UNITS = "縣市名稱,學校代碼,學校名稱,學校級別,類別,設立別,起日,聯絡信箱,地址\n"
PEOPLE = "電子郵件,姓名,身分證字號,學校代碼,職稱,角色,同一人\n"
ROSTER = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色,職務,到職日,離職日,代理,兼任,順序\n"
NUMBERS = ["A123456789", "B123456780", "A800000014", "F131104093"]
WRONG_PERSON = f"b,林二A123456789,A123456788,999999,{'師' * 41},廚師,也許\n"


def columns(report: Report) -> list[tuple[int, str]]:
    return [(cell.line, cell.column) for cell in report.refused]


def said(cells: list[Refused]) -> str:
    return " ".join(f"{cell} {cell.value}" for cell in cells)


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_of_units_names_each_wrong_cell(tmp_path: Path, language: str) -> None:
    bad = f"火星縣,12,,國中,火車,半公立,八月,x@,{'路' * 300}\n"
    with override(language):
        report = import_units(file(tmp_path, UNITS + "屏東縣,134526,縣立國中,國民中學,,,,,\n" + bad))
    assert columns(report) == [(3, name) for name in UNITS.strip().split(",")]
    assert (report.refused_total, report.saved) == (1, False) and not Unit.objects.exists()
    assert len({cell.reason for cell in report.refused}) > 5


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (",134526,國中,,火車,,,,", ["類別"]),
        ("屏東縣,134526,國中,國中,火車,,,,", ["學校級別", "類別"]),
        ("火星縣,134526,國中,幼兒園,中心,,,,", ["縣市名稱", "學校級別"]),
        (",134526,國中,國民中學,學校,,,,", ["縣市名稱"]),
    ],
    ids=[
        "empty cells that another kind may need",
        "both",
        "county beside a level of another kind",
        "no county",
    ],
)
def test_what_needs_several_cells_is_checked_when_they_are_right(
    tmp_path: Path, row: str, named: list[str]
) -> None:
    report = import_units(file(tmp_path, UNITS + row + "\n"))
    assert [cell.column for cell in report.refused] == named


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_of_people_names_each_wrong_cell_and_no_number(tmp_path: Path, language: str) -> None:
    make_unit("134526")
    with override(language):
        report = import_people(file(tmp_path, PEOPLE + WRONG_PERSON))
    assert columns(report) == [(2, name) for name in PEOPLE.strip().split(",")]
    assert (report.refused_total, report.saved) == (1, False)
    assert not re.search(r"A12345678\d", said(report.refused)) and "A12345" in said(report.refused)
    assert len({cell.reason for cell in report.refused}) == 7


def test_a_number_that_is_wrong_is_not_missing(tmp_path: Path) -> None:
    make_unit("134526")
    report = import_people(file(tmp_path, PEOPLE + "b@x.example,林二,A123456788,134526,教師,,\n"))
    assert columns(report) == [(2, "身分證字號")]


def test_a_row_of_another_length_names_no_cell(tmp_path: Path) -> None:
    make_unit("134526")
    text = ROSTER + "林二,A1,b,999999,教師,,,八月,,,,,多\n"
    assert columns(import_people(file(tmp_path, text))) == [(2, "整列")]
    report = import_roster(file(tmp_path, text), by=acting(make_operator()), dry_run=True).report
    assert columns(report) == [(2, "整列")]


def test_a_person_in_office_keeps_name_and_mailbox_and_both_are_named(tmp_path: Path) -> None:
    unit = make_unit("134526")
    make_account(unit, stored("陳一", NUMBERS[0], "a@x.example"), role=Role.HANDLER)
    make_lead(unit)
    row = f"b@x.example,林二,{NUMBERS[0]},134526,教師,單位管理者,是\n"
    report = import_people(file(tmp_path, PEOPLE + row))
    assert columns(report) == [(2, name) for name in ("電子郵件", "姓名", "角色")]


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_of_a_roster_names_the_cells_of_the_person_and_of_the_place(
    tmp_path: Path, language: str
) -> None:
    lead = make_lead(make_unit("134526"))
    place = f"{'職' * 41},八月一日,13/13/13,也許,或許,第一\n"
    text = ROSTER + f",{NUMBERS[0][:-1]},b,999999,{'師' * 41},廚師,{place}"
    with override(language):
        plan = import_roster(file(tmp_path, text), by=acting(lead), dry_run=True)
    assert columns(plan.report) == [(2, name) for name in ROSTER.strip().split(",")]
    assert plan.report.counts["refused"] == 1 and NUMBERS[0][:-1] not in said(plan.report.refused)
    assert len({cell.reason for cell in plan.report.refused}) > 8


def test_a_known_person_with_a_wrong_place_is_not_missing_from_the_roster(tmp_path: Path) -> None:
    lead = make_lead(make_unit("134526"))
    person = stored("陳一", NUMBERS[0], "a@x.example")
    Affiliation.objects.create(user=person, unit=lead.unit, title="教師")
    text = ROSTER + f"陳一,{NUMBERS[0]},a@x.example,134526,教師,單位管理者,,八月,,,,第一\n"
    plan = import_roster(file(tmp_path, text), by=acting(lead), dry_run=True)
    assert columns(plan.report) == [(2, "角色"), (2, "到職日"), (2, "順序")]
    assert person not in [place.user for place in plan.missing]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (f"林二,{NUMBERS[1]},b@x.example,134526,教師,單位管理者,,115/8/1,115/7/1,,,", ["角色", "離職日"]),
        (f"林二,{NUMBERS[1]},b@x.example,134526,教師,廚師,,115/8/1,115/7/1,,,", ["角色", "離職日"]),
        (f"林二,{NUMBERS[1]},b@x.example,134526,教師,廚師,,115/8/1,七月,,,", ["角色", "離職日"]),
        (f"古三,{NUMBERS[2]},a@x.example,134526,教師,單位管理者,,115/1/1,,,,", ["角色", "到職日"]),
        (f"林二,{NUMBERS[1]},b@x.example,134527,教師,,,,,,,第一", ["學校代碼", "順序"]),
    ],
    ids=["second lead", "unknown role", "no day", "overlap", "a unit of others"],
)
def test_what_the_register_forbids_is_named_beside_wrong_cells(
    tmp_path: Path, row: str, named: list[str]
) -> None:
    lead = make_lead(make_unit("134526"))
    make_unit("134527")
    back = stored("古三", NUMBERS[2], "a@x.example")
    Affiliation.objects.create(user=back, unit=lead.unit, until=date(2026, 7, 31))
    before = set(Affiliation.objects.values_list("pk", "since", "until"))
    plan = import_roster(file(tmp_path, ROSTER + row + "\n"), by=acting(lead), dry_run=False)
    assert columns(plan.report) == [(2, name) for name in named] and plan.report.refused_total == 1
    assert set(Affiliation.objects.values_list("pk", "since", "until")) == before
    assert not User.objects.filter(name="林二").exists()


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_of_a_list_names_each_wrong_cell(tmp_path: Path, language: str) -> None:
    text = "名稱,代碼,上層代碼,順序,有效起日,有效迄日\n,海,無,ten,八月,九月\n好,ok,,,115/8/2,115/8/1\n"
    with override(language):
        found = code_lists.read(Path(file(tmp_path, text)), CODE_LISTS["tags"])
        rows = [(cell.line, cell.column, cell.reason) for cell in found.refused]
    heading = text.splitlines()[0].split(",")
    assert [row[:2] for row in rows] == [*((2, name) for name in heading), (3, "有效迄日")]
    assert len({reason for _line, _column, reason in rows}) == 6 and not found.rows


def test_a_fixed_list_names_its_name_beside_other_cells(tmp_path: Path) -> None:
    known = CODE_LISTS["levels"].model._default_manager.first()
    text = f"代碼,名稱,順序\n{known.code},別名,ten\n"
    found = code_lists.read(Path(file(tmp_path, text)), CODE_LISTS["levels"])
    assert [cell.column for cell in found.refused] == ["名稱", "順序"]


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_row_of_days_off_names_each_wrong_cell(tmp_path: Path, language: str) -> None:
    home, _far = make_county("屏東縣"), make_county("花蓮縣")
    text = "縣市,日期,名稱,上班\n火星縣,八月,,常\n花蓮縣,八月,,\n"
    with override(language):
        found = days_off.read(Path(file(tmp_path, text)), acting(make_officer(home)))
        reasons = {cell.reason for cell in found.refused}
    assert [(cell.line, cell.column) for cell in found.refused] == [
        *((2, name) for name in ("縣市", "日期", "名稱", "上班")),
        *((3, name) for name in ("縣市", "日期", "名稱")),
    ]
    assert len(reasons) == 5


# --- Rows are counted, cells are shown -------------------------------------------------------------------------------
def test_the_page_of_the_job_and_its_file_show_all_cells_of_a_row_once(client: Client) -> None:
    make_unit("134526")
    account, by = operator()
    good = f"a@x.example,陳一,{NUMBERS[0]},134526,教師,,\n"
    job = checked(PEOPLE + good + WRONG_PERSON, by)
    assert (job.refused, job.outcome["refused"], job.refusals.count()) == (1, 1, 7)
    client.force_login(account.user)
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    table = page.partition("work-refusals")[2].partition("</table>")[0]
    assert table.count("<tr>") == 8 and table.count('<td class="num">3</td>') == 7
    assert [table.find(f"<td>{name}</td>") > 0 for name in PEOPLE.strip().split(",")] == [True] * 7
    answer: Any = client.get(reverse("jobs:refused", args=[job.pk]), {"format": "csv"})
    [_heading, row] = content(answer).splitlines()
    assert row.startswith("b,林二A123456789,A123456788,999999,")
    assert ",3,電子郵件、姓名、身分證字號、學校代碼、職稱、角色、同一人," in row
    assert "姓名：" in row and row.count(" / ") == 6
    real = done(imports.carry_out(by=by, checked=job, skip_bad_rows=True))
    assert (real.outcome["saved"], real.outcome["created"], real.outcome["refused"]) == (True, 1, 1)


def test_the_page_shows_whole_rows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    account, by = operator()
    job = checked(PEOPLE + WRONG_PERSON * 3, by)
    monkeypatch.setattr("jobs.views.SHOWN", 2)
    client.force_login(account.user)
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert re.findall(r'<td class="num">(\d)</td>', page) == ["2"] * 7 + ["3"] * 7


def test_the_command_prints_each_cell_and_counts_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_unit("134526")
    monkeypatch.setattr("accounts.imports.report.MOST_REFUSALS", 2)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_people", file(tmp_path, PEOPLE + WRONG_PERSON * 3), stdout=out, stderr=err)
    printed = err.getvalue().splitlines()
    assert [line.split(":")[0] for line in printed] == ["line 2"] * 7 + ["line 3"] * 7 + [
        "refused rows beyond these"
    ]
    assert "refused 3" in out.getvalue()
