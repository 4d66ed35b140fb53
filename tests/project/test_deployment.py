"""A production's environment passes `check --deploy` without a message; each mistake in it is reported."""

import os
import secrets
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

PRODUCTION = {
    "DATABASE_URL": "postgresql://inservice:secret@127.0.0.1:9/inservice",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "ID_PEPPER": secrets.token_urlsafe(32),
    "AUDIT_KEY": secrets.token_urlsafe(32),
    "SITE_URL": "https://inservice.example",
    "BEHIND_PROXY": "1",
    "EMAIL_URL": "smtp+tls://user:secret@127.0.0.1:9",
    "DEFAULT_FROM_EMAIL": "site@inservice.example",
    "OPERATOR_PHONE": "02-0000-0000",
    "OPERATOR_MAIL": "help@inservice.example",
}
OURS = {
    *PRODUCTION,
    "ALLOWED_HOSTS",
    "DEBUG",
    "DEMO",
    "MFA_REQUIRED",
    "ALLOW_LOCAL_SECRET",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
}


def check(**changes: str) -> subprocess.CompletedProcess[str]:
    """`check --deploy` in its own process; an empty value leaves the variable out. No database is needed."""
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {name: value for name, value in {**PRODUCTION, **changes}.items() if value}
    command = [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)


def test_a_production_is_in_order() -> None:
    said = check()
    assert said.returncode == 0 and "no issues" in said.stdout + said.stderr, said.stderr


# Some mistakes at a time, each with the line about it: a process takes 2 s of CPU. A production without any has no line at all (above).
OPEN_DOORS = [
    ({"SITE_URL": "http://inservice.example"}, "security.W012"),
    ({"SECRET_KEY": "short"}, "security.W009"),
    ({"FIELD_KEYS": "", "AUDIT_KEY": ""}, "FIELD_KEYS, AUDIT_KEY derived from SECRET_KEY"),
    ({"ALLOWED_HOSTS": "*"}, "inservice.W002"),
    ({"MFA_REQUIRED": "0"}, "inservice.W003"),
    ({"DEFAULT_FROM_EMAIL": ""}, "inservice.W006"),
    ({"OPERATOR_PHONE": ""}, "inservice.E001"),
]
FOR_DEVELOPERS = [
    ({"DEBUG": "1"}, "security.W018"),
    ({"DEMO": "1"}, "inservice.W004"),
    ({"DATABASE_URL": ""}, "inservice.W005"),
    ({"EMAIL_URL": ""}, "EMAIL_URL not set"),
    ({"REDIS_URL": ""}, "inservice.W007"),
    ({"OPERATOR_MAIL": ""}, "OPERATOR_MAIL not set"),
]
BEHIND_NO_PROXY = [({"BEHIND_PROXY": ""}, "inservice.W008")]


@pytest.mark.parametrize(
    "mistakes", [OPEN_DOORS, FOR_DEVELOPERS, BEHIND_NO_PROXY], ids=["open", "developers", "no proxy"]
)
def test_each_mistake_is_said(mistakes: list[tuple[dict[str, str], str]]) -> None:
    said = check(**{name: value for changes, _ in mistakes for name, value in changes.items()})
    assert said.returncode == 1 and not [told for _, told in mistakes if told not in said.stderr], said.stderr


def test_without_a_secret_a_production_does_not_start_and_says_how_to_make_one() -> None:
    said = check(SECRET_KEY="")
    assert said.returncode == 1 and "SECRET_KEY is not set" in said.stderr and "token_urlsafe" in said.stderr
