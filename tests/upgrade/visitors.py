"""Runs with the code of revision 084da67 while its database is migrated: people read pages and act until a file appears.

Prints how often each status was returned before and after that the new tables were there, and what failed.
"""

import collections
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import time_machine

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

# Beside this file; the package `tests` is that of the old code.
from environment import SESSION, UPGRADE  # type: ignore[import-not-found]  # noqa: E402

from accounts.models import AccountApplication  # noqa: E402
from hours.models import Objection  # noqa: E402
from tests import factories as make  # noqa: E402

PATHS = (
    "/healthz",
    "/catalogue/",
    "/unit/",
    "/unit/courses/",
    "/unit/objections/",
    "/me/",
    "/accounts/login/",
)


def browser() -> Client:
    return Client(REMOTE_ADDR="10.0.0.7", HTTP_USER_AGENT="Mozilla/5.0 Chrome/142.0 Windows")


class Visitors:
    """A handler who was logged in before, and a handler and a teacher of a unit of their own, who act."""

    def __init__(self) -> None:
        # The people of the dump have the first numbers.
        make._serial = itertools.count(5000)
        self.unit = make.make_unit("777701")
        self.account, self.teacher = make.make_account(self.unit), make.make_user(unit=self.unit)
        self.coming = make.make_course(self.account, capacity=5)
        self.reader, self.handler, self.person = browser(), browser(), browser()
        self.reader.cookies[settings.SESSION_COOKIE_NAME] = SESSION
        self.log_in(self.handler, self.account.user)
        self.log_in(self.person, self.teacher)
        self.seen: collections.Counter[str] = collections.Counter()

    def log_in(self, client: Client, person: Any) -> Any:
        return client.post(reverse("account_login"), {"login": person.email, "password": make.PASSWORD})

    def note(self, name: str, act: Callable[[], Any]) -> None:
        try:
            status = str(act().status_code)
        except Exception as error:  # whatever fails is what is looked for
            status = f"{name}: {type(error).__name__} {error}"[:300]
        self.seen[status] += 1

    def post(self, client: Client, route: str, *args: Any, **data: Any) -> None:
        self.note(route, lambda: client.post(reverse(route, args=args), data))

    def visit(self) -> None:
        for path in PATHS:
            self.note(path, lambda path=path: self.reader.get(path))  # type: ignore[misc]
        self.note("log in", lambda: self.log_in(browser(), self.teacher))
        self.post(self.person, "courses:enrol", self.coming.code)
        self.post(self.person, "courses:cancel", self.coming.code)
        self.note("an objection", self.object_and_reply)
        self.note("a paper", self.send_a_paper)

    def object_and_reply(self) -> Any:
        """A course is closed, the person who was marked absent objects, the handler replies."""
        course = make.make_course(self.account, ago=10)
        make.close(course, absent=(make.make_enrolment(course, self.teacher),))
        self.post(self.person, "hours:object", course.code, text="我有到場")
        (row,) = Objection.objects.filter(enrolment__course=course)
        self.post(self.handler, "hours:answer_objection", row.pk, text="已查明")
        row.refresh_from_db()
        assert row.answer == "已查明"
        return self.person.get("/me/")

    def send_a_paper(self) -> Any:
        paper = SimpleUploadedFile("p.pdf", b"%PDF-1.4 paper", "application/pdf")
        facts = {
            "unit": "777701",
            "level": "",
            "role": "handler",
            "reason": "接辦",
            "starts_on": "2026-12-01",
        }
        self.post(self.person, "accounts:apply", **facts, proof=paper)
        row = AccountApplication.objects.filter(user=self.teacher).latest("pk")
        assert bytes(row.proof.data) == b"%PDF-1.4 paper"
        return self.person.post(reverse("accounts:take_back_application", args=[row.pk]))


def main() -> None:
    setup_test_environment()
    begun, ended = Path(sys.argv[1]), Path(sys.argv[2])
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with time_machine.travel(UPGRADE):
        visitors = Visitors()
        visitors.visit()
        begun.touch()
        while not ended.exists():
            visitors.visit()
        meanwhile, visitors.seen = visitors.seen, collections.Counter()
        # The old code beside the new tables, until it is restarted.
        visitors.visit()
    print(json.dumps({"meanwhile": meanwhile, "after": visitors.seen}, ensure_ascii=False))  # noqa: T201


main()
