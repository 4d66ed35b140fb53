"""What the settings read of the environment: a value that cannot be read is named, and never shown."""

import errno
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from inservice.environment import Environment, folder, own_file
from kit import private_files
from signin import issuers
from tests.servers import free_port

# Made from a text, as the name of a test has to be the same in every process.
KEY = urlsafe_b64encode(b"32 plain letters seal the fields").decode()


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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BACKUP_MAX_HOURS", "often"),
        ("MEDIA_STORAGE", "{a"),
        ("LOG_LEVEL", "LOUD"),
        ("SENTRY_DSN", "a word"),
        ("OIDC_ISSUERS", '[{"id": "x"}]'),
        ("TEACHER_PASSWORD_PROFILE", "nobody"),
        ("FIELD_KEYS", "too-short"),
        ("FIELD_KEYS", f"{KEY},no key"),
        ("FIELD_KEYS", ","),
    ],
)
def test_a_command_ends_with_a_sentence_and_the_code_of_what_must_be_mended(name: str, text: str) -> None:
    code, said = start("manage.py", "doctor", **{name: text})
    assert code == 2 and name in said and "Traceback" not in said


# --- Folders and files -------------------------------------------------------------------------------------------------
STARTS = {
    "command": (["manage.py", "migrate"], 1),
    "web": (["-m", "gunicorn", "-b", "127.0.0.1:0", "inservice.wsgi"], 3),
    "web, as deployed": (["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "inservice.wsgi"], 1),
    "worker": (["-m", "celery", "-A", "inservice", "worker", "-P", "solo"], 1),
    "beat": (["-m", "celery", "-A", "inservice", "beat"], 1),
    "script/server": (["-m", "inservice.supervisor"], 1),
}


def start(*words: str, **variables: str) -> tuple[int, str]:
    """Start a process with more in its environment; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PORT": "0", "BIND": "127.0.0.1:0", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("words", "code"), STARTS.values(), ids=STARTS)
def test_each_process_names_the_folder_that_cannot_be_used(
    tmp_path: Path, words: list[str], code: int
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    found, said = start(*words, VAR_DIR=str(taken))
    assert found == code and "Traceback" not in said
    assert (
        f"The settings are wrong: {taken} (VAR_DIR) cannot be used: there is a file of that name.\n" in said
    )


@pytest.mark.parametrize(
    "words", [["manage.py", "migrate"], ["manage.py", "verify_audit"], ["-m", "inservice.supervisor"]]
)
def test_a_database_that_is_away_ends_a_command_with_a_sentence(tmp_path: Path, words: list[str]) -> None:
    facts = {
        "DATABASE_URL": "postgresql://site@127.0.0.1:9/site",
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": "x" * 50,
    }
    facts |= {"MIGRATE_DATABASE_URL": "", "PORT": str(free_port())}
    code, said = start(*words, **facts)
    assert code == 1 and "The database or a disk is away" in said and "Traceback" not in said, said
    if words[0] == "manage.py":
        assert "Traceback" in start(*words, "--traceback", **facts)[1]


@pytest.mark.parametrize("name", ["MEDIA_DIR", "STATIC_ROOT"])
def test_each_setting_that_names_a_folder_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file/below"
    code, said = start("manage.py", "check", **{name: str(place), "VAR_DIR": str(tmp_path / "var")})
    assert (code, said) == (1, f"The settings are wrong: {place} ({name}) cannot be used: Not a directory.\n")


def test_a_number_of_the_web_server_is_named_too(tmp_path: Path) -> None:
    words = STARTS["web, as deployed"][0]
    code, said = start(*words, WEB_WORKERS="many", VAR_DIR=str(tmp_path))
    assert code == 1 and said.startswith("The settings are wrong: WEB_WORKERS"), said


def test_a_folder_that_may_not_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root every folder may: the question to the system is replaced."""
    assert folder("SOME_DIR", tmp_path / "own") == tmp_path / "own"
    assert own_file("SOME_DIR", tmp_path / "a", "text").read_text() == "text"
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(ImproperlyConfigured, match=r"own \(SOME_DIR\) cannot be used: Permission denied"):
        folder("SOME_DIR", tmp_path / "own")
    with pytest.raises(ImproperlyConfigured, match=r"a \(SOME_DIR\) cannot be used: Permission denied"):
        own_file("SOME_DIR", tmp_path / "a")
    # What is only read may belong to another account.
    folder("SOME_DIR", tmp_path / "own", is_written=False)


def test_a_full_disk_is_said_and_leaves_no_empty_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start would take an empty file for the secret."""
    made = private_files.new_file

    def full(path: Path) -> Any:
        made(path).close()
        return open("/dev/full", "wb")

    monkeypatch.setattr(private_files, "new_file", full)
    with pytest.raises(ImproperlyConfigured, match="No space left on device"):
        own_file("VAR_DIR", tmp_path / "secret_key", "text")
    assert not (tmp_path / "secret_key").exists()


def test_a_secret_that_was_emptied_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch(mode=0o600)
    code, said = start("manage.py", "check", VAR_DIR=str(tmp_path), SECRET_KEY="", ALLOW_LOCAL_SECRET="1")
    assert code == 1 and f"{tmp_path}/secret_key is empty" in said, said


def test_a_file_of_variables_that_may_not_be_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site would start with a new and empty database of its own."""
    path = tmp_path / ".env"
    Environment().read_file(path)
    path.write_bytes(b"SITE_NAME=\xb4\xfa")
    with pytest.raises(ImproperlyConfigured, match=r"no text in UTF-8"):
        Environment().read_file(path)

    def refuse(*args: Any, **more: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ImproperlyConfigured, match=r"Permission denied"):
        Environment().read_file(path)


@pytest.mark.parametrize("found", [{}, ["x"], [{"id": "a"}]], ids=str)
def test_issuers_that_lack_something_are_refused(found: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_ISSUERS"):
        issuers.checked(found)


def test_field_keys_that_are_empty_are_those_of_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (Fernet.generate_key().decode() for _ in range(2))
    for text, keys in (("", ["derived"]), (" ", ["derived"]), (f"{first}, {second}", [first, second])):
        monkeypatch.setenv("FIELD_KEYS", text)
        assert Environment().field_keys("FIELD_KEYS", default=["derived"]) == keys


def test_keys_and_folders_that_are_set_to_nothing_are_the_usual_ones() -> None:
    words = (
        "FIELD_KEYS",
        "ID_PEPPER",
        "AUDIT_KEY",
        "STATIC_ROOT",
        "STORAGES",
        "SITE_URL",
        "METRICS_ADDRESS",
    )
    folders = ("MEDIA_DIR", "STATIC_STORAGE", "OPERATOR_NAME")
    asked = f"from django.conf import settings; print(*(getattr(settings, name) for name in {(*words, 'SITE_NAME')}))"
    code, said = start("manage.py", "shell", "-v0", "-c", asked, **dict.fromkeys(words + folders, ""))
    unset = start("manage.py", "shell", "-v0", "-c", asked)
    assert code == 0 and (code, said) == unset and all(said.split())


def test_a_folder_that_is_set_to_nothing_is_not_where_the_process_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for text, place in (("", tmp_path), (" ", tmp_path), ("/srv/var", Path("/srv/var"))):
        monkeypatch.setenv("VAR_DIR", text)
        assert Environment().place("VAR_DIR", tmp_path) == place
