"""The nation once more: every row of a loaded set copied set-wise, its numbers and names moved out of the way."""

from allauth.account.models import EmailAddress
from django.db import connection, models

from accounts.models import Affiliation, BusinessAccount, Counter, Unit, User
from audit.models import AuditEvent
from courses.models import Course, Enrolment, Instructor, Session
from hours.models import Closing, HourCredit
from notices.models import Notice

STEP = 10_000_000_000
# allauth numbers with 32 bits.
SHORT_STEP = 100_000_000
DIGITS = ("ABCDEFGHIJ", "KLMNOPQRST")
COPIED: list[type[models.Model]] = [
    Unit, User, EmailAddress, Affiliation, BusinessAccount, Counter, Course, Session, Instructor, Course.stages.through,
    Course.tags.through, Enrolment, Closing, HourCredit, Notice, AuditEvent,
]  # fmt: skip
NUMBERS = {"actor_id", "unit_id"}


def multiply(copies: int) -> None:
    """Add that many copies. Counties, lists of words and policies stay one."""
    for number in range(copies):
        for model in COPIED:
            with connection.cursor() as cursor:
                cursor.execute(_statement(model, number))


def _statement(model: type[models.Model], number: int) -> str:
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    values = [_value(model, field, number) for field in model._meta.concrete_fields]
    named = ", ".join(f'"{column}"' for column in columns)
    return (
        f'INSERT INTO "{table}" ({named}) SELECT {", ".join(values)} FROM "{table}" WHERE {_originals(model)}'
    )


def _originals(model: type[models.Model]) -> str:
    return "name !~ '[A-T]'" if model is Counter else f"id < {_step(model)}"


def _step(model: type[models.Model]) -> int:
    return STEP if isinstance(model._meta.pk, models.BigAutoField) else SHORT_STEP


def _value(model: type[models.Model], field: models.Field, number: int) -> str:
    column, move = f'"{field.column}"', (number + 1) * STEP
    moved = {
        (Unit, "code"): f"translate(code, '0123456789', '{DIGITS[number]}')",
        (BusinessAccount, "number"): f"translate(number, '0123456789', '{DIGITS[number]}')",
        (Counter, "name"): f"translate(name, '0123456789', '{DIGITS[number]}')",
        (User, "email"): f"'x{number}.' || email",
        (EmailAddress, "email"): f"'x{number}.' || email",
        (Course, "code"): f"(code::bigint + {(number + 1) * 1_000_000})::text",
        (Notice, "key"): f"'x{number}:' || key",
        (AuditEvent, "object_id"): f"(object_id::bigint + {move})::text",
    }
    if (model, field.name) in moved:
        return moved[model, field.name]
    related = field.related_model if isinstance(field, models.ForeignKey) else None
    numbered = model is AuditEvent and field.column in NUMBERS
    if field.primary_key and model is not Counter:
        return f"{column} + {(number + 1) * _step(model)}"
    if numbered or related in COPIED:
        return f"{column} + {move}"
    return column
