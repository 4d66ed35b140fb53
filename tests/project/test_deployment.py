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


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"SITE_URL": "http://inservice.example"}, "security.W012"),
        ({"SECRET_KEY": "short"}, "security.W009"),
        ({"DEBUG": "1"}, "security.W018"),
        ({"FIELD_KEYS": "", "AUDIT_KEY": ""}, "FIELD_KEYS, AUDIT_KEY derived from SECRET_KEY"),
        ({"ALLOWED_HOSTS": "*"}, "inservice.W002"),
        ({"MFA_REQUIRED": "0"}, "inservice.W003"),
        ({"DEMO": "1"}, "inservice.W004"),
        ({"DATABASE_URL": ""}, "inservice.W005"),
        ({"EMAIL_URL": ""}, "EMAIL_URL not set"),
        ({"DEFAULT_FROM_EMAIL": ""}, "inservice.W006"),
        ({"REDIS_URL": ""}, "inservice.W007"),
        ({"BEHIND_PROXY": ""}, "inservice.W008"),
        ({"OPERATOR_PHONE": ""}, "inservice.E001"),
        ({"OPERATOR_MAIL": ""}, "OPERATOR_MAIL not set"),
    ],
)
def test_each_mistake_is_said(changes: dict[str, str], told: str) -> None:
    said = check(**changes)
    assert said.returncode == 1 and told in said.stderr


def test_without_a_secret_a_production_does_not_start_and_says_how_to_make_one() -> None:
    said = check(SECRET_KEY="")
    assert said.returncode == 1 and "SECRET_KEY is not set" in said.stderr and "token_urlsafe" in said.stderr
