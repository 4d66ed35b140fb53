"""How long a keystroke on the closing page takes until it is painted, in a real Chromium: python bench/closing_keys.py [people] [strokes]

Builds its own database (SQLite, in a new folder), a course of 500 people and a server, drives the page and prints JSON. The reference is
the same keystroke in a bare table of as many rows with one text field each, in the same browser and run: what the browser itself costs.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WAITS = 40
# From the key's own time stamp to the first moment after the frame that shows it; a task posted in a frame runs once it is painted.
PROBE = """() => {
  window.strokes = [];
  document.addEventListener("keydown", event => {
    const start = event.timeStamp, work = performance.now();
    requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => window.strokes.push(performance.now() - start); channel.port2.postMessage(0); });
  }, true);
}"""
# Every kind of key of the sheet in turn: typing hours, moving, marking absent, excused and present again, undoing.
KEYS = [
    "2",
    "Enter",
    "1",
    "ArrowDown",
    " ",
    "ArrowDown",
    "e",
    "ArrowUp",
    " ",
    "PageDown",
    "Control+z",
    "ArrowDown",
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """One line of JSON is all that this prints."""


def prepare() -> None:
    os.environ.update(
        VAR_DIR=tempfile.mkdtemp(prefix="bench-"), ALLOW_LOCAL_SECRET="1", DJANGO_ALLOW_ASYNC_UNSAFE="true",
        DJANGO_SETTINGS_MODULE="inservice.settings", DEMO="1",
    )  # fmt: skip
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    import django
    from django.conf import settings
    from django.core.management import call_command

    # Files as they lie in the tree, not their collected copies.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    django.setup()
    call_command("migrate", verbosity=0)


def build(people: int) -> tuple[str, str]:
    """The course's code, and a session of its handler."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from courses.enums import EnrolmentState
    from courses.models import Course, Enrolment
    from kit import clock
    from tests.factories import make_account, make_course

    course = make_course(make_account(), ago=40, capacity=people)
    users = User.objects.bulk_create(
        [User(email=f"p{i}@x.example", name=f"教師{i:03}", password="!") for i in range(people)]
    )
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                course=course,
                user=u,
                unit=course.unit,
                state=EnrolmentState.ADMITTED,
                enrolled_at=clock.now(),
            )
            for u in users
        ]
    )
    Course.objects.filter(pk=course.pk).update(seats_taken=people)
    client = Client()
    client.force_login(course.handler.user)
    return course.code, client.cookies[settings.SESSION_COOKIE_NAME].value


def serve() -> str:
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), handler_class=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def strokes(page: Any, keys: list[str], number: int) -> dict[str, float]:
    """Milliseconds from key to paint: median, 95th percentile, the slowest."""
    line = page.context.new_cdp_session(page)
    # The thread's own time: what the page costs, however busy the machine is.
    line.send("Performance.enable", {"timeDomain": "threadTicks"})
    # The page has come to rest after loading, as it has when somebody begins to write.
    page.wait_for_timeout(1500)
    page.evaluate(PROBE)
    before = _busy(line)
    for n in range(number):
        page.keyboard.press(keys[n % len(keys)])
        page.wait_for_timeout(WAITS)
    page.wait_for_timeout(200)
    cpu = (_busy(line) - before) * 1000
    times = sorted(page.evaluate("() => window.strokes"))
    return {
        "strokes": len(times),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95) - 1], 1),
        "max_ms": round(times[-1], 1),
        "cpu_ms_a_stroke": round(cpu / len(times), 1),
    }


def _busy(line: Any) -> float:
    """Seconds that the page's main thread has worked: script, style, layout, painting, and the draft saved meanwhile."""
    metrics = {m["name"]: m["value"] for m in line.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def bare(people: int) -> str:
    rows = "".join(f"<tr><td>{i}</td><td>教師{i:03}</td><td><input value=3></td></tr>" for i in range(people))
    return f"<!doctype html><meta charset=utf-8><table>{rows}</table>"


def main(people: int, number: int) -> None:
    prepare()
    code, session = build(people)
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    base = serve()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(locale="zh-TW", viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
        reference = context.new_page()
        reference.set_content(bare(people))
        reference.focus("input")
        plain = strokes(reference, ["2"], number)
        reference.close()
        page = context.new_page()
        page.goto(f"{base}/unit/courses/{code}/close/")
        page.wait_for_selector("[data-tools]:not([hidden])")
        page.focus("[data-hours]")
        typing = strokes(page, ["2", "Backspace"], number)
        page.reload()
        page.wait_for_selector("[data-tools]:not([hidden])")
        page.focus("[data-hours]")
        mixed = strokes(page, KEYS, number)
        browser.close()
    report = {
        "people": people,
        "reference_bare_table": plain,
        "closing_typing": typing,
        "closing_all_keys": mixed,
    }
    print(json.dumps(report | {"under_100_ms": mixed["p95_ms"] < 100 and typing["p95_ms"] < 100}, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500, int(sys.argv[2]) if len(sys.argv) > 2 else 160)
