"""The rows of the closing sheet as HTML: one template, rendered once for all who look the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from courses.enums import EnrolmentState
from hours.forms.closing_page import ClosingPage, Row
from kit.row_templates import RowTemplate, joined

# The three outcomes in the order of the page.
MARKS = [(s.value, s.label) for s in (EnrolmentState.ATTENDED, EnrolmentState.ABSENT, EnrolmentState.EXCUSED)]
TEXTS = ("number", "name", "unit", "key", "typed", "token")
TEMPLATE = RowTemplate("hours/partials/closing_row.html", TEXTS, {"marks": MARKS})


@dataclass(frozen=True)
class RowShape:
    """What decides how a row looks."""

    state: str
    is_new: bool = False
    is_walk_in: bool = False
    # As what a lecturer or a member of staff takes part.
    part: str = ""
    differs: bool = False
    # What the person said in advance: the state, and the kind in words.
    planned: str = ""
    planned_kind: str = ""
    # Of this person alone.
    known_by: str = ""
    evidence: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_common(self) -> bool:
        """Whether other people have the same: nothing in it is of one person alone."""
        return not (self.known_by or self.evidence or self.error)


def closing_rows(page: ClosingPage) -> SafeString:
    """Return the rows of the sheet: the list, then those who came without enrolment, then lecturers and staff."""
    return joined(
        TEMPLATE.print(shape, texts_of(row, number), is_kept=shape.is_common)
        for row, number in _numbered(page)
        for shape in [shape_of(row)]
    )


def _numbered(page: ClosingPage) -> Iterator[tuple[Row, str]]:
    yield from ((row, str(number)) for number, row in enumerate(page.rows, start=1))
    yield from ((row, "+") for row in page.walk_ins)
    yield from ((row, "–") for row in page.helpers)


def shape_of(row: Row) -> RowShape:
    return RowShape(
        row.state,
        is_new=row.is_new,
        is_walk_in=bool(row.token),
        part=row.part_label if row.is_helper else "",
        known_by=row.known_by,
        evidence=tuple(row.evidence),
        differs=row.differs,
        planned=row.planned.state if row.planned else "",
        planned_kind=row.planned.get_kind_display() if row.planned else "",
        error=row.error,
    )


def texts_of(row: Row, number: str) -> dict[str, str]:
    return {
        "number": number,
        "name": row.name,
        "unit": row.unit,
        "key": row.key,
        "typed": row.typed,
        "token": row.token,
    }
