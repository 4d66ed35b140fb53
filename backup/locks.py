"""The lock of a drill's database. It is none of a row: a process holds it for as long as its connection lives."""

from django.db import connection


def hold_number(number: int) -> bool:
    """Hold a number on PostgreSQL until it is let go or the connection ends; return False where another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def let_go_number(number: int) -> None:
    """Let a number go that this process holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
