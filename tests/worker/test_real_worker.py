"""With the real worker and beat on a real Redis a light turns without anybody opening a page, and mail leaves the outbox."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.actions import imports
from accounts.models import User
from courses.models import UnitLight, YearlyPolicy
from jobs.models import Job
from kit import clock
from notices.models import Notice
from tests import servers
from tests.factories import acting, make_account, make_operator, make_unit, overdue_courses
from tests.jobs.work import BAD, GOOD, PEOPLE, upload

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
wait_for = partial(servers.wait_for, seconds=45.0, every=0.3)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Path]:
    """`celery worker` and `celery beat` as production runs them, on the test's own database, ended with the test."""
    assert os.environ.get("REDIS_URL"), "script/test gives REDIS_URL"
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
        "LIGHTS_EVERY": "2",
        "OUTBOX_EVERY": "2",
        "EMAIL_URL": f"filemail:///{tmp_path}/mail",
    }
    env.pop("PYTHONWARNINGS", None)
    celery = [sys.executable, "-m", "celery", "-A", "inservice"]
    commands = (
        [*celery, "worker", "--concurrency", "1", "--loglevel", "warning"],
        [*celery, "beat", "--loglevel", "warning"],
    )
    log = (tmp_path / "celery.log").open("wb")
    running = [subprocess.Popen(c, env=env, start_new_session=True, stdout=log, stderr=log) for c in commands]
    yield tmp_path
    for process in running:
        os.killpg(process.pid, signal.SIGTERM)
    for process in running:
        process.wait(20)
    log.close()


def database_url() -> str:
    facts: dict[str, Any] = connection.settings_dict
    host = facts["HOST"] or facts["OPTIONS"].get("host", "")
    return f"postgresql://{facts['USER']}:{facts['PASSWORD']}@/{facts['NAME']}?host={host}&port={facts['PORT'] or 5432}"


def test_a_light_turns_and_its_notice_is_sent_without_anybody_opening_a_page(worker: Path) -> None:
    year = clock.this_year()
    # On any day of the year: the courses of the past months count, whichever year they lie in.
    YearlyPolicy.objects.create(year=year, count_earlier_years=True)
    YearlyPolicy.objects.create(year=year - 1, final_deadline=clock.year_bounds(year)[0])
    handler = make_account(valid_from=clock.today() - timedelta(days=900))
    overdue_courses(handler, 5)
    red = UnitLight.objects.filter(unit=handler.unit, year=year, colour="red", registration_open=False)
    assert wait_for(red.exists), (worker / "celery.log").read_text()
    sent = Notice.objects.filter(kind="light_red", recipient=handler.user).exclude(mailed_at=None)
    assert wait_for(sent.exists), (worker / "celery.log").read_text()
    assert list((worker / "mail").iterdir())


def test_an_import_is_checked_and_carried_out_by_the_worker(worker: Path, settings: Any) -> None:
    """The file lies in the media folder that this process and the worker share."""
    shared = {**settings.STORAGES["default"], "OPTIONS": {"location": worker / "media"}}
    settings.STORAGES = {**settings.STORAGES, "default": shared}
    make_unit("134526")
    by = acting(make_operator())

    def finished(job: Job) -> Job:
        assert wait_for(Job.objects.filter(pk=job.pk, state="done").exists), (
            worker / "celery.log"
        ).read_text()
        return Job.objects.get(pk=job.pk)

    checked = finished(imports.check("import_people", by=by, upload=upload(PEOPLE + GOOD + BAD)))
    assert (checked.outcome["created"], checked.refused, checked.refusals.count()) == (2, 2, 2)
    carried = finished(imports.carry_out(by=by, checked=checked, skip_bad_rows=True))
    assert carried.outcome["saved"] and User.objects.filter(email="a@x.example").exists()
