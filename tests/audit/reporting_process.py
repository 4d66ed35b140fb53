"""A process of the site that meets two faults: run by test_error_reports.py, which holds what left it."""

import logging
import sys

import django
from django.test import Client

django.setup()
if "--quiet" in sys.argv:
    assert "sentry_sdk" not in sys.modules
    sys.exit()

import sentry_sdk  # noqa: E402

from checks import probes  # noqa: E402

NAME, NUMBER, MAIL = "陳怡君", "A123456789", "yi-chun@school.example"


def broken() -> dict[str, str]:
    person = {"name": NAME, "number": NUMBER}
    try:
        raise KeyError(
            f"Key (name, email)=({NAME}, {MAIL}) already exists.\nDETAIL:  Failing row contains (7, {NUMBER})"
        )
    except KeyError as error:
        raise ValueError(f"no place for {NAME} ({NUMBER}, {MAIL}) {person}") from error


probes.state = broken
client = Client(
    raise_request_exception=False, headers={"Cookie": "session=hunter2", "Authorization": "Token hunter2"}
)
assert client.get(f"/readyz?token=hunter2&name={NAME}").status_code == 500
logging.getLogger("notices").error("mail to %s refused", MAIL, extra={"person": NAME})
sentry_sdk.flush(10)
