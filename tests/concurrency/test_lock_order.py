"""Every act takes its locks in one order: own queue of a person, units, people, accounts, requests, courses, suspensions, quotas, enrolments and
transfers, lights, campaigns, jobs, webhooks.

Recorded from the statements that PostgreSQL gets: `SELECT … FOR`, advisory locks, and every `UPDATE` or `DELETE`, which lock as well.
"""

import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.imports import people as imports
from accounts.locks import PERSONS_OWN
from courses.locks import QUEUE as COURSES
from courses.locks import lock_course, lock_course_rows, share_course
from tests.app_role import as_the_application
from tests.concurrency.acts import READY
from tests.factories import make_course, make_unit

OWN = "own queue of a person"
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ORDER = {
    # The advisory queue of what a person has.
    OWN: 0,
    "accounts_unit": 1,
    "accounts_user": 2,
    "accounts_businessaccount": 3,
    "accounts_accountapplication": 4,
    "accounts_identitychange": 4,
    "accounts_joinrequest": 4,
    "accounts_placeproposal": 4,
    "accounts_unitlist": 4,
    "accounts_dayoff": 4,
    "accounts_title": 4,
    "accounts_level": 4,
    "bulletin_announcement": 4,
    "bulletin_download": 4,
    "courses_tag": 4,
    "courses_stage": 4,
    "courses_audiencegroup": 4,
    "courses_coursenature": 4,
    "courses_course": 5,
    "courses_suspension": 6,
    # Quotas and enrolments of one course in either order: nobody else has them, who has not locked the course.
    "courses_quota": 7,
    "courses_enrolment": 7,
    "courses_transferrequest": 7,
    "courses_unitlight": 8,
    "courses_campaign": 9,
    "jobs_job": 10,
    "webhooks_webhook": 11,
}
# Rows that are locked with no other lock.
ALONE = {"audit_auditchain", "mfa_authenticator"}
LOCKING = re.compile(r'^SELECT .* FROM "(\w+)".* FOR (?:NO KEY UPDATE|UPDATE|SHARE)', re.S)
WRITING = re.compile(r'^\s*(?:UPDATE|DELETE FROM) "?(\w+)"?', re.S)
QUEUE = re.compile(r"^SELECT pg_advisory_xact_lock")
# What is queued for, by the first number of its queue (kit.locks); `setup` has another one.
QUEUES = {
    zlib.crc32(name.encode()) - 2**31: table
    for name, table in ((COURSES, "courses_course"), (PERSONS_OWN, OWN))
}


def locks_of(act: Callable[[], Any]) -> tuple[list[str], list[str]]:
    """The tables whose rows an act locks, in the order of their first lock; and its locking statements."""
    tables: list[str] = []
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        table = QUEUES.get(params[0], "") if QUEUE.match(sql) else ""
        if found := LOCKING.match(sql):
            table = found[1]
            # Django's `update_or_create` locks the one row that it has found.
            statements.extend([sql] if table in ORDER else [])
        elif found := WRITING.match(sql):
            table = found[1]
        if table in ORDER and table not in tables:
            tables.append(table)
        return execute(sql, params, many, context)

    # With no more rights than the application has in production.
    with as_the_application(), connection.execute_wrapper(note):
        act()
    return tables, statements


@pytest.mark.parametrize("name", READY)
def test_an_act_takes_its_locks_in_the_order_of_the_house(name: str) -> None:
    tables, _statements = locks_of(READY[name]())
    ranks = [ORDER[table] for table in tables]
    assert ranks == sorted(ranks), tables


@pytest.mark.parametrize("name", READY)
def test_rows_of_one_kind_are_locked_by_primary_key(name: str) -> None:
    _tables, statements = locks_of(READY[name]())
    assert all("ORDER BY" in sql for sql in statements), statements


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name in READY
        if name.startswith(("hours.", "courses.actions.withdrawal.", "courses.actions.transfers.withdraw"))
    ),
)
def test_an_act_on_a_course_locks_it(name: str) -> None:
    assert "courses_course" in locks_of(READY[name]())[0]


def queue_faults(act: Callable[[], Any]) -> list[str]:
    """What an act does against the order within one course: its row before its queue, or the queue shared and then alone."""
    seen: dict[int, str] = {}
    faults: list[str] = []
    row = False

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal row
        if QUEUE.match(sql):
            way, key = "together" if "_shared" in sql else "alone", params[-1]
            if row and not seen:
                faults.append("the row before the queue")
            if way == "alone" and seen.get(key) == "together":
                faults.append("together and then alone")
            seen.setdefault(key, way)
        elif (found := LOCKING.match(sql) or WRITING.match(sql)) and found[1] == "courses_course":
            row = True
        return execute(sql, params, many, context)

    with as_the_application(), connection.execute_wrapper(note):
        act()
    return faults


@pytest.mark.parametrize("name", READY)
def test_an_act_takes_the_queue_of_a_course_before_its_row_and_in_one_way(name: str) -> None:
    assert queue_faults(READY[name]()) == []


def test_a_queue_that_is_taken_late_or_twice_is_seen() -> None:
    course = make_course()

    def late() -> None:
        lock_course_rows([course.pk])
        share_course(course.pk)
        lock_course(course)

    assert queue_faults(late) == ["the row before the queue", "together and then alone"]


def test_an_import_takes_its_locks_in_the_order_of_the_house(tmp_path: Any) -> None:
    make_unit("600901")
    file = tmp_path / "people.csv"
    file.write_text(
        "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n陳怡君,A123456789,a@x.example,600901,主任,承辦人\n"
    )
    tables, _statements = locks_of(lambda: imports.import_people(file))
    ranks = [ORDER[table] for table in tables]
    assert tables and ranks == sorted(ranks), tables


def test_the_order_is_seen() -> None:
    """The recorder itself: an act that locks backwards is found."""

    def backwards() -> None:
        READY["courses.actions.enrolments.cancel"]()()
        READY["accounts.actions.appointments.end"]()()

    ranks = [ORDER[table] for table in locks_of(backwards)[0]]
    assert ranks != sorted(ranks)
