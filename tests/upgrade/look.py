"""Runs with today's code in a process of its own: brings the installation of a dump up to date, and prints what became of it.

The first word is `migrate`, or the file of what must be kept: then the upgrade is finished before the look.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import time_machine

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from environment import API_KEY, DEVICE, SESSION, UPGRADE  # type: ignore[import-not-found]  # noqa: E402

from audit.acts import ACTS  # noqa: E402
from audit.models import AuditEvent  # noqa: E402
from courses.models import Course  # noqa: E402
from jobs.models import Job  # noqa: E402
from kit.celery_app import app  # noqa: E402
from notices.models import Notice  # noqa: E402
from notices.registry import KINDS  # noqa: E402


def counts(tables: list[str]) -> Iterator[tuple[str, int]]:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for table in sorted(there.intersection(tables)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table's name
            yield table, cursor.fetchone()[0]


def browser() -> Client:
    client = Client(REMOTE_ADDR="10.0.0.7")
    client.cookies[settings.SESSION_COOKIE_NAME] = SESSION
    client.cookies[settings.DEVICE_COOKIE] = DEVICE
    return client


def passes(command: str) -> bool:
    try:
        call_command(command, stdout=sys.stderr, stderr=sys.stderr)
    except (CommandError, SystemExit):
        return False
    return True


def run(message: dict[str, Any]) -> None:
    app.tasks[message["task"]].apply(args=message["args"], kwargs=message["kwargs"]).get()


def look(facts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"counts": dict(counts(list(facts["counts"])))}
    client = browser()
    found["unit"] = client.get(reverse("courses:unit_home")).status_code
    security = client.get(reverse("signin:security"))
    found["person"] = security.context["user"].pk if security.context else None
    found["browser is known"] = security.status_code == 200 and any(
        row.digest == security.context["this_device"] for row in security.context["devices"]
    )
    program = Client(headers={"authorization": f"Token {API_KEY}"})
    found["program"] = program.get(reverse("api:unit_courses")).status_code
    app.loader.import_default_modules()
    found["tasks"] = sorted(app.tasks)
    for message in facts["messages"]:
        run(message)
    windows = Course.objects.filter(enrol_from__isnull=False).order_by("code")
    found["windows"] = [
        list(map(str, row)) for row in windows.values_list("code", "enrol_from", "enrol_until")
    ]
    found["jobs"] = list(Job.objects.values_list("state", flat=True))
    found["acts without words"] = sorted(
        set(AuditEvent.objects.values_list("action", flat=True)) - ACTS.keys()
    )
    found["unknown notices"] = sorted(set(Notice.objects.values_list("kind", flat=True)) - KINDS.keys())
    found["invariants hold"] = passes("check_invariants")
    found["record is whole"] = passes("verify_audit")
    return found


def main() -> None:
    setup_test_environment()
    # Pages are asked for without `collectstatic`.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    if sys.argv[1] == "migrate":
        with time_machine.travel(UPGRADE):
            call_command("migrate", verbosity=0)
        return
    facts = json.loads(Path(sys.argv[1]).read_text())
    # The machine took its time; the session of the morning is still open.
    with time_machine.travel(UPGRADE + timedelta(minutes=10)):
        call_command("finish_upgrade", stdout=sys.stderr)
        print(json.dumps(look(facts)))  # noqa: T201


main()
