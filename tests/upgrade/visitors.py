"""Runs with the code of revision 084da67 while its database is migrated: a person at a desk reads pages until a file appears.

Prints how often each status was returned before and after that the new tables were there, and what failed.
"""

import collections
import json
import sys
from pathlib import Path

import django
import time_machine

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

# Beside this file; the package `tests` is that of the old code.
from environment import SESSION, UPGRADE  # type: ignore[import-not-found]  # noqa: E402

PATHS = ("/healthz", "/catalogue/", "/unit/", "/unit/courses/", "/me/", "/accounts/login/")


def visit(client: Client, seen: "collections.Counter[str]") -> None:
    for path in PATHS:
        try:
            status = str(client.get(path).status_code)
        except Exception as error:  # whatever fails is what is looked for
            status = f"{path}: {type(error).__name__} {error}"[:200]
        seen[status] += 1


def main() -> None:
    setup_test_environment()
    begun, ended = Path(sys.argv[1]), Path(sys.argv[2])
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    client = Client(REMOTE_ADDR="10.0.0.7", HTTP_USER_AGENT="Mozilla/5.0 Chrome/142.0 Windows")
    client.cookies[settings.SESSION_COOKIE_NAME] = SESSION
    seen: collections.Counter[str] = collections.Counter()
    after: collections.Counter[str] = collections.Counter()
    with time_machine.travel(UPGRADE):
        visit(client, seen)
        begun.touch()
        while not ended.exists():
            visit(client, seen)
        # The old code beside the new tables, until it is restarted.
        visit(client, after)
    print(json.dumps({"meanwhile": seen, "after": after}))  # noqa: T201


main()
