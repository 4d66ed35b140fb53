"""Each cell of a file of units or people that cannot be stored is refused at its row and column, and nothing of the file is saved."""

from pathlib import Path

import pytest

from accounts.actions import merging
from accounts.imports.people import import_people
from accounts.imports.roster import import_roster
from accounts.imports.units import import_units
from accounts.models import Unit, User
from tests.accounts.test_import_rules import NUMBERS, PEOPLE, file, stored
from tests.factories import acting, make_lead, make_operator, make_unit, make_user

pytestmark = pytest.mark.django_db
UNITS = "學校代碼,學校名稱,縣市名稱,學校級別,電話\n"
NUMBER = NUMBERS[0]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("134526,,屏東縣,國民中學,", "學校名稱"),
        (f"134526,{'校' * 101},屏東縣,國民中學,", "學校名稱"),
        ('134526,"縣立\n國中",屏東縣,國民中學,', "學校名稱"),
        ('134526,縣立國中,屏東縣,國民中學,"08\n1"', "電話"),
        ("134527,縣立甲國中,屏東縣,國民中學,", "學校代碼"),
    ],
    ids=["no name", "long", "line break", "line break elsewhere", "twice"],
)
def test_a_cell_of_a_unit_is_refused_where_it_is(tmp_path: Path, row: str, column: str) -> None:
    good = "134527,縣立甲國中,屏東縣,國民中學,\n"
    report = import_units(file(tmp_path, UNITS + good + row + "\n"))
    assert [(bad.line, bad.column) for bad in report.refused] == [(3, column)]
    assert not report.saved and not Unit.objects.exists()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"{'林' * 61},{NUMBER},a@x.example,134526,教師,", "姓名"),
        (f'"林\n二",{NUMBER},a@x.example,134526,教師,', "姓名"),
        (f"林二,{NUMBER},a@x.example,134526,{'師' * 41},", "職稱"),
        (f"林二,{NUMBER},{'a' * 200}@x.example,134526,教師,", "電子郵件"),
    ],
    ids=["long", "line break", "long title", "long mailbox"],
)
def test_a_cell_of_a_person_is_refused_where_it_is(tmp_path: Path, row: str, column: str) -> None:
    make_unit("134526")
    report = import_people(file(tmp_path, PEOPLE + row + "\n"))
    assert [(bad.line, bad.column) for bad in report.refused] == [(2, column)]
    assert not report.saved and not User.objects.exists()


@pytest.mark.parametrize("which", ["number", "mailbox"])
def test_a_record_that_was_merged_into_another_is_not_written_to(tmp_path: Path, which: str) -> None:
    make_unit("134526")
    person, second = make_user("林二"), stored("林二", NUMBER, "old@x.example")
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    number, email = (NUMBER, "new@x.example") if which == "number" else ("B123456780", second.email)
    report = import_people(file(tmp_path, PEOPLE + f"林二,{number},{email},134526,教師,\n"))
    assert [(bad.line, bad.column) for bad in report.refused] == [(2, "電子郵件")] and not report.saved


def test_a_roster_renames_nobody(tmp_path: Path) -> None:
    lead = make_lead(make_unit("134526"))
    person = stored("林二", NUMBER, "a@x.example")
    row = f"別人,{NUMBER},a@x.example,134526,教師,\n"
    report = import_roster(file(tmp_path, PEOPLE + row), by=acting(lead), dry_run=False).report
    assert [(bad.line, bad.column) for bad in report.refused] == [(2, "姓名")]
    assert "林二" not in report.refused[0].reason and not report.saved
    person.refresh_from_db()
    assert person.name == "林二"
