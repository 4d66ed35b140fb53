"""`manage.py setup` on a bare database, and the page that shows the same list."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount, County, FirstLoginLink, Unit, User
from audit.models import AuditEvent
from checks import installation, service, system, trial_mail
from checks.findings import Check, Finding, State, results
from checks.management.commands import setup
from courses.actions import lights
from kit import clock
from tests.factories import acting, make_course, make_operator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sound_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what no test installation has: beside PostgreSQL the clock of the tests is moved, and no files are collected."""
    absent = (installation.machine_clock, installation.static_files)
    kept = tuple(check for check in installation.CHECKS if check.find not in absent)
    monkeypatch.setattr(installation, "CHECKS", kept)


def run(**options: Any) -> str:
    said = StringIO()
    facts = {"email": "op@x.edu.tw", "name": "王營運", "language": "en", "no_mail": True}
    call_command("setup", no_input=True, stdout=said, **{**facts, **options})
    return said.getvalue()


def test_a_bare_database_gets_its_counties_its_unit_its_operator_and_a_link() -> None:
    said = run()
    account = BusinessAccount.objects.get()
    assert (account.role, account.unit.kind, account.unit.county) == ("operator", "operator", None)
    assert County.objects.count() == 22 and account.user.email == "op@x.edu.tw"
    link = FirstLoginLink.objects.get()
    assert link.expires_at - link.created_at == timedelta(hours=24) and not link.by_mail
    assert "There is one operator" in said and "There are no units yet." in said


def test_the_link_opens_the_first_log_in_once() -> None:
    found = re.search(r"https?://[^/]+(/first-log-in/\S+)", run())
    assert found
    client, word = Client(), "a-long-first-pass-word-2026"
    client.get(found[1], follow=True)
    client.post(reverse("signin:first_password"), {"password1": word, "password2": word})
    assert User.objects.get().check_password(word)
    with pytest.raises(CommandError, match="has a password already"):
        run(new_link=True)


def test_running_it_again_changes_nothing() -> None:
    run()
    before = [
        model.objects.count() for model in (User, Unit, County, BusinessAccount, FirstLoginLink, AuditEvent)
    ]
    digest = FirstLoginLink.objects.get().digest
    said = run(email="other@x.edu.tw", name="李另")
    after = [
        model.objects.count() for model in (User, Unit, County, BusinessAccount, FirstLoginLink, AuditEvent)
    ]
    assert after == before and FirstLoginLink.objects.get().digest == digest
    assert "王營運" in said and "first-log-in" not in said


def test_another_operator_is_not_made_without_a_word() -> None:
    said = run()
    assert "was not made an operator" not in said + run(email="OP@x.edu.tw") + run(email="")
    assert "! other@x.edu.tw was not made an operator: there is one." in run(email="other@x.edu.tw")


def test_a_link_that_ran_out_is_replaced_on_request_and_recorded() -> None:
    run()
    digest = FirstLoginLink.objects.get().digest
    assert "first-log-in" in run(new_link=True)
    assert FirstLoginLink.objects.get().digest != digest
    assert AuditEvent.objects.filter(action="password.link_made").count() == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"email": ""},
        {"name": ""},
        {"email": "nobody"},
        {"name": "王" * 61},
        {"unit_name": "校" * 101},
        {"email": f"{'a' * 200}@x.edu.tw"},
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_said_and_nobody_is_made(facts: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        run(**facts)
    assert not User.objects.exists() and not Unit.objects.exists()


def broken() -> Finding:
    raise ValueError


def without_tables() -> Finding:
    raise OperationalError("no such table")


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    found = results([Check("x", broken), Check("z", without_tables), Check("y", installation.catalogue)])
    assert [row.state for row in found] == [State.BAD, State.BAD, State.WELL]
    # On a database without tables `doctor` printed a page for each check.
    assert [bool(row.exc_info) for row in caplog.records] == [True, False]
    assert "no such table" in caplog.records[1].getMessage()


def test_nothing_is_written_while_the_first_checks_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "FIRST", (Check("x", broken),))
    with pytest.raises(CommandError):
        run()
    assert not County.objects.exists() and not User.objects.exists()


def test_a_finding_that_must_be_mended_ends_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHECKS", (Check("x", broken),))
    with pytest.raises(SystemExit):
        run()


def test_the_test_mail_goes_to_the_operator_and_a_failure_is_said(settings: Any) -> None:
    settings.MAIL_UNSET = []
    run(no_mail=False)
    assert [message.to for message in mail.outbox] == [["op@x.edu.tw"]]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "did not take" in trial_mail.send("op@x.edu.tw") or "未接受" in trial_mail.send("op@x.edu.tw")
    with pytest.raises(SystemExit):
        run(no_mail=False)


def test_a_mailbox_or_a_server_that_no_program_can_write_to_is_a_sentence(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = f"{'a' * 70}.tw", 25
    settings.MAIL_UNSET = []
    assert trial_mail.send("op@x.edu.tw") and trial_mail.send("op@x.edu.tw\nBcc: all@x.edu.tw")
    assert trial_mail.server().fix


def without_keys(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.KEYS_DERIVED = ["FIELD_KEYS"]
    return installation.keys


def with_wrong_keys(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    monkeypatch.setattr(installation.key_canaries, "wrong", lambda: ["ID_PEPPER"])
    return installation.keys


def with_a_deaf_redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    monkeypatch.setattr(cache, "get", lambda *args: None)
    return installation.redis


def without_redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.REDIS_URL = ""
    return installation.redis


def without_style(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    monkeypatch.setattr(installation, "STATIC_FILE", "css/none.css")
    return installation.static_files


def uncollected(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.WHITENOISE_USE_FINDERS = False
    settings.STATIC_ROOT = settings.VAR_DIR / "nowhere"
    return installation.static_files


def behind_the_record(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    run()
    now = clock.now() - timedelta(days=1)
    monkeypatch.setattr(installation.clock, "now", lambda: now)
    return installation.machine_clock


def uncompiled(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    monkeypatch.setattr(installation.catalogues, "stale", lambda folder: [folder])
    return installation.catalogue


def in_the_open(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.HTTPS = False
    return installation.address


def any_host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.DEMO, settings.HTTPS, settings.ALLOWED_HOSTS = False, True, ["*"]
    return installation.address


def without_mail(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.MAIL_UNSET = ["EMAIL_URL"]
    return service.mail


def without_contact(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    settings.CONTACT_UNSET = ["OPERATOR_PHONE"]
    return service.contact


def without_operator(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    return service.operators


def without_counties(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    return service.registers


def without_second_step(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    profile = settings.PASSWORD_PROFILES[settings.BUSINESS_PASSWORD_PROFILE]
    settings.PASSWORD_PROFILES = {settings.BUSINESS_PASSWORD_PROFILE: {**profile, "mfa": False}}
    return service.second_step


def never_run(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Finding]:
    return service.scheduled_work


MISSING = [
    (without_keys, State.WARN),
    (with_wrong_keys, State.BAD),
    (with_a_deaf_redis, State.BAD),
    (without_redis, State.WARN),
    (without_style, State.BAD),
    (uncollected, State.BAD),
    (behind_the_record, State.BAD),
    (uncompiled, State.BAD),
    (in_the_open, State.WARN),
    (any_host, State.WARN),
    (without_mail, State.WARN),
    (without_contact, State.WARN),
    (without_operator, State.BAD),
    (without_counties, State.WARN),
    (without_second_step, State.WARN),
    (never_run, State.WARN),
]


@pytest.mark.parametrize(("scene", "state"), MISSING, ids=lambda one: getattr(one, "__name__", str(one)))
def test_what_is_missing_is_found_with_the_way_to_mend_it(
    scene: Callable[..., Callable[[], Finding]],
    state: State,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = scene(settings, monkeypatch)()
    assert found.state == state and found.text and found.fix


def test_lights_that_are_not_counted_for_an_hour_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    make_course()
    lights.refresh()
    assert service.scheduled_work().state == State.WELL
    now = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(service.clock, "now", lambda: now)
    assert service.scheduled_work().state == State.BAD


@pytest.mark.postgres
def test_the_owner_of_the_tables_is_found_on_postgresql() -> None:
    assert installation.role().state == State.WARN
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE checks_less")
        cursor.execute("SET LOCAL ROLE checks_less")
        found = installation.role()
        cursor.execute("RESET ROLE")
    assert found.state == State.WELL


def test_the_page_shows_each_finding_and_sends_a_test_mail_on_record(client: Client) -> None:
    operator = make_operator()
    client.force_login(operator.user)
    page = client.get(reverse("checks:system")).content.decode()
    assert all(str(check.title) in page for check in system.CHECKS)
    client.post(reverse("checks:trial_mail"))
    assert [message.to for message in mail.outbox] == [[operator.user.email]]
    assert AuditEvent.objects.filter(action="system.mail_tested", actor_id=operator.user_id).count() == 1


def test_a_test_mail_that_failed_is_recorded_with_what_the_server_said(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert trial_mail.send_to_operator(acting(make_operator()))
    assert AuditEvent.objects.get(action="system.mail_tested").after["failure"]


def test_everybody_else_is_refused(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse("checks:system")).status_code == 403
