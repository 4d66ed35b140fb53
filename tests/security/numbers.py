"""National IDs and passports of the tests: given to everybody, typed wherever one may be, and looked for in what the site says."""

import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import identity
from accounts.actions import imports
from accounts.imports.people import import_people
from accounts.models import BusinessAccount, User
from accounts.tasks import watch_accounts
from audit.logs import RequestIdFilter, ScrubbedJsonFormatter
from audit.tasks import seal_record
from jobs import runner
from jobs.models import JobRefusal
from notices.tasks import drain_outbox
from signin import education
from tests.factories import acting
from tests.security.world import World

NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Da-d1289]\d{8}(?![A-Za-z0-9])")
# The passports of this test have one form, so that they are recognised anywhere.
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


def mails() -> Iterator[tuple[str, str]]:
    for message in mail.outbox:
        parts = [
            message.subject,
            message.body,
            str(message.to),
            *map(str, getattr(message, "alternatives", [])),
        ]
        yield f"mail to {message.to}", "\n".join(parts)


def leaks(places: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{where}: {identity.masked(found)}" for where, text in places for found in clear_ids(text)]


class Lines(logging.Handler):
    """Keep log lines as production writes them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(RequestIdFilter())
        self.setFormatter(ScrubbedJsonFormatter("%(levelname)s %(name)s %(message)s %(request_id)s"))
        self.written: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append((f"log of {record.name}", self.format(record)))


@contextmanager
def log_lines() -> Iterator[Lines]:
    """Collect what is logged from INFO on, the access log included. No other handler writes these lines meanwhile: thousands."""
    handler, root, access = Lines(), logging.getLogger(), logging.getLogger("audit.request")
    level, others = root.level, root.handlers
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    access.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        root.handlers = others
        root.setLevel(level)
        access.setLevel(logging.NOTSET)


def through_every_door(world: World, folder: Path) -> None:
    """Numbers where people and files put them, right and wrong ones, and the one page that shows one for a reason."""
    table = folder / "people.csv"
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
    assert JobRefusal.objects.values("line").distinct().count() == 6 < JobRefusal.objects.count()
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


def run_tasks() -> None:
    """Run the tasks that write e-mails and log lines about people. `watch_accounts` suspends unused accounts."""
    watch_accounts()
    seal_record()
    drain_outbox()
