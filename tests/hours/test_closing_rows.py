"""The rows of the closing sheet, which share the HTML of their shape, are those that the template alone would give."""

from dataclasses import fields
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import User
from courses.enums import AbsenceKind, EnrolmentState, Participation, PlannedAbsenceState
from courses.models import PlannedAbsence
from hours.forms.closing_page import Row
from hours.models import Mark
from hours.presenters.closing_rows import TEMPLATE, RowShape, shape_of, texts_of

S = EnrolmentState
OF_A_PERSON: list[dict[str, Any]] = [
    {"known_by": "wan***@school.example"},
    {"evidence": ("沒有簽到",)},
    {"error": "請填寫時數"},
]
OTHERS: list[dict[str, Any]] = [
    {},
    {"is_new": True},
    {"token": "a:b<c>", "pk": 0},
    {"token": "a:b", "pk": 0, "part": Participation.LECTURER},
    {"suggested": Mark.of(S.ABSENT, Decimal("2"))},
    *({"planned": PlannedAbsence(kind=AbsenceKind.values[0], state=state)} for state in PlannedAbsenceState),
]
NAMES = ["王小明", "<script>alert(1)</script>", 'O\'Brien & "Co"', "{{ row.state }}", ""]


def make_row(name: str = "王小明", state: str = S.ATTENDED, **facts: Any) -> Row:
    return Row(name, f"{name} 國小", Mark.of(state, Decimal("3")), User(pk=7), **{"pk": 12, **facts})


@pytest.mark.parametrize("language", ["zh-hant", "en"])
@pytest.mark.parametrize("facts", OTHERS + OF_A_PERSON)
def test_a_row_is_printed_as_its_template_alone_gives_it(language: str, facts: dict[str, Any]) -> None:
    with override(language):
        for name, state in product(NAMES, (S.ATTENDED, S.ABSENT, S.EXCUSED)):
            row = make_row(name, state, **facts)
            shape, texts = shape_of(row), texts_of(row, "3")
            assert TEMPLATE.print(shape, texts) == TEMPLATE.render(shape, texts)


@pytest.mark.parametrize("facts", OTHERS)
def test_what_many_have_is_common(facts: dict[str, Any]) -> None:
    assert shape_of(make_row(**facts)).is_common


@pytest.mark.parametrize("facts", OF_A_PERSON)
def test_what_is_of_one_person_alone_is_not_kept(facts: dict[str, Any]) -> None:
    assert not shape_of(make_row(**facts)).is_common


def test_a_shape_has_no_field_for_a_name() -> None:
    texts = {"name", "unit", "key", "typed", "token", "number"}
    assert set(TEMPLATE.names) == texts
    assert not texts & {field.name for field in fields(RowShape)}
