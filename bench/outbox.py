"""How many letters a second leave the outbox to a mail server on this machine. Prints JSON.

python -m bench.outbox [LETTERS]        on an empty database of its own (SQLite, or DATABASE_URL's server: a test database)
"""

import json
import os
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.db import connection  # noqa: E402
from django.test.utils import get_runner, override_settings  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.smtp_sink import sink  # noqa: E402
from inservice import clock  # noqa: E402
from notices import outbox  # noqa: E402
from notices.models import Notice  # noqa: E402


def measure(letters: int) -> dict[str, object]:
    people = User.objects.bulk_create(
        [User(email=f"p{n}@school.example", name=f"王老師{n}", password="!") for n in range(100)]
    )
    facts = {
        "unit": "屏東縣立南州國中",
        "courses": [
            {"code": f"508{n:04}", "title": "性別平等教育研習", "ended": clock.today()} for n in range(5)
        ],
    }
    began = time.perf_counter()
    outbox.write(
        outbox.Letter(
            "please_close", people[n % 100], f"unit:{n}", clock.today() + timedelta(n % 7), "/unit/", facts
        )
        for n in range(letters)
    )
    written = time.perf_counter() - began
    with (
        sink() as server,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=server.port,
            EMAIL_USE_TLS=False,
            EMAIL_USE_SSL=False,
        ),
    ):
        began, worked = time.perf_counter(), time.process_time()
        told = outbox.drain_all(seconds=600)
        drained, worked = time.perf_counter() - began, time.process_time() - worked
        count = dict(server.count)
    return {
        "database": connection.vendor,
        "letters": letters,
        "written_per_second": round(letters / written),
        "sent": told["sent"],
        "received": count.get("mails", 0),
        "connections": count.get("connections", 0),
        "kilobytes_each": round(count.get("bytes", 0) / max(letters, 1) / 1000, 1),
        "seconds": round(drained, 2),
        "sent_per_second": round(told["sent"] / drained),
        # Of worker and sink together, in one process: what a machine with nothing else to do would need.
        "cpu_milliseconds_each": round(1000 * worked / max(told["sent"], 1), 2),
        "load_average": os.getloadavg()[0],
        "unsent_after": Notice.objects.unsent().count(),
    }


def main(words: list[str]) -> None:
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        print(json.dumps(measure(int(words[0]) if words else 2000), indent=2))
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main(sys.argv[1:])
