"""The key by which lists sort names in the order of their strokes follows every change of a name."""

from pathlib import Path

import pytest

from accounts.actions import identities
from accounts.actions.identities import Was
from accounts.imports.people import import_people
from accounts.models import User
from kit.strokes import stroke_key
from tests.factories import make_unit, make_user

pytestmark = pytest.mark.django_db


def keys_are_true() -> bool:
    return all(person.name_key == stroke_key(person.name) for person in User.objects.all())


def test_people_are_sorted_by_strokes() -> None:
    for name in ("蘇一", "丁一", "陳一", "林一"):
        make_user(name)
    assert [p.name for p in User.objects.order_by("name_key")] == ["丁一", "林一", "陳一", "蘇一"]


def test_a_save_of_the_name_alone_keeps_the_key() -> None:
    person = make_user("丁一")
    person.name = "蘇一"
    person.save(update_fields=["name"])
    assert keys_are_true()


def test_a_change_of_many_names_keeps_the_keys() -> None:
    person = make_user("丁一")
    was = Was.of(person)
    person.name = "蘇一"
    identities.save([was], by=None)
    assert keys_are_true() and User.objects.get().name == "蘇一"


def test_an_import_gives_keys(tmp_path: Path) -> None:
    make_unit("134526")
    file = tmp_path / "people.csv"
    file.write_text("姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n陳一,A123456789,a@x.example,134526,教師,\n")
    assert import_people(file).saved and keys_are_true()
