"""A clear national ID stands nowhere: not in a page of any role, a column of any table, a letter, a log line.

Everybody in the small world and in the demonstration has a number here; numbers go through every door that takes one before it is
looked for them. The scanner itself is tried on a number planted in each place.
"""

import logging
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import identity
from accounts.actions import imports
from accounts.imports.people import import_people
from accounts.models import BusinessAccount, User
from accounts.tasks import watch_accounts
from audit.logs import RequestIdFilter, ScrubbedJsonFormatter
from audit.tasks import seal_record
from courses.models import Course
from demo import events
from jobs import runner
from jobs.models import JobRefusal
from notices.tasks import drain_outbox
from signin import education
from tests.factories import acting, make_user
from tests.flows.test_every_page import logged_in, pages_of
from tests.security import crawl
from tests.security.world import ROLES, World, build

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Da-d1289]\d{8}(?![A-Za-z0-9])")
# The passports of this test have one form, so that they are known wherever they stand.
PASSPORT = re.compile(r"ZQ\d{7}", re.IGNORECASE)


def clear_ids(text: str) -> list[str]:
    """The numbers with a right check digit, and the passports, that a text shows."""
    text = unicodedata.normalize("NFKC", text)
    ids = [found for found in NUMBER.findall(text) if identity.is_checked(found.upper())]
    return ids + PASSPORT.findall(text)


def number_of(serial: int) -> str:
    """The serial-th true number."""
    return next(n for d in range(10) if identity.is_checked(n := f"B{1 + serial % 2}{serial:07d}{d}"))


def give_numbers() -> set[str]:
    given = set()
    for serial, person in enumerate(User.objects.order_by("pk"), start=1):
        person.set_national_id(number_of(serial))
        person.set_passport(f"ZQ{serial:07d}")
        person.save(update_fields=User.NUMBER_FIELDS)
        given.add(number_of(serial))
    return given


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


def letters() -> Iterator[tuple[str, str]]:
    for message in mail.outbox:
        parts = [
            message.subject,
            message.body,
            str(message.to),
            *map(str, getattr(message, "alternatives", [])),
        ]
        yield f"letter to {message.to}", "\n".join(parts)


def leaks(places: Any) -> list[str]:
    return [f"{where}: {identity.masked(found)}" for where, text in places for found in clear_ids(text)]


class Lines(logging.Handler):
    """Log lines as production writes them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(RequestIdFilter())
        self.setFormatter(ScrubbedJsonFormatter("%(levelname)s %(name)s %(message)s %(request_id)s"))
        self.written: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append((f"log of {record.name}", self.format(record)))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level, handlers = root.level, [handler]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("audit.request").setLevel(logging.INFO)
    yield handler
    root.removeHandler(handlers[0])
    root.setLevel(level)
    logging.getLogger("audit.request").setLevel(logging.NOTSET)


def through_every_door(world: World, tmp_path: Path) -> None:
    """Numbers where people and files put them, right and wrong ones, and the one page that shows one for a reason."""
    table = tmp_path / "people.csv"
    table.write_text(
        "姓名,身分證字號,護照號碼,電子郵件,學校代碼,職稱,角色\n"
        f"陳怡君,{number_of(901)},ZQ0000901,a@x.example,134526,教師,承辦人\n"
        "林老師,A123456788,,b@x.example,134526,教師,\n"
        f"王老師,{number_of(902)} (代課老師),,c@x.example,134526,教師,\n"
        f"李老師,，{number_of(903)}a,,c@x.example,134526,教師,\n"
        "張老師,ZQ0000903,,d@x.example,134526,教師,\n"
        "趙老師,,ZQ0000904-123456,e@x.example,134526,教師,\n"
        f"孫老師,,{number_of(904)},f{number_of(904)}@x,134526,教師,\n"
    )
    import_people(str(table), skip_bad_rows=True)
    upload = SimpleUploadedFile(f"{number_of(905)}.csv", table.read_bytes())
    by = acting(BusinessAccount.objects.get(user=world.people["operator"], role="operator"))
    runner.run(imports.check("import_people", by=by, upload=upload).pk)
    assert JobRefusal.objects.count() == 6
    operator, lead, handler = (world.client(role) for role in ("operator", "lead", "handler"))
    person = User.objects.get(pk=world.people["teacher"].pk)
    operator.post(reverse("accounts:people"), {"q": person.national_id})
    operator.get(reverse("accounts:people"), {"q": person.national_id})
    shown = operator.post(reverse("accounts:reveal", args=[person.pk]), {"reason": "核對重複帳號"})
    assert person.national_id in shown.content.decode()
    code = world.things["course"]["own"].code
    assert person.passport in shown.content.decode()
    tried = (
        person.national_id,
        number_of(902),
        person.passport,
        f"x_{number_of(906)}",
        f"字號{number_of(907)}號",
    )
    for number in tried:
        handler.post(reverse("hours:close", args=[code]), {"action": "add", "walk_in": number})
        Client().post(reverse("account_login"), {"login": number, "password": number})
        Client().post(reverse("account_reset_password"), {"email": number})
        Client().get("/catalogue/", {"q": number})
        lead.get(f"/unit/{number}/")
    education.match({"national_id": person.national_id}, {"national_id_claim": "national_id"})
    for text in ("person %s was not found", "身分證字號%s不正確", "x_%s"):
        logging.getLogger("accounts").warning(text, person.national_id)
    watch_accounts()
    seal_record()
    drain_outbox()


def test_pages_tables_letters_and_log_lines_show_no_number(
    tmp_path: Path, lines: Lines, second_step: None, settings: Any
) -> None:
    settings.LOGIN_ADDRESS_LIMIT = 1000
    world = build()
    assert len(give_numbers()) == User.objects.count() > 15
    through_every_door(world, tmp_path)
    pages = 0
    for role in ROLES:
        read = [(str(answer), crawl.texts(answer)) for answer in crawl.answers(world, role)]
        assert not leaks(read), "\n".join(leaks(read))
        pages += len(read)
    assert pages > 1500
    assert not leaks(dump()), "\n".join(leaks(dump()))
    assert mail.outbox and not leaks(letters()) and len(lines.written) > 1500 and not leaks(lines.written)


def test_the_masked_number_is_what_the_operator_sees(second_step: None) -> None:
    world = build()
    give_numbers()
    person = User.objects.get(pk=world.people["teacher"].pk)
    page = world.client("operator").get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert person.national_id_masked in page and person.national_id_masked.endswith("****")


@pytest.mark.parametrize("hat", ["teacher", "handler", "lead", "county", "operator", "family"])
def test_the_demonstration_shows_no_number_in_any_page_or_file(hat: str) -> None:
    events.tell()
    assert give_numbers()
    client = logged_in(f"{hat}@demo.example")
    for path in pages_of(hat):
        answer = crawl.ask(client, "GET", "demo", path)
        assert answer.response.status_code == 200
        assert not leaks([(path, crawl.texts(answer))])
    assert not leaks(dump())


# --- The scanner is tried --------------------------------------------------------------------------------------------
def test_a_number_planted_in_a_page_a_table_a_letter_or_a_line_is_found(lines: Lines) -> None:
    world, number = build(), number_of(77)
    assert not leaks(dump())
    course = world.things["open"]["own"]
    Course.objects.filter(pk=course.pk).update(summary=f"學員{number}報名")
    assert leaks(dump()) == [f"courses_course.summary: {identity.masked(number)}"]
    found = [str(a) for a in crawl.answers(world, "visitor") if leaks([(str(a), crawl.texts(a))])]
    assert "GET courses:public (200)" in found and "GET api:course (200)" in found
    mail.send_mail("x", f"您的證號 {number}", None, ["a@x.example"])
    assert len(leaks(letters())) == 1
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
