"""Jobs themselves: whose they are, once only, swept, thrown away after 24 hours."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.models import AuditEvent
from jobs import actions, files, live_status, registry, runner, views
from jobs.enums import FINISHED, LIVE, TRANSITIONS, JobState
from jobs.errors import AlreadySaved, FileGone, JobOver, OtherHat
from jobs.models import Job
from jobs.progress import Work
from kit import clock
from notices.models import Notice
from tests.factories import acting, make_account, make_lead, make_user, teacher
from tests.jobs.work import done, fresh

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids handed to the workers, who are not there."""
    found: list[int] = []
    monkeypatch.setattr(actions, "send", found.append)
    monkeypatch.setattr(runner, "send", found.append)
    return found


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the kind `test` its work."""
    monkeypatch.setattr(registry, "_job_kinds", dict(registry._job_kinds))

    def give(run: Callable[[Work], str], **options: Any) -> None:
        registry.job_kind("test", gettext_lazy("import of units"), **options)(run)

    give(lambda work: "ok")
    return give


def start(**options: Any) -> Job:
    return actions.start("test", by=options.pop("by", None) or teacher(make_user()), **options)


def logged_in(job: Job) -> Client:
    client = Client()
    client.force_login(job.owner)
    return client


def test_every_state_is_either_live_or_finished_and_finished_ones_stay() -> None:
    assert set(JobState) == LIVE | FINISHED and not LIVE & FINISHED
    assert all(not TRANSITIONS[state] for state in FINISHED)


def test_a_job_is_sent_when_its_transaction_is_saved_and_runs_once(
    kind: Any, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = start()
        assert not sent
    assert sent == [job.pk]
    assert runner.run(job.pk) and not runner.run(job.pk)
    assert fresh(job).state == JobState.DONE and fresh(job).attempts == 1


def test_a_broker_that_is_down_costs_no_page_and_no_job(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> None:
        raise ConnectionError("broker")

    monkeypatch.setattr("jobs.tasks.run.delay", down)
    job = start()
    actions.send(job.pk)
    assert fresh(job).state == JobState.WAITING


def test_a_double_click_starts_the_work_once_and_other_work_is_other_work(kind: Any) -> None:
    by = teacher(make_user())
    first = start(by=by, parameters={"year": 115})
    assert start(by=by, parameters={"year": 115}) == first
    assert start(by=by, parameters={"year": 114}) != first and start(parameters={"year": 115}) != first
    done(first)
    assert start(by=by, parameters={"year": 115}) != first


def test_two_live_rows_of_the_same_work_are_refused_by_the_database(kind: Any) -> None:
    job = start()
    job.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        job.save(force_insert=True)


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "lost"},
        {"total": 3, "done": 4},
        {"state": "done"},
        {"finished_at": "2026-11-24T00:00:00Z"},
        {"state": "running"},
        {"committed_at": "2026-11-24T00:00:00Z"},
        {"expired_at": "2026-11-24T00:00:00Z"},
    ],
)
def test_impossible_rows_are_refused_by_the_database(kind: Any, facts: dict[str, Any]) -> None:
    job = start()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**facts)


def test_another_persons_job_is_a_404_as_an_unknown_one(kind: Any) -> None:
    job = start()
    stranger = Client()
    stranger.force_login(make_user())
    for name in ("job", "progress", "result", "refused"):
        assert stranger.get(reverse(f"jobs:{name}", args=[job.pk])).status_code == 404
    assert stranger.post(reverse("jobs:cancel", args=[job.pk])).status_code == 404
    assert str(job.label) not in stranger.get(reverse("jobs:mine")).content.decode()
    assert fresh(job).state == JobState.WAITING


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(kind: Any) -> None:
    job = start()
    logged_in(job).post(reverse("jobs:cancel", args=[job.pk]))
    assert fresh(job).state == JobState.CANCELLED and not runner.run(job.pk)
    assert AuditEvent.objects.filter(action="job.cancel", object_id=str(job.pk)).exists()


def test_what_has_ended_or_is_saved_is_not_cancelled(kind: Any) -> None:
    job = start()
    by = teacher(job.owner)

    def saved(work: Work) -> str:
        work.commit()
        with pytest.raises(AlreadySaved):
            actions.cancel(job=job, by=by)
        return "ok"

    kind(saved)
    assert done(job).state == JobState.DONE
    with pytest.raises(JobOver):
        actions.cancel(job=job, by=by)


def test_progress_is_seen_while_a_transaction_is_open(kind: Any) -> None:
    seen: list[str] = []

    def halfway(work: Work) -> str:
        with transaction.atomic():
            work.begin(40)
            work._reported = 0.0
            work.step(20, refused=1)
            answer = logged_in(job).get(reverse("jobs:progress", args=[job.pk]), {"told": "25"}, headers=HTMX)
            seen.append(answer.content.decode())
        return "fertig"

    kind(halfway)
    job = start()
    end = done(job)
    assert 'value="50"' in seen[0] and "20／40" in seen[0] and "1 列未通過" in seen[0]
    assert 'hx-trigger="every 1s"' in seen[0] and re.search(r"50 %\s*</div>", seen[0])
    answer = logged_in(job).get(reverse("jobs:progress", args=[job.pk]), headers=HTMX)
    assert answer["HX-Retarget"] == "#job" and "every 1s" not in answer.content.decode()
    # htmx takes the title of the tab from a fragment: it must not stay that of running work.
    titles = [re.findall(r"<title>\s*(\S+)", text) for text in (seen[0], answer.content.decode())]
    assert titles == [["執行中"], ["完成"]]
    assert (end.done, end.total, end.refused) == (20, 20, 1)


def test_the_live_region_is_sent_at_quarters_only(kind: Any) -> None:
    job = start(total=100)
    Job.objects.filter(pk=job.pk).update(done=30)
    page = logged_in(job)
    path = reverse("jobs:progress", args=[job.pk])
    assert page.get(path).url == reverse("jobs:job", args=[job.pk])
    assert "job-said" in page.get(path, {"told": "0"}, headers=HTMX).content.decode()
    assert "job-said" not in page.get(path, {"told": "25"}, headers=HTMX).content.decode()


def test_the_page_says_how_to_follow_it_without_script(kind: Any) -> None:
    job = start()
    body = logged_in(job).get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert re.search(r'<noscript>\s*<meta http-equiv="refresh" content="20">\s*</noscript>', body)
    done(job)
    assert "http-equiv" not in logged_in(job).get(reverse("jobs:job", args=[job.pk])).content.decode()


def test_sweep_sends_a_lost_message_again_within_a_minute_and_once(kind: Any, sent: list[int]) -> None:
    job = start()
    assert runner.sweep()["sent"] == 0
    # The sweep runs each twenty seconds.
    later = clock.now() + timedelta(seconds=40)
    assert runner.sweep(later)["sent"] == 1 and runner.sweep(later)["sent"] == 0
    assert sent == [job.pk]


def claimed_long_ago(**facts: Any) -> Job:
    job = start()
    assert runner.claim(job.pk)
    long_ago = clock.now() - timedelta(minutes=11)
    Job.objects.filter(pk=job.pk).update(started_at=long_ago, heartbeat_at=long_ago, **facts)
    return job


def test_sweep_ends_what_a_dead_worker_left_with_a_sentence(kind: Any, sent: list[int]) -> None:
    job = claimed_long_ago()
    assert runner.sweep()["buried"] == 1 and runner.sweep()["buried"] == 0
    assert fresh(job).state == JobState.FAILED and "請重新執行" in fresh(job).message and not sent


def test_sweep_leaves_a_job_alone_that_shows_a_sign_of_life(kind: Any) -> None:
    job = claimed_long_ago()
    live_status.report(job.pk, 1, live_status.ProgressCounts(5, 10, 0))
    assert runner.sweep()["buried"] == 0 and fresh(job).state == JobState.RUNNING


def test_the_first_sweep_after_redis_was_away_buries_nothing(kind: Any) -> None:
    job = claimed_long_ago()
    cache.clear()
    assert runner.sweep()["buried"] == 0 and fresh(job).state == JobState.RUNNING
    assert runner.sweep()["buried"] == 1


def test_sweep_says_what_was_saved_and_what_was_to_be_cancelled(kind: Any) -> None:
    saved = claimed_long_ago(committed_at=clock.now())
    unwanted = claimed_long_ago(cancel_asked_at=clock.now())
    runner.sweep()
    assert fresh(saved).state == JobState.DONE and fresh(unwanted).state == JobState.CANCELLED


def test_sweep_repeats_what_is_safe_to_repeat_three_times_at_most(
    kind: Any, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    kind(lambda work: "ok", repeatable=True)
    job = claimed_long_ago()
    with django_capture_on_commit_callbacks(execute=True):
        runner.sweep()
    assert fresh(job).state == JobState.WAITING and sent == [job.pk]
    Job.objects.filter(pk=job.pk).update(attempts=2)
    runner.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=clock.now() - timedelta(minutes=11))
    runner.sweep()
    assert fresh(job).state == JobState.FAILED and fresh(job).attempts == 3


def table(work: Work) -> str:
    return str(work.write_table("清單", "csv", ["a"], [["1"], ["=2"]]))


def test_the_result_is_taken_by_its_owner_under_the_hat_that_started_it(kind: Any) -> None:
    kind(table)
    account = make_lead()
    job = done(start(by=acting(account)))
    client = logged_in(job)
    answer: Any = client.get(reverse("jobs:result", args=[job.pk]))
    body = b"".join(answer.streaming_content).decode()
    assert body == "\ufeffa\r\n1\r\n'=2\r\n" and "attachment" in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action="job.download", actor_id=job.owner_id).count() == 1
    client.post(reverse("switch_hat"), {"account": ""})
    assert client.get(reverse("jobs:result", args=[job.pk])).status_code == 302
    with pytest.raises(OtherHat):
        actions.record_download(job=job, by=acting(make_account(user=job.owner)), what="result")


def test_files_and_refused_rows_go_after_24_hours_and_the_row_after_30_days(
    kind: Any, django_capture_on_commit_callbacks: Any
) -> None:
    kind(table)
    job = done(start())
    assert default_storage.exists(job.result_file)
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)):
        assert runner.expire()["expired"] == 0
    late = clock.now() + timedelta(hours=24, minutes=1)
    with time_machine.travel(late), django_capture_on_commit_callbacks(execute=True):
        assert runner.expire()["expired"] == 1
    assert not default_storage.exists(job.result_file)
    page = logged_in(job)
    assert "已保留 24 小時並刪除" in page.get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert page.get(reverse("jobs:result", args=[job.pk])).status_code == 302
    with pytest.raises(FileGone):
        actions.record_download(job=fresh(job), by=teacher(job.owner), what="result")
    assert runner.expire(clock.now() + timedelta(days=32))["forgotten"] == 1


def made(owner: User) -> str:
    return files.store_result(io.BytesIO(b"a"), owner_id=owner.pk, name="a.csv", content_type="text/csv")


def test_a_file_that_a_later_job_still_needs_stays(kind: Any) -> None:
    first = done(start())
    name = made(first.owner)
    Job.objects.filter(pk=first.pk).update(input_file=name)
    second = start(by=teacher(first.owner), input_of=fresh(first))
    runner.expire(clock.now() + timedelta(hours=25))
    assert default_storage.exists(name) and fresh(second).input_file == name


def test_a_file_that_no_job_names_goes_after_a_day(
    kind: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """A worker died between storing it and saving the row of its job."""
    name = made(make_user())
    assert files.forget_unnamed(clock.now() - timedelta(hours=24)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert runner.expire(clock.now() + timedelta(days=3))["strays"] >= 1
    assert not default_storage.exists(name)


def test_the_bell_rings_for_long_work_only_and_no_mail_is_sent(kind: Any) -> None:
    done(start())
    assert not Notice.objects.exists()

    def slow(work: Work) -> str:
        Job.objects.filter(pk=work.job.pk).update(started_at=clock.now() - timedelta(seconds=31))
        return "鐘響"

    kind(slow)
    job = done(start())
    notice = Notice.objects.get(recipient=job.owner)
    assert "鐘響" in notice.body and not notice.by_mail and notice.path == reverse("jobs:job", args=[job.pk])


def test_a_job_whose_kind_is_gone_keeps_its_page(kind: Any) -> None:
    job = start()
    Job.objects.filter(pk=job.pk).update(kind="former")
    assert done(job).state == JobState.FAILED
    assert logged_in(job).get(reverse("jobs:job", args=[job.pk])).status_code == 200
    assert logged_in(job).get(reverse("jobs:mine")).status_code == 200


def test_a_poll_keeps_no_session_alive(kind: Any) -> None:
    job = start()
    client = logged_in(job)
    client.get(reverse("jobs:mine"))
    seen = client.session["seen"]
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        client.get(reverse("jobs:progress", args=[job.pk]))
        assert client.session["seen"] == seen
        client.get(reverse("jobs:job", args=[job.pk]))
        assert client.session["seen"] > seen


def test_the_list_takes_the_same_number_of_queries_for_one_job_and_for_three(
    kind: Any, django_assert_num_queries: Any
) -> None:
    by = teacher(make_user())
    client = logged_in(start(by=by))
    client.get(reverse("jobs:mine"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("jobs:mine"))
    for year in (113, 114):
        start(by=by, parameters={"year": year})
    with django_assert_num_queries(len(one)):
        client.get(reverse("jobs:mine"))


def test_work_on_a_file_that_was_thrown_away_is_not_started(
    sent: list[int], kind: Callable[..., None]
) -> None:
    with pytest.raises(FileGone):
        start(input_of=Job())
    assert not sent and not Job.objects.exists()


@pytest.mark.parametrize("what", ["result", "refused"])
def test_a_file_that_is_missing_on_the_disk_is_a_sentence(what: str) -> None:
    """The row is deleted after its file: in between, and after a loss of the folder, the row names a file that is not there."""
    with pytest.raises(FileGone):
        views._open(f"jobs/{what}")


def test_a_result_that_was_thrown_away_is_a_sentence() -> None:
    with pytest.raises(FileGone):
        views._attached(None, "list.csv")
