"""Lists of units with the columns of our own beside the ministry's: kind, parent, run by, contact, first day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import unit_codes
from accounts.imports.report import Report
from accounts.imports.units import import_units
from accounts.models import Level, Unit
from audit.models import AuditEvent
from checks import invariants
from kit import clock
from tests.factories import acting, make_county, make_officer, make_operator, make_unit

pytestmark = pytest.mark.django_db
HEAD = "學校代碼,學校名稱,縣市名稱,學校級別,類別,上級單位,設立別,聯絡人,聯絡信箱,起日"


def take(tmp_path: Path, *rows: str, head: str = HEAD, **options: bool) -> Report:
    file = tmp_path / "units.csv"
    file.write_text("\n".join([head, *rows]))
    return import_units(file, **options)


def test_offices_centres_and_their_parents_come_in_one_file(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "13A001,教學發展科,屏東縣,,教育局處科室,13A000,,,,",
        "13A000,屏東縣政府教育處,屏東縣,,教育局（處）,0M0001,,,,",
        "0M0001,教育部,,,教育部,,,,,",
        "13K001,南州幼兒園,屏東縣,幼兒園,,13A000,公立,王小明,k@ptc.edu.tw,115/8/1",
    )
    assert (report.created, report.refused_total, report.saved) == (4, 0, True)
    units = {unit.code: unit for unit in Unit.objects.select_related("parent")}
    assert units["13A001"].parent == units["13A000"] and units["13A000"].parent == units["0M0001"]
    assert units["0M0001"].county is None and units["13A001"].level == "none"
    garden = units["13K001"]
    assert (garden.kind, garden.school_type, garden.since) == ("kindergarten", "public", date(2026, 8, 1))
    assert (garden.contact_name, garden.contact_mail) == ("王小明", "k@ptc.edu.tw")


def test_the_kind_may_be_written_as_the_pages_call_it(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "13A000,屏東縣政府教育處,屏東縣,,縣市教育局（處）,,,,,",
        "13A001,教學發展科,屏東縣,,教育局（處）科室,13A000,,,,",
    )
    assert (report.created, report.refused_total) == (2, 0)
    assert Unit.objects.get(code="13A000").kind == "county_office"


def test_the_ministrys_columns_alone_still_make_schools_and_kindergartens(tmp_path: Path) -> None:
    head = "學校代碼,學校名稱,縣市名稱,學校級別"
    take(tmp_path, "134526,南州國中,屏東縣,國民中學", "13K001,南州幼兒園,屏東縣,幼兒園", head=head)
    kinds = dict(Unit.objects.values_list("code", "kind"))
    assert kinds == {"134526": "school", "13K001": "kindergarten"}


def test_a_file_without_the_columns_leaves_kind_and_parent_as_they_are(tmp_path: Path) -> None:
    office = make_officer().unit
    unit = make_unit("13C001", kind="kindergarten", level="preschool", parent=office, name="舊名")
    take(tmp_path, "13C001,新名,屏東縣,幼兒園", head="學校代碼,學校名稱,縣市名稱,學校級別")
    unit.refresh_from_db()
    assert (unit.name, unit.kind, unit.parent) == ("新名", "kindergarten", office)


def test_a_changed_parent_is_shown_before_and_recorded_after(tmp_path: Path) -> None:
    office = make_officer().unit
    unit = make_unit("134526", name="南州國中", county=make_county())
    row = f"134526,南州國中,屏東縣,國民中學,學校,{office.code},,,,"
    checked = take(tmp_path, row, dry_run=True)
    shown = list(checked.overwrites.rows())
    assert [cells[2:] for cells in shown] == [["上級單位", "", office.code]] and checked.changed == 1
    take(tmp_path, row)
    unit.refresh_from_db()
    assert unit.parent == office
    assert AuditEvent.objects.get(action="unit.changed").after == {"parent": str(office)}
    assert take(tmp_path, row).unchanged == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("13A001,科,屏東縣,,不明,,,,,", "類別"),
        ("13A001,科,屏東縣,國民小學,中心,,,,,", "學校級別"),
        ("13A001,科,屏東縣,,,,,,,", "學校級別"),
        ("13A001,科,,,中心,,,,,", "縣市名稱"),
        ("13A001,科,屏東縣,,中心,999999,,,,", "上級單位"),
        ("13A001,科,屏東縣,,中心,13T001,,,,", "上級單位"),
        ("13A001,科,屏東縣,,中心,15A000,,,,", "上級單位"),
        ("13A001,科,屏東縣,,中心,,官辦,,,", "設立別"),
        ("13A001,科,屏東縣,,中心,,,,nobody,", "聯絡信箱"),
        ("13A001,科,屏東縣,,中心,,,,,明天", "起日"),
    ],
)
def test_a_wrong_cell_is_refused_at_its_column_and_nothing_is_saved(
    tmp_path: Path, row: str, column: str
) -> None:
    make_unit("13T001", kind="town_office", level="none", county=make_county("屏東縣"))
    make_unit("15A000", kind="county_office", level="none", county=make_county("花蓮縣"))
    report = take(tmp_path, row, "134599,好國中,屏東縣,國民中學,,,,,,")
    assert [refused.column for refused in report.refused] == [column]
    assert not report.saved and not Unit.objects.filter(code__in=["13A001", "134599"]).exists()


def test_a_level_that_has_ended_is_refused_for_new_units_and_stays_with_the_others(tmp_path: Path) -> None:
    make_unit("134526", name="南州高職", level="vocational", county=make_county("屏東縣"))
    Level.objects.filter(code="vocational").update(valid_until=clock.today() - timedelta(days=1))
    rows = "134526,南州高職,屏東縣,高級職業學校,,,,,,", "134527,新高職,屏東縣,高級職業學校,,,,,,"
    report = take(tmp_path, *rows)
    [refused] = report.refused
    assert (refused.line, refused.column) == (3, "學校級別") and "高級職業學校" in refused.reason
    assert report.unchanged == 1 and not report.saved and Unit.objects.count() == 1


def test_units_under_each_other_in_a_circle_are_refused_and_nothing_is_saved(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "134501,甲校,屏東縣,國民中學,學校,134502,,,,",
        "134502,乙校,屏東縣,國民中學,學校,134501,,,,",
    )
    assert [refused.column for refused in report.refused] == ["上級單位", "上級單位"]
    assert not Unit.objects.exists()


def test_the_registers_own_export_is_taken_back_unchanged(tmp_path: Path, client: Client) -> None:
    office = make_officer().unit
    make_unit("134526", parent=office, school_type="public", since=date(2020, 8, 1))
    make_unit("0U0013", kind="university", level="none", county=None)
    operator = make_operator()
    client.force_login(operator.user)
    answer = client.get(reverse("accounts:units"), {"download": "csv"})
    file = tmp_path / "list.csv"
    file.write_bytes(b"".join(answer) if answer.streaming else answer.content)
    report = import_units(file)
    assert (report.refused, report.created, report.changed) == ([], 0, 0)
    assert report.unchanged == Unit.objects.count()


PLAIN = "學校代碼,學校名稱,縣市名稱,學校級別"


@pytest.mark.parametrize(
    "rows",
    [
        ["134001,附設幼兒園,花蓮縣,幼兒園"],
        ["134000,母校,花蓮縣,國民小學"],
        ["134000,母校,花蓮縣,國民小學", "134001,附設幼兒園,屏東縣,幼兒園"],
    ],
    ids=["the child", "the parent", "the parent, the child stays"],
)
def test_a_row_that_parts_a_unit_from_the_one_above_it_is_refused(tmp_path: Path, rows: list[str]) -> None:
    """The row names no parent: that of the register stays, in the county from which the unit would move."""
    parent = make_unit("134000", name="母校", level="elementary")
    make_unit("134001", name="附設幼兒園", kind="kindergarten", level="preschool", parent=parent)
    report = take(tmp_path, *rows, head=PLAIN)
    assert [(row.column, "母校" in row.reason) for row in report.refused] == [("縣市名稱", True)]
    assert not report.saved
    take(tmp_path, *rows, head=PLAIN, skip_bad_rows=True)
    assert invariants.parents_astray() == 0


def test_a_unit_and_the_one_above_it_move_in_one_file(tmp_path: Path) -> None:
    parent = make_unit("134000", name="母校", level="elementary")
    child = make_unit("134001", name="附設幼兒園", kind="kindergarten", level="preschool", parent=parent)
    take(tmp_path, "134001,附設幼兒園,花蓮縣,幼兒園", "134000,母校,花蓮縣,國民小學", head=PLAIN)
    child.refresh_from_db()
    assert (child.county_name, child.parent) == ("花蓮縣", parent) and invariants.parents_astray() == 0


def test_a_kind_that_the_units_below_cannot_be_under_is_refused_in_a_file(tmp_path: Path) -> None:
    office = make_unit("13A000", name="教育處", kind="county_office", level="none")
    make_unit("13A001", name="學務科", kind="county_section", level="none", parent=office)
    report = take(tmp_path, "13A000,教育處,屏東縣,,中心", head=f"{PLAIN},類別")
    assert [row.column for row in report.refused] == ["類別"] and invariants.parents_astray() == 0


def test_a_file_lets_no_closed_unit_begin_after_its_last_day(tmp_path: Path) -> None:
    make_unit("134000", name="母校", level="elementary", until=clock.today())
    report = take(tmp_path, "134000,母校,屏東縣,國民小學,120/1/1", head=f"{PLAIN},起日")
    assert [(row.line, row.column) for row in report.refused] == [(2, "起日")] and not report.saved


def test_a_former_code_beside_the_one_of_today_is_another_units(tmp_path: Path) -> None:
    """Two rows of one unit: the second would overwrite name and telephone of the first."""
    unit = make_unit("134000", name="甲國小", level="elementary", phone="1")
    unit_codes.recode(unit=unit, code="134100", level="elementary", reason="x", by=acting(make_operator()))
    rows = ("134000,乙國小,屏東縣,國民小學,2", "134100,甲國小,屏東縣,國民小學,3")
    report = take(tmp_path, *rows, head=f"{PLAIN},電話")
    assert (report.created, report.changed) == (1, 1)
    found = set(Unit.objects.filter(code__startswith="134").values_list("code", "name", "phone"))
    assert found == {("134000", "乙國小", "2"), ("134100", "甲國小", "3")}


def test_a_unit_that_a_file_has_under_both_its_codes_is_refused_once(tmp_path: Path) -> None:
    unit = make_unit("134000", name="甲國小", level="elementary")
    unit_codes.recode(unit=unit, code="134100", level="elementary", reason="x", by=acting(make_operator()))
    rows = ("134000,甲國小,屏東縣,國民小學", "134100,甲國小,屏東縣,國民小學")
    report = take(tmp_path, *rows, head=PLAIN)
    assert [(row.line, row.column, row.value) for row in report.refused] == [(2, "學校代碼", "134000")]
    unit_codes.recode(unit=unit, code="134200", level="elementary", reason="x", by=acting(make_operator()))
    report = take(tmp_path, *rows, head=PLAIN)
    assert [row.line for row in report.refused] == [3]


def test_a_file_puts_no_unit_newly_under_a_closed_one(tmp_path: Path) -> None:
    parent = make_unit("134000", name="母校", level="elementary", until=clock.today() - timedelta(days=1))
    make_unit("134001", name="舊園", kind="kindergarten", level="preschool", parent=parent)
    head = f"{PLAIN},上級單位"
    report = take(tmp_path, "134001,舊園,屏東縣,幼兒園,134000", "134002,新園,屏東縣,幼兒園,134000", head=head)
    assert [(row.line, row.column, "母校" in row.reason) for row in report.refused] == [(3, "上級單位", True)]
    make_unit("134002", name="新園", kind="kindergarten", level="preschool")
    report = take(tmp_path, "134002,新園,屏東縣,幼兒園,134000", head=head, skip_bad_rows=True)
    assert report.refused_total == 1 and Unit.objects.get(code="134002").parent is None
