"""Fill an empty, migrated PostgreSQL database with a set. Its rows are made by `load.sql`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from psycopg2.extras import Json

from accounts.actions.counties import COUNTIES
from accounts.models import Affiliation, BusinessAccount, Counter, County, Unit, User
from audit.models import AuditEvent
from bench import words
from bench.loading import reset_sequences, trusted_rows, vacuum, without_indexes
from bench.sizes import HOME, SCHOOL_COURSES, SCHOOL_ENROLMENTS, SCHOOL_TEACHERS, SIZES
from courses.actions import lights
from courses.actions.registration import FIRST_CODE
from courses.models import Course, Enrolment, Instructor, Session
from hours.models import Closing, HourCredit
from kit import clock
from notices.models import Notice

# Every person of a set logs in with it.
PASSWORD = "bench in service 2026"
AHEAD_DAYS = 60
MODELS = (
    County, Unit, User, EmailAddress, Affiliation, BusinessAccount, Counter, Course, Session, Instructor, Course.stages.through,
    Course.tags.through, Enrolment, Closing, HourCredit, Notice, AuditEvent,
)  # fmt: skip
# The tables that grow with the nation or with time.
GROWING = [model._meta.db_table for model in MODELS if model not in (County, Counter)]


def load(size_name: str, *, seed: int = 112, today: date | None = None, trusting: bool = True) -> None:
    """Write the whole set. With `trusting` indexes are built and foreign keys checked afterwards, as the size demands."""
    with ExitStack() as stack:
        if trusting:
            stack.enter_context(trusted_rows())
            stack.enter_context(without_indexes(GROWING))
        _rows(size_name, seed, today or clock.today())
    reset_sequences(MODELS)
    vacuum()
    lights.refresh(year=clock.this_year() - 1, cause="bench")
    lights.refresh(cause="bench")
    vacuum()


def _rows(size_name: str, seed: int, today: date) -> None:
    with transaction.atomic(), django_defaults(), connection.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "load.sql").read_text(), _values(size_name, seed, today))
        # No table is altered while the check of a foreign key is outstanding.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _values(size_name: str, seed: int, today: date) -> dict[str, object]:
    size, first_day = SIZES[size_name], date(today.year - 2, 1, 1)
    return {
        "seed": seed, "today": today, "first_day": first_day, "days": (today - first_day + timedelta(AHEAD_DAYS)).days,
        "units": size.units, "courses": size.courses, "enrolments": size.enrolments, "nation": size.nation,
        # A lead, three handlers and a teacher.
        "staff": max(5, (size.teachers - SCHOOL_TEACHERS) // (size.units - 1)),
        "school_teachers": SCHOOL_TEACHERS, "school_courses": SCHOOL_COURSES, "school_enrolments": SCHOOL_ENROLMENTS,
        "counties": list(COUNTIES), "home": HOME, "password": make_password(PASSWORD), "first_code": FIRST_CODE, "roc": clock.ROC_OFFSET,
        "surnames": list(words.SURNAMES), "given": words.GIVEN, "schools": words.SCHOOLS, "subjects": words.SUBJECTS,
        "kinds": words.KINDS, "steps": words.STEPS, "summary": words.SUMMARY,
    }  # fmt: skip


@contextmanager
def django_defaults() -> Iterator[None]:
    """Give the columns Django's defaults in the database for a while, so that `load.sql` names only what it makes."""
    fields = [field for model in MODELS for field in model._meta.concrete_fields]
    columns = [
        (field.model._meta.db_table, field.column, field.get_default())
        for field in fields
        if not field.primary_key and not field.is_relation and field.get_default() is not None
    ]
    with connection.cursor() as cursor:
        for table, column, value in columns:
            value = Json(value) if isinstance(value, dict | list) else value
            cursor.execute(f'ALTER TABLE "{table}" ALTER "{column}" SET DEFAULT %s', [value])
        yield
        for table, column, _ in columns:
            cursor.execute(f'ALTER TABLE "{table}" ALTER "{column}" DROP DEFAULT')
