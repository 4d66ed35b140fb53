"""Two workers never do one job: the claim on PostgreSQL, with its twin."""

import time

import pytest
from django.utils.translation import gettext_lazy

from jobs import actions, registry, runner
from jobs.models import Job
from jobs.progress import Work
from kit import clock
from tests.concurrency.test_races import at_once
from tests.factories import make_user, teacher

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def rush(monkeypatch: pytest.MonkeyPatch) -> int:
    """Deliver the same message to twelve workers at once; return how often the work was done."""
    monkeypatch.setattr(actions, "send", lambda job_id: None)
    monkeypatch.setattr(registry, "_job_kinds", {})
    times: list[int] = []

    @registry.job_kind("race", gettext_lazy("import of units"))
    def race(work: Work) -> str:
        times.append(1)
        time.sleep(0.05)
        return "ok"

    job = actions.start("race", by=teacher(make_user()))
    at_once([lambda: runner.run(job.pk)] * 12)
    return len(times)


def test_a_job_that_is_delivered_twelve_times_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rush(monkeypatch) == 1 and Job.objects.get().state == "done"


def test_twin_a_claim_that_reads_before_it_writes_does_the_work_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def naive(job_id: int) -> Job | None:
        job = Job.objects.select_related("owner").get(pk=job_id)
        time.sleep(0.05)
        if job.state != "waiting":
            return None
        job.state, job.attempts, job.started_at = "running", job.attempts + 1, clock.now()
        job.heartbeat_at = clock.now()
        job.save()
        return job

    monkeypatch.setattr(runner, "claim", naive)
    assert rush(monkeypatch) > 1


def test_a_double_click_in_many_windows_starts_one_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "send", lambda job_id: None)
    by = teacher(make_user())
    results = at_once([lambda: actions.start("race", by=by, parameters={"year": 115})] * 12)
    assert {getattr(job, "pk", job) for job in results} == {Job.objects.get().pk}
