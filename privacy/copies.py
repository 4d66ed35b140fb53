"""The copy of everything that is held on a person (個資法 §3): one archive, for programs and for people.

`data.json` has every section as it is; beside it a list (CSV) a section, and a note on what is in them. The records that were merged into
the person's own are part of it.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries.persons import persons_of
from kit import clock, tables
from kit.own_data import OWN_DATA, Section


def write_copy(out: BinaryIO, person: User) -> int:
    """Write the archive; return how many rows are in it."""
    people = list(persons_of(person.pk).values_list("pk", flat=True))
    whole: dict[str, list[dict[str, object]]] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, section in OWN_DATA.items():
            rows = [dict(zip(section.columns, values, strict=True)) for values in section.rows(people)]
            whole[name] = rows
            if rows:
                archive.writestr(f"{name}.csv", _list(section, rows))
        number = sum(map(len, whole.values()))
        archive.writestr("data.json", json.dumps(whole, ensure_ascii=False, indent=1, default=str))
        archive.writestr("README.txt", "\ufeff" + "\n".join(_note(person, whole)))
    return number


def _list(section: Section, rows: list[dict[str, object]]) -> bytes:
    out = io.BytesIO()
    header = [str(heading) for heading in section.columns.values()]
    tables.write(out, "csv", header, ([_cell(value) for value in row.values()] for row in rows))
    return out.getvalue()


def _cell(value: object) -> tables.Cell:
    return value if isinstance(value, int | float | str) else str(value)


def _note(person: User, whole: dict[str, list[dict[str, object]]]) -> Iterator[str]:
    yield _("Copy of the data held on %(name)s by %(site)s, %(day)s") % {
        "name": person.name,
        "site": settings.SITE_NAME,
        "day": clock.to_roc(clock.today()),
    }
    yield ""
    yield _("data.json is for programs; each list (CSV) is a part of it for people.")
    yield _(
        "National ID and passport numbers are stored encrypted and are shown here masked; you may have them corrected."
    )
    yield _(
        "Data about other people, passwords and keys are not in it: passwords and keys are stored in a form that nobody can read."
    )
    yield ""
    for name, section in OWN_DATA.items():
        yield f"{section.title} ({name}): {len(whole[name])}"
