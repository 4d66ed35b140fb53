"""A unit that is renamed or gets another code: the past keeps its name, and the old code still finds the unit."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import unit_codes, units
from accounts.errors import (
    LevelDiffers,
    MayNotKeepUnit,
    ReasonNeeded,
    UnitCodeTaken,
    UnitStays,
)
from accounts.forms.unit_field import UnitField
from accounts.imports.people import import_people
from accounts.imports.units import import_units
from accounts.models import Affiliation, FormerCode, FormerName, Unit
from accounts.queries.unit_history import unit_names
from accounts.queries.units import UnitFilter, units_matching, units_of_code
from audit.models import AuditEvent
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course
from kit import clock
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
)

pytestmark = pytest.mark.django_db


def rename(unit: Unit, name: str) -> None:
    units.save_units([], [(unit, {"name": name})], by=None)


def recode(unit: Unit, code: str, **facts: Any) -> Unit:
    facts = {"level": unit.level, "reason": "改制", "by": acting(make_officer())} | facts
    return unit_codes.recode(unit=unit, code=code, **facts)


def test_a_unit_has_its_former_name_until_the_day_before_it_was_renamed() -> None:
    unit, today = make_unit(name="甲國中"), clock.today()
    rename(unit, "乙國中")
    names = unit_names()
    assert names.on(unit, today - timedelta(days=1)) == "甲國中"
    assert names.on(unit, today) == "乙國中" == names.on(unit, None)


def test_of_several_names_the_one_of_the_day_is_found() -> None:
    unit, today = make_unit(name="丙國中"), clock.today()
    FormerName.objects.create(unit=unit, name="乙國中", until=today - timedelta(days=10))
    FormerName.objects.create(unit=unit, name="甲國中", until=today - timedelta(days=20))
    names = unit_names()
    found = [names.on(unit, today - timedelta(days=days)) for days in (25, 20, 15, 10, 5)]
    assert found == ["甲國中", "甲國中", "乙國中", "乙國中", "丙國中"]


def test_of_two_names_of_one_day_the_one_that_held_is_kept() -> None:
    unit = make_unit(name="甲國中")
    rename(unit, "手誤")
    rename(unit, "乙國中")
    assert [row.name for row in FormerName.objects.all()] == ["甲國中"]


def test_receipts_and_records_show_the_name_of_the_day(client: Client) -> None:
    lead = make_lead(make_unit(name="縣立原名國中"))
    course = make_course(lead, ago=20)
    enrolment = make_enrolment(course)
    close(course)
    rename(lead.unit, "縣立新名國中")
    client.force_login(lead.user)
    receipt = reverse("hours:receipt", args=[course.code])
    for address in (receipt, receipt + "?download=csv"):
        answer = client.get(address)
        text = b"".join(answer) if answer.streaming else answer.content
        assert "縣立原名國中" in text.decode(), address
    client.force_login(enrolment.user)
    mine, home = reverse("hours:my_record") + f"?year={course.year}", reverse("hours:me")
    for address in (mine, mine + "&download=csv", home):
        answer = client.get(address)
        text = b"".join(answer) if answer.streaming else answer.content
        assert "縣立原名國中" in text.decode() and "縣立新名國中" not in text.decode(), address


def test_a_new_code_is_recorded_and_the_old_one_kept() -> None:
    unit = make_unit("134526")
    recode(unit, "134999")
    event = AuditEvent.objects.get(action="unit.recoded")
    assert (event.before["code"], event.after["code"], event.reason) == ("134526", "134999", "改制")
    assert FormerCode.objects.get().code == "134526"


def test_forms_search_and_the_catalogue_find_a_unit_by_its_former_code(client: Client) -> None:
    unit = make_unit("134526")
    course = make_course(make_account(unit))
    recode(unit, "134999")
    assert units_of_code("134526") == [unit] == units_of_code("134999")
    assert list(units_matching(acting(make_operator()), UnitFilter(words="134526"))) == [unit]
    page = client.get(reverse("courses:catalogue"), {"unit": "134526"}).content.decode()
    assert course.title in page


def test_a_code_that_another_unit_has_today_is_that_units() -> None:
    former = make_unit("134526")
    recode(former, "134999")
    present = make_unit("134526")
    assert units_of_code("134526") == [present]


def test_the_register_finds_a_unit_by_its_former_name() -> None:
    unit = make_unit(name="縣立獨特國中")
    rename(unit, "縣立合併國中")
    assert list(units_matching(acting(make_operator()), UnitFilter(words="獨特"))) == [unit]


def test_each_search_finds_a_unit_by_its_former_code_and_name(client: Client) -> None:
    unit = make_unit("134526", name="縣立獨特國中")
    account = make_account(unit)
    course = make_course(account, ago=60)
    recode(unit, "134999")
    unit.refresh_from_db()
    rename(unit, "縣立合併國中")
    for words in ("134526", "134999", "獨特", "合併"):
        assert UnitField().clean(words) == unit
        client.force_login(make_officer().user)
        page = client.get(reverse("courses:county"), {"q": words})
        assert course.unit_id in [light.unit_id for light in page.context["page"]], words
        client.force_login(make_operator().user)
        page = client.get(reverse("courses:operator_accounts"), {"q": words})
        assert account in page.context["page"].object_list, words
        client.logout()
        found = CourseFilter().by_unit(Course.objects.all(), "unit", words)
        assert list(found) == [course], words


def test_lists_of_units_and_people_with_the_former_code_find_the_unit(tmp_path: Path) -> None:
    unit = make_unit("134526", name="縣立南州國中")
    recode(unit, "134999")
    schools = tmp_path / "units.csv"
    schools.write_text("學校代碼,學校名稱,縣市名稱,學校級別\n134526,縣立南州國中,屏東縣,國民中學\n")
    assert import_units(schools).unchanged == 1 and Unit.objects.filter(name="縣立南州國中").count() == 1
    people = tmp_path / "people.csv"
    people.write_text(
        "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n陳怡君,A123456789,a@x.example,134526,主任,\n"
    )
    import_people(people)
    assert Affiliation.objects.filter(user__name="陳怡君").get().unit == unit


REFUSED: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"reason": " "}, ReasonNeeded),
    ({"level": "none"}, LevelDiffers),
    ({"code": "134526"}, UnitStays),
    ({"code": "134777"}, UnitCodeTaken),
    ({"by": "lead"}, MayNotKeepUnit),
]


@pytest.mark.parametrize(("facts", "refusal"), REFUSED)
def test_a_new_code_is_refused(facts: dict[str, Any], refusal: type[Exception]) -> None:
    unit = make_unit("134526")
    make_unit("134777")
    if "by" in facts:
        facts = {"by": acting(make_lead(unit))}
    with pytest.raises(refusal):
        recode(unit, **{"code": "134999", **facts})


def test_the_page_gives_the_new_code_and_the_unit_shows_its_history(client: Client) -> None:
    unit = make_unit("134526", name="縣立原名國中")
    rename(unit, "縣立新名國中")
    client.force_login(make_officer().user)
    address = reverse("accounts:unit_code", args=[unit.pk])
    posted = {"code": "134999", "level": unit.level, "reason": "改制"}
    page = client.post(address, posted, follow=True).content.decode()
    assert all(word in page for word in ("134999", "134526", "縣立原名國中"))
