"""Training records as files, each written in a process of its own."""

import os
import tempfile

from django.db import connection

from courses.models import Enrolment
from hours.presenters import record_table
from hours.queries import records
from kit import tables


def write(fmt: str, county: str, year: str) -> int:
    """The county's records, as the job writes them; answers the rows."""
    with tempfile.TemporaryFile() as out:
        found = records.county_records(int(county), int(year))
        return tables.write(out, fmt, record_table.COUNTY_HEADER, record_table.county_rows(found))


def write_many(fmt: str, county: str, year: str, rows: str) -> int:
    """So many rows through the same pipe: the county's own again and again from the database, until there are enough."""

    def repeated():  # type: ignore[no-untyped-def]
        left = int(rows)
        while left > 0:
            for row in record_table.county_rows(records.county_records(int(county), int(year))[:left]):
                yield row
                left -= 1

    with tempfile.TemporaryFile() as out:
        return tables.write(out, fmt, record_table.COUNTY_HEADER, repeated())


def copy(county: str, year: str) -> None:
    """The same question, its rows written by PostgreSQL itself."""
    statement, values = as_sql(records.county_records(int(county), int(year)))
    with connection.cursor() as cursor, open(os.devnull, "w") as out:
        cursor.copy_expert(f"COPY ({cursor.mogrify(statement, values).decode()}) TO STDOUT (FORMAT csv)", out)


def as_sql(found: "records.QuerySet[Enrolment]") -> tuple[str, tuple]:
    columns = (
        "home_code", "home_name", "user__name", "course__code", "course__title", "course__unit__name", "course__ends_on",
        "net", "course__approval_number",
    )  # fmt: skip
    return found.values_list(*columns).query.sql_with_params()
