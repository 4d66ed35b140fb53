"""`manage.py doctor`: its exit codes, its output for programs, and what fills up or stops."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit import log
from audit.models import AuditChain, AuditEvent
from checks import system, trial_mail, upkeep
from checks.findings import Check, Finding, State, bad, lines, warn, well
from jobs.models import Job
from kit import clock
from tests.factories import make_operator, make_unit, make_user
from tests.smtp_sink import sink

pytestmark = pytest.mark.django_db
FOUND = {
    "well": well("it is well"),
    "warn": warn("it is old", "Renew it."),
    "bad": bad("it is gone", "Get it."),
}


def doctor(monkeypatch: pytest.MonkeyPatch, states: list[str], *words: str) -> tuple[int, str]:
    checks = [Check(state, lambda state=state: FOUND[state]) for state in states]  # type: ignore[arg-type, misc]
    monkeypatch.setattr(system, "CHECKS", checks)
    said = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("doctor", "--language", "en", *words, stdout=said)
    return int(str(left.value.code)), said.getvalue()


@pytest.mark.once
@pytest.mark.parametrize(
    ("states", "code"), [(["well"], 0), (["well", "warn"], 1), (["warn", "bad", "well"], 2)]
)
def test_the_exit_code_is_that_of_the_worst(
    states: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, said = doctor(monkeypatch, states)
    assert found == code
    assert said.count("→") == len(states) - states.count("well")


@pytest.mark.once
def test_a_program_reads_one_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = doctor(monkeypatch, ["warn"], "--json")
    read = json.loads(said)
    assert (code, read["state"]) == (1, "warn")
    warned = {"title": "warn", "state": "warn", "text": "it is old", "fix": "Renew it.", "where": ""}
    assert read["checks"][0] == warned


def test_a_mail_server_that_is_away_is_found_and_one_that_is_there_too(settings: Any) -> None:
    assert trial_mail.server().state == State.WELL, "without an address nothing is tried"
    settings.MAIL_UNSET = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    refused = trial_mail.server()
    assert refused.state == State.BAD and "EMAIL_URL" in refused.fix
    with sink() as server:
        settings.EMAIL_PORT = server.server_address[1]
        assert trial_mail.server().state == State.WELL


def test_every_check_finds_something_on_a_real_installation() -> None:
    assert {check.find for check in upkeep.CHECKS} <= {check.find for check in system.CHECKS}
    assert len(system.state()) == len(system.CHECKS) > 20


def waiting_job(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    job_since(timedelta(minutes=20), "waiting")
    return upkeep.jobs


def silent_job(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    job_since(timedelta(minutes=20), "running")
    return upkeep.jobs


def job_since(age: timedelta, state: str) -> None:
    at = clock.now() - age
    begun = {"attempts": 1, "started_at": at, "heartbeat_at": at} if state == "running" else {}
    facts = {"kind": "x", "owner": make_user(), "language": "en", "fingerprint": "x", "state": state}
    Job.objects.create(created_at=at, sent_at=at, **facts, **begun)


def forged_chain(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    AuditChain.objects.update(proof="0" * 64)
    return upkeep.seals


def missing_chain(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    AuditChain.objects.all().delete()
    return upkeep.seals


def unsealed_record(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    log.record("unit.renamed", make_unit(), by=None)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(upkeep.clock, "now", lambda: later)
    assert AuditEvent.objects.filter(block=None).exists()
    return upkeep.seals


def nearly_full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5, total=100))
    return upkeep.disk


def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1, total=100))
    return upkeep.disk


def empty_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=90, total=100))
    return upkeep.disk


SCENES: list[tuple[Any, State]] = [
    (waiting_job, State.BAD),
    (silent_job, State.WARN),
    (forged_chain, State.BAD),
    (missing_chain, State.BAD),
    (unsealed_record, State.WARN),
    (nearly_full_disk, State.WARN),
    (full_disk, State.BAD),
    (empty_disk, State.WELL),
]


@pytest.mark.parametrize(("scene", "state"), SCENES, ids=lambda one: getattr(one, "__name__", str(one)))
def test_what_fills_up_or_stops_is_found(scene: Any, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scene(monkeypatch)()
    assert found.state == state and found.text and bool(found.fix) == (state != State.WELL)


def test_a_witness_that_cannot_be_written_is_found(settings: Any, tmp_path: Path) -> None:
    """Each seal only logged it, and nobody would have looked for the file before the day on which it is needed."""
    for place, state in (
        ("", State.WELL),
        (tmp_path / "new.jsonl", State.WELL),
        (tmp_path / "missing/new.jsonl", State.WARN),
        (tmp_path, State.WARN),
    ):
        settings.AUDIT_WITNESS = str(place)
        found = upkeep.seals()
        assert (found.state, found.where) == (state, str(place) if state == State.WARN else "")


def test_a_record_that_is_sealed_and_a_queue_that_is_empty_are_well() -> None:
    assert (upkeep.seals().state, upkeep.jobs().state) == (State.WELL, State.WELL)


@pytest.mark.parametrize("state", [State.WELL, State.BAD])
def test_the_disk_is_named_by_its_use_and_its_path_only_on_the_machine(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Path(default_storage.location)  # type: ignore[attr-defined]
    sent.mkdir(parents=True, exist_ok=True)
    free = {str(sent): 1 if state == State.BAD else 40}
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: SimpleNamespace(free=free.get(str(path), 50), total=100)
    )
    [row] = [one for one in system.state() if one.where]
    assert (row.state, row.where) == (state, str(sent)) and "使用者上傳的檔案" in row.text
    assert any(str(sent) in line for line in lines([row]))
    operator, client = make_operator(), Client()
    client.force_login(operator.user)
    page = client.get(reverse("checks:system")).content.decode()
    assert row.text in page
    assert not any(str(folder) in page for folder in upkeep.folders())
