"""Redis down or frozen: the site still works, in bounded time, and no requested work is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse

from courses.queries import references
from jobs import actions, live_status, runner
from jobs.models import Job
from jobs.progress import Work
from jobs.registry import job_kind as register
from kit import clock
from tests.factories import PASSWORD, acting, make_account, make_course, make_lead, make_user
from tests.jobs.work import GOOD, PEOPLE, checking, fresh, operator
from tests.servers import Redis
from tests.worker.test_real_worker import database_url, wait_for

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
# Half a second for the cache, and what this machine needs for a page while other tests run.
PATIENT = 4.0


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    """A Redis of the test's own, which the cache of this process uses."""
    server = Redis()
    server.start()
    settings.CACHES = {
        "default": {
            "BACKEND": "kit.caches.FallbackCache",
            "LOCATION": server.url,
            "OPTIONS": {
                "far": "django.core.cache.backends.redis.RedisCache",
                "socket_connect_timeout": 0.5,
                "socket_timeout": 0.5,
            },
        }
    }
    yield server
    server.end()


def down(server: Redis) -> None:
    server.stop()


def frozen(server: Redis) -> None:
    server.freeze()


AWAY = pytest.mark.parametrize("away", [down, frozen])


def quickly(do: Callable[[], Any], seconds: float = PATIENT) -> Any:
    started = time.monotonic()
    answer = do()
    assert time.monotonic() - started < seconds
    return answer


@AWAY
def test_the_cache_remembers_by_itself_while_redis_is_away(redis: Redis, away: Any) -> None:
    cache.set("a", 1)
    away(redis)
    assert quickly(lambda: cache.get("a"), 1.5) is None
    quickly(lambda: [cache.set("b", 2), cache.add("b", 3), cache.incr("b"), cache.get_many(["b"])], 0.2)
    assert cache.get("b") == 3 and not cache.add("b", 3) and cache.has_key("b")
    assert cache.get_or_set("c", lambda: 4) == 4 and cache.delete("c") and cache.get("c") is None


def test_the_cache_is_redis_again_when_redis_is_back(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.caches.PAUSE", 0.2)
    cache.set("a", "before")
    redis.freeze()
    cache.set("b", "near")
    redis.thaw()
    assert wait_for(lambda: cache.get("a") == "before")
    redis.stop()
    cache.set("a", "near")
    redis.start()
    assert wait_for(lambda: cache.get("a") is None), "what was remembered meanwhile is forgotten"


@AWAY
def test_pages_work_while_redis_is_away(redis: Redis, away: Any) -> None:
    handler = make_account()
    course = make_course(handler, ago=-30)
    person = make_user()
    browser = Client(raise_request_exception=False)
    away(redis)
    assert quickly(lambda: browser.get("/catalogue/")).status_code == 200
    assert quickly(lambda: browser.get(f"/catalogue/{course.code}/")).status_code == 200
    assert quickly(lambda: browser.get("/nothing/")).status_code == 404
    assert (
        quickly(lambda: browser.post("/accounts/password/reset/", {"email": person.email})).status_code == 302
    )
    form = {"login": person.email, "password": "wrong wrong wrong"}
    assert quickly(lambda: browser.post("/accounts/login/", form)).status_code == 200
    form["password"] = PASSWORD
    assert quickly(lambda: browser.post("/accounts/login/", form)).status_code == 302
    assert quickly(lambda: browser.get("/me/")).status_code == 200
    assert quickly(lambda: browser.get("/unit/courses/nothing/")).status_code in (403, 404)
    assert quickly(lambda: browser.get("/jobs/")).status_code == 200
    assert references.stage_names() is not None


@AWAY
def test_a_job_is_started_shown_and_cancelled_while_redis_is_away(redis: Redis, away: Any) -> None:
    account, by = operator()
    browser = Client()
    browser.force_login(account.user)
    away(redis)
    job = quickly(lambda: checking(PEOPLE + GOOD, by), 10)
    assert fresh(job).state == "waiting"
    page = reverse("jobs:job", args=[job.pk])
    assert quickly(lambda: browser.get(page)).status_code == 200
    assert quickly(lambda: browser.get(f"{page}progress/", headers={"HX-Request": "true"})).status_code == 200
    actions.cancel(job=fresh(job), by=by)
    assert fresh(job).state == "cancelled"


@AWAY
def test_running_work_goes_on_while_redis_goes_away(redis: Redis, away: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("jobs.progress.EVERY", 0.0)

    @register("test_goes_on", "goes on")  # type: ignore[arg-type]
    def go_on(work: Work) -> str:
        work.begin(100)
        for number in range(100):
            if number == 50:
                away(redis)
            work.step(1)
        return "whole"

    job = actions.start("test_goes_on", by=acting(make_account()))
    assert quickly(lambda: runner.run(job.pk), 10)
    assert (fresh(job).state, fresh(job).done, fresh(job).message) == ("done", 100, "whole")


def test_work_that_was_silent_because_redis_was_away_is_not_given_up(redis: Redis) -> None:
    """Inside its transaction an import shows that it lives through the cache alone."""
    job = actions.start("test_goes_on", by=acting(make_account()))
    runner.sweep()
    assert runner.claim(job.pk)
    long_ago = clock.now() - timedelta(minutes=20)
    Job.objects.filter(pk=job.pk).update(started_at=long_ago, heartbeat_at=long_ago)
    redis.stop()
    redis.start()
    caches["default"].clear()
    assert runner.sweep()["buried"] == 0
    live_status.report(job.pk, 1, live_status.ProgressCounts(5, 10, 0))
    assert runner.sweep()["buried"] == 0 and fresh(job).state == "running"


@pytest.fixture
def env(redis: Redis, tmp_path: Path, settings: Any) -> dict[str, str]:
    """What another process needs to work on the test's Redis and database."""
    found = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis.url,
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    found.pop("PYTHONWARNINGS", None)
    return found


def said(code: str, env: dict[str, str]) -> str:
    """Return the output of a process of the site that runs `code`."""
    code = "import time, django; django.setup()\n" + code
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SEND = """
from jobs.actions import send
started = time.monotonic()
send(0)
print(time.monotonic() - started)
"""


@AWAY
def test_sending_a_task_takes_seconds_at_most_while_redis_is_away(
    redis: Redis, away: Any, env: dict[str, str]
) -> None:
    away(redis)
    assert float(said(SEND, env)) < 10


@pytest.fixture
def worker(env: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """A real worker; gives its log."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "inservice",
        "worker",
        "--concurrency",
        "1",
        "-l",
        "info",
    ]
    path = tmp_path / "log"
    with path.open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    yield path
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


ASK = """
from accounts.acting import Actor
from accounts.models import BusinessAccount
from jobs import actions
account = BusinessAccount.objects.select_related("user", "unit__county").get()
print(actions.start("unit_records", by=Actor(account.user, account), parameters={"fmt": "csv"}).pk)
"""
SWEEP = """
from datetime import timedelta
from jobs import runner
from kit import clock
print(runner.sweep(clock.now() + timedelta(minutes=3))["sent"])
"""


def test_work_started_while_redis_was_away_is_done_when_it_is_back(
    redis: Redis, worker: Path, env: dict[str, str]
) -> None:
    make_lead()
    assert wait_for(lambda: "ready" in worker.read_text()), worker.read_text()
    redis.stop()
    job = Job.objects.get(pk=said(ASK, env))
    assert job.state == "waiting"
    redis.start()
    assert said(SWEEP, env) == "1"
    finished = Job.objects.filter(pk=job.pk).exclude(finished_at=None)
    assert wait_for(finished.exists), worker.read_text()
