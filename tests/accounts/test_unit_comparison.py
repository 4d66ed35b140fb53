"""The ministry's yearly list: grouped, accepted or left, and nothing overwritten unseen."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import unit_lists
from accounts.errors import OnlyOperatorMay
from accounts.errors.code_lists import LevelNotOffered, UnitsUnfit
from accounts.imports.unit_comparison import compare
from accounts.models import FormerCode, FormerName, Level, Unit, UnitList, UnitListRow
from jobs.models import Job
from jobs.progress import Unwatched
from kit import clock
from tests.factories import acting, make_county, make_officer, make_operator, make_unit

pytestmark = pytest.mark.django_db
HEAD = "學校代碼,學校名稱,縣市名稱,學校級別,鄉鎮市區,地址,電話"
ROWS = [
    "134501,縣立同名國中,屏東縣,國民中學,屏東市,甲路 1 號,08-1",
    "134502,縣立新名國中,屏東縣,國民中學,屏東市,甲路 2 號,08-2",
    "134503,縣立遷校國中,屏東縣,國民中學,潮州鎮,乙路 3 號,08-3",
    "134504,縣立電話國中,屏東縣,國民中學,屏東市,甲路 4 號,08-44",
    "134599,縣立換碼國中,屏東縣,國民中學,屏東市,甲路 5 號,08-5",
    "134600,縣立新設國中,屏東縣,國民中學,屏東市,甲路 7 號,08-7",
]


def school(code: str, name: str, number: int) -> Unit:
    return make_unit(code, name=name, district="屏東市", address=f"甲路 {number} 號", phone=f"08-{number}")


@pytest.fixture
def compared(tmp_path: Path) -> UnitList:
    for number, name in enumerate(
        ("縣立同名國中", "縣立舊名國中", "縣立遷校國中", "縣立電話國中", "縣立換碼國中", "縣立停辦國中"), 1
    ):
        school(f"13450{number}", name, number)
    make_unit("13C001", kind="centre", level="none")
    make_unit("150501", county=make_county("花蓮縣"))
    file = tmp_path / "list.csv"
    file.write_text("\n".join([HEAD, *ROWS]))
    found, report = compare(file, name="113 名錄", by=acting(make_operator()), progress=Unwatched())
    assert report.refused_total == 0
    return found


def groups(found: UnitList) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for row in found.rows.order_by("code"):
        rows.setdefault(row.group, []).append(row.code)
    return rows


def decide(found: UnitList, *groups: str, act: Any = unit_lists.accept) -> Any:
    ids = found.rows.filter(group__in=groups).values_list("pk", flat=True)
    return act(unit_list=found, row_ids=list(ids), by=acting(make_operator()))


def test_a_list_is_compared_by_groups_and_changes_nothing(compared: UnitList) -> None:
    assert groups(compared) == {
        "new": ["134600"],
        "recoded": ["134599"],
        "renamed": ["134502"],
        "moved": ["134503"],
        "changed": ["134504"],
        "missing": ["134506"],
    }
    assert compared.unchanged == 1
    assert Unit.objects.get(code="134502").name == "縣立舊名國中" and not Unit.objects.filter(code="134600")


def test_each_group_is_carried_out_when_it_is_accepted(compared: UnitList) -> None:
    assert decide(compared, "new", "renamed", "moved", "changed", "recoded").done == 5
    assert Unit.objects.get(code="134600").name == "縣立新設國中"
    assert Unit.objects.get(code="134502").name == "縣立新名國中"
    assert FormerName.objects.get().name == "縣立舊名國中"
    assert Unit.objects.get(code="134503").district == "潮州鎮"
    assert Unit.objects.get(code="134504").phone == "08-44"
    assert FormerCode.objects.get().code == "134505" and Unit.objects.get(code="134599")


def test_what_is_left_stays_and_is_not_accepted_later(compared: UnitList) -> None:
    assert decide(compared, "renamed", "missing", act=unit_lists.leave).done == 2
    assert decide(compared, "renamed").done == 0
    assert Unit.objects.get(code="134502").name == "縣立舊名國中"


def test_a_missing_unit_is_never_closed_by_accepting(compared: UnitList) -> None:
    assert decide(compared, "missing").done == 0
    assert Unit.objects.get(code="134506").until is None


def test_a_unit_that_changed_since_the_comparison_is_not_overwritten(compared: UnitList) -> None:
    Unit.objects.filter(code="134504").update(phone="08-9999")
    Unit.objects.filter(code="134505").update(code="134777")
    school("134600", "別人已新增", 9)
    decided = decide(compared, "changed", "recoded", "new")
    assert (decided.done, decided.stale) == (0, 3)
    assert Unit.objects.get(code="134504").phone == "08-9999"
    assert set(compared.rows.filter(group__in=["changed", "new"]).values_list("state", flat=True)) == {"open"}


def test_a_code_that_was_given_away_meanwhile_is_not_taken(compared: UnitList) -> None:
    school("134599", "別校", 8)
    assert decide(compared, "recoded").stale == 1


@pytest.mark.parametrize("act", [unit_lists.accept, unit_lists.leave])
def test_only_the_operator_decides(compared: UnitList, act: Any) -> None:
    with pytest.raises(OnlyOperatorMay):
        act(unit_list=compared, row_ids=[], by=acting(make_officer()))


def test_only_the_operator_keeps_a_comparison() -> None:
    with pytest.raises(OnlyOperatorMay):
        unit_lists.save(name="x", rows=[], unchanged=0, by=acting(make_officer()))


def test_the_pages_upload_show_and_decide(
    client: Client, compared: UnitList, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(make_operator().user)
    with django_capture_on_commit_callbacks(execute=True):
        file = SimpleUploadedFile("114.csv", "\n".join([HEAD, *ROWS]).encode())
        client.post(reverse("accounts:unit_lists"), {"file": file})
    assert Job.objects.filter(kind="compare_units").exists()
    address = reverse("accounts:unit_list", args=[compared.pk])
    page = client.get(address, {"group": "renamed"}).content.decode()
    assert "縣立舊名國中" in page and "縣立新名國中" in page
    act = reverse("accounts:decide_unit_list", args=[compared.pk])
    client.post(act, {"group": "renamed", "all": "1", "accept": "1"})
    assert Unit.objects.get(code="134502").name == "縣立新名國中"
    client.post(act, {"group": "missing", "row": compared.rows.get(group="missing").pk, "leave": "1"})
    assert compared.rows.get(group="missing").state == "left"


def test_a_post_without_a_decision_leaves_nothing(compared: UnitList, client: Client) -> None:
    client.force_login(make_operator().user)
    client.post(reverse("accounts:decide_unit_list", args=[compared.pk]), {"group": "renamed", "all": "1"})
    assert not compared.rows.exclude(state="open").exists()


def test_a_new_school_of_a_level_that_has_ended_is_neither_listed_nor_accepted(
    compared: UnitList, tmp_path: Path
) -> None:
    Level.objects.filter(code="junior_high").update(valid_until=clock.today() - timedelta(days=1))
    file = tmp_path / "again.csv"
    file.write_text("\n".join([HEAD, *ROWS]))
    found, report = compare(file, name="114 名錄", by=acting(make_operator()), progress=Unwatched())
    assert [row.column for row in report.refused] == ["學校級別"]
    # A school that only gets another code keeps its level.
    assert "new" not in groups(found) and groups(found)["recoded"] == ["134599"]
    with pytest.raises(LevelNotOffered):
        decide(compared, "new")
    assert not Unit.objects.filter(code="134600").exists()


def listed(tmp_path: Path, *rows: str, head: str = HEAD) -> UnitList:
    file = tmp_path / "other.csv"
    file.write_text("\n".join([head, *rows]))
    return compare(file, name="113 名錄", by=acting(make_operator()), progress=Unwatched())[0]


def twin(code: str, district: str) -> str:
    return f"{code},中正國中,屏東縣,國民中學,{district},丙路 1 號,08-1"


def test_schools_of_one_name_are_told_apart_by_their_district(tmp_path: Path) -> None:
    units = [make_unit(f"13460{n}", name="中正國中", district=d) for n, d in enumerate(("甲鎮", "乙鄉"))]
    found = listed(tmp_path, twin("134710", "乙鄉"), twin("134711", "甲鎮"))
    pairs = dict(found.rows.filter(group="recoded").values_list("code", "unit"))
    assert pairs == {"134711": units[0].pk, "134710": units[1].pk}


def test_a_unit_gets_one_code_of_two_schools_that_have_its_name(tmp_path: Path) -> None:
    unit = make_unit("134600", name="中正國中", district="甲鎮")
    found = listed(tmp_path, twin("134710", "乙鄉"), twin("134711", "甲鎮"))
    assert groups(found) == {"new": ["134710"], "recoded": ["134711"]}
    found = listed(tmp_path, twin("134710", "丙鄉"), twin("134711", "丁鎮"))
    assert groups(found) == {"new": ["134710", "134711"], "missing": ["134600"]}
    assert unit.code == "134600"


def test_two_codes_for_one_unit_are_not_both_carried_out(tmp_path: Path) -> None:
    """A list that was compared by an earlier release may have both."""
    unit = make_unit("134600", name="中正國中")
    found = listed(tmp_path, twin("134710", ""))
    row = found.rows.get(code="134710")
    more = UnitListRow(unit_list=found, group="recoded", unit=unit, code="134711", name=row.name)
    more.facts, more.changes = row.facts | {"code": "134711"}, {"code": ["134600", "134711"]}
    more.save()
    decided = decide(found, "recoded")
    assert (decided.done, decided.stale) == (1, 1)
    unit.refresh_from_db()
    assert unit.code == "134710"


def test_a_list_parts_no_unit_from_the_one_above_it(tmp_path: Path) -> None:
    parent = make_unit("134600", name="母校國中")
    child = make_unit("134601", name="分校國中", parent=parent)
    rows = [f"13460{n},{name},花蓮縣,國民中學,,," for n, name in enumerate(("母校國中", "分校國中"))]
    found = listed(tmp_path, *rows)
    by = acting(make_operator())
    for row in found.rows.all():
        with pytest.raises(UnitsUnfit, match="母校國中"):
            unit_lists.accept(unit_list=found, row_ids=[row.pk], by=by)
    assert decide(found, "moved").done == 2
    child.refresh_from_db()
    assert child.county_name == "花蓮縣" and child.parent == parent


def test_a_list_lets_no_closed_unit_begin_after_its_last_day(tmp_path: Path) -> None:
    unit = make_unit("134600", name="甲國中")
    row, head = "134600,甲國中,屏東縣,國民中學,,,,120/1/1", f"{HEAD},起日"
    found = listed(tmp_path, row, head=head)
    Unit.objects.filter(pk=unit.pk).update(until=clock.today())
    decided = decide(found, "changed")
    assert (decided.done, decided.stale) == (0, 1)
    assert not listed(tmp_path, row, head=head).rows.exists()


def test_a_school_that_begins_later_is_not_missing(tmp_path: Path) -> None:
    make_unit("134600", name="新設國中", since=clock.today() + timedelta(days=1))
    make_unit("134601", name="停辦國中", since=clock.today())
    assert groups(listed(tmp_path, twin("134710", ""))) == {"new": ["134710"], "missing": ["134601"]}
