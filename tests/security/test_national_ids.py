"""A clear national ID is nowhere: not in a page of any role, a column of any table, an e-mail, a log line.

Everybody in the small world and in the demonstration has a number here; numbers go through every door that takes one before it is
looked for them. The scanner itself is tried on a number planted in each place.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from accounts import identity
from accounts.models import User
from courses.models import Course
from demo import events
from tests.factories import make_user
from tests.flows.test_every_page import HATS, logged_in, pages_of
from tests.security import crawl
from tests.security.numbers import (
    Lines,
    give_numbers,
    leaks,
    log_lines,
    mails,
    number_of,
    run_tasks,
    through_every_door,
)
from tests.security.recording import Recording
from tests.security.world import ROLES, build

pytestmark = pytest.mark.django_db
Recorded = Callable[[str], Recording]


def dump() -> Iterator[tuple[str, str]]:
    """Every column of every row of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    readable = (
                        bytes(value).decode("latin-1")
                        if isinstance(value, bytes | memoryview)
                        else str(value)
                    )
                    yield f"{table}.{column}", readable


@pytest.fixture
def lines() -> Iterator[Lines]:
    with log_lines() as handler:
        yield handler


def in_pages(answers: Iterator[crawl.Answer] | list[crawl.Answer]) -> list[str]:
    """The numbers that pages, files and heads show."""
    return leaks((str(answer), crawl.texts(answer)) for answer in answers)


@pytest.mark.parametrize("role", ROLES)
def test_pages_mails_and_log_lines_of_a_role_show_no_number(role: str, recorded: Recorded) -> None:
    """Of the recorded crawl, whose world has been through every door."""
    found = recorded(role)
    read = [*found.own(), *found.followed()]
    assert not in_pages(read), "\n".join(in_pages(read))
    least = 700 if connection.vendor == "sqlite" else 500  # without the desk (recording.py)
    assert len(read) > least and len(found.lines) > 1000 and found.mails
    assert not leaks(found.lines) and not leaks(found.mails)


def test_tables_mails_and_log_lines_show_no_number(
    tmp_path: Path, lines: Lines, second_step: None, settings: Any
) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 1000
    world = build()
    assert len(give_numbers()) == User.objects.count() > 15
    through_every_door(world, tmp_path)
    run_tasks()
    assert not leaks(dump()), "\n".join(leaks(dump()))
    assert mail.outbox and not leaks(mails()) and len(lines.written) > 30 and not leaks(lines.written)


def test_a_number_planted_in_a_recorded_page_or_line_is_found(recorded: Recorded) -> None:
    found, number = recorded("visitor"), number_of(77)
    page = next(answer for answer in found.own() if answer.route == "courses:public")
    planted = replace(page, body=page.body.replace(b"</main>", f"<p>{number}</p></main>".encode()))
    assert in_pages([page, planted]) == [f"GET courses:public (200): {identity.masked(number)}"]
    assert leaks([*found.lines, ("log", number)]) == [f"log: {identity.masked(number)}"]


def test_the_masked_number_is_what_the_operator_sees(second_step: None) -> None:
    world = build()
    give_numbers()
    person = User.objects.get(pk=world.people["teacher"].pk)
    page = world.client("operator").get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert person.national_id_masked in page and person.national_id_masked.endswith("****")


def test_the_demonstration_shows_no_number_in_any_page_or_file() -> None:
    events.load()
    assert give_numbers()
    for hat in HATS:
        client = logged_in(f"{hat}@demo.example")
        for path in pages_of(hat):
            answer = crawl.ask(client, "GET", f"{hat} {path}", path)
            assert answer.status == 200, answer
            assert not in_pages([answer]), in_pages([answer])
    assert not leaks(dump())


# --- The scanner is tried --------------------------------------------------------------------------------------------
def test_a_number_planted_in_a_page_a_table_a_mail_or_a_line_is_found(lines: Lines) -> None:
    world, number = build(), number_of(77)
    assert not leaks(dump())
    course = world.things["open"]["own"]
    Course.objects.filter(pk=course.pk).update(summary=f"學員{number}報名")
    assert leaks(dump()) == [f"courses_course.summary: {identity.masked(number)}"]
    client = world.client("visitor")
    for route in ("courses:public", "api:course"):
        answer = crawl.ask(client, "GET", route, reverse(route, args=[course.code]))
        assert answer.status == 200 and in_pages([answer])
    mail.send_mail("x", f"您的證號 {number}", None, ["a@x.example"])
    assert len(leaks(mails())) == 1
    lines.setFormatter(logging.Formatter("%(message)s"))
    logging.getLogger("accounts").warning("person %s", number)
    assert len(leaks(lines.written)) == 1


def test_a_number_that_is_only_encoded_counts_as_clear_in_a_binary_column() -> None:
    assert leaks([("x", str(b"A123456789".decode("latin-1")))]) and not leaks(
        [("x", "A12345**** A123456788 XA123456789")]
    )


def test_the_dump_reads_every_table() -> None:
    make_user()
    read = {where.split(".")[0] for where, _text in dump()}
    assert {"accounts_user", "django_migrations"} <= read
