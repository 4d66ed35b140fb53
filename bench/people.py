"""A file of people such as an operator imports, and the same rows as COPY takes them."""

import csv
from pathlib import Path

from django.db import connection
from django.db.models import Count

from accounts import identity
from accounts.imports.people import import_people
from accounts.imports.people_lines import NEEDED
from accounts.models import Unit
from bench.copying import trust_rows
from bench.words import name_of

MAIL = "import{n}@bench.example"
MADE = f"(SELECT id FROM accounts_user WHERE email LIKE '{MAIL.format(n='%')}')"


def number_of(n: int) -> str:
    """The n-th national ID whose check digit is right."""
    body = f"A{1 + n % 2}{n // 2:07d}"
    return next(f"{body}{digit}" for digit in range(10) if identity.is_checked(f"{body}{digit}"))


def write_file(path: Path, people: int) -> None:
    # A code that two schools share would need the level beside it.
    alone = Unit.objects.order_by("code").values("code").annotate(units=Count("pk")).filter(units=1)
    codes = list(alone.values_list("code", flat=True)[:200])
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(NEEDED)
        for n in range(people):
            table.writerow(
                [name_of(n), number_of(n), MAIL.format(n=n), codes[n % len(codes)], "教師", "教師"]
            )


def carry_out(path: str) -> dict[str, int]:
    """The import, as the operator's job does it."""
    report = import_people(path)
    assert report.saved, report.refused[:3]
    return report.counts


def keep(path: str) -> None:
    """The imported rows in COPY's own format beside the file: people, and where they serve."""
    with connection.cursor() as cursor:
        for table, rows in (("accounts_user", "id"), ("accounts_affiliation", "user_id")):
            with open(f"{path}.{table}", "w", encoding="utf-8") as file:
                cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE {rows} IN {MADE}) TO STDOUT", file)


def copy(path: str) -> None:
    with connection.cursor() as cursor:
        for table in ("accounts_user", "accounts_affiliation"):
            with open(f"{path}.{table}", encoding="utf-8") as file:
                cursor.copy_expert(f"COPY {table} FROM STDIN", file)


def clear() -> None:
    trust_rows()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM accounts_affiliation WHERE user_id IN {MADE}")
        cursor.execute(f"DELETE FROM accounts_user WHERE id IN {MADE}")
        cursor.execute("RESET session_replication_role")
