"""What the settings read of the environment: a value that cannot be read is named, and never shown."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from inservice.environment import Environment


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("bool", "ture"),
        ("int", "two"),
        ("int", ""),
        ("float", "soon"),
        ("json", "[{"),
        ("rate", "many"),
        ("rate", "0/minute"),
        ("db_url", "secret-word"),
        ("email_url", "smtp://a:secret-word@127.0.0.1:99999"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, how: str, text: str
) -> None:
    monkeypatch.setenv("SOME_SETTING", text)
    with pytest.raises(ImproperlyConfigured, match="SOME_SETTING") as refusal:
        getattr(Environment(), how)("SOME_SETTING", default="1/m" if how == "rate" else 1)
    assert "secret-word" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "value"), [("Yes", True), ("on ", True), ("No", False), ("0", False), ("", False)]
)
def test_yes_and_no_are_read(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("SOME_SETTING", text)
    assert Environment().bool("SOME_SETTING", default=not value) is value
    monkeypatch.delenv("SOME_SETTING")
    assert Environment().bool("SOME_SETTING", default=not value) is not value


@pytest.mark.parametrize(("name", "text"), [("BACKUP_MAX_HOURS", "often"), ("MEDIA_STORAGE", "{a")])
def test_a_command_ends_with_a_sentence_and_the_code_of_what_must_be_mended(name: str, text: str) -> None:
    words = [sys.executable, "manage.py", "doctor"]
    env = {**os.environ, name: text}
    said = subprocess.run(words, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)
    assert said.returncode == 2 and name in said.stderr and "Traceback" not in said.stderr
