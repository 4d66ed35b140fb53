"""An outage is a 503 that says when to come again: a page for people, JSON for programs; a fault stays a 500."""

import errno
import json
import sqlite3
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client

from inservice import error_pages
from kit import outages
from signin.session_store import SessionStore
from tests.factories import make_user
from tests.security.test_error_pages import proper


class Driver(Exception):
    """What a driver of PostgreSQL raises."""

    def __init__(self, pgcode: str | None = None) -> None:
        self.pgcode = pgcode
        super().__init__("server closed the connection unexpectedly")


def raised(kind: type[Exception], cause: Exception | None = None) -> Exception:
    error = kind("SECRET of A123456789")
    error.__cause__ = cause
    return error


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


OUTAGES = [
    raised(OperationalError, Driver()),
    raised(OperationalError, Driver("57P01")),
    raised(OperationalError, Driver("57P03")),
    raised(OperationalError, Driver("53300")),
    raised(OperationalError, Driver("57014")),
    raised(OperationalError, Driver("55P03")),
    raised(OperationalError, sqlite_error(5)),
    raised(OperationalError, sqlite_error(13)),
    raised(InterfaceError),
    OSError(errno.ENOSPC, "No space left on device"),
    raised(RuntimeError, raised(OperationalError, Driver())),
]
FAULTS = [
    raised(OperationalError, Driver("40P01")),
    raised(OperationalError, sqlite_error(1)),
    raised(InterfaceError, sqlite3.InterfaceError("wrong value")),
    raised(IntegrityError, Driver("23505")),
    raised(DatabaseError),
    OSError(errno.ENOENT, "No such file"),
    ZeroDivisionError(),
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_what_passes_by_itself_is_an_outage(error: Exception) -> None:
    assert outages.is_outage(error)


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_what_is_wrong_with_the_site_is_a_fault(error: Exception) -> None:
    assert not outages.is_outage(error)


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Any:
    def go(error: Exception = OUTAGES[0]) -> None:
        def execute(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", execute)

    return go


SENTENCES = ("系統暫時無法使用", "away for a moment")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/me/", "/catalogue/", "/accounts/login/"])
def test_a_page_says_that_the_system_is_away_and_when_to_come_again(
    browser: Client, away: Any, path: str
) -> None:
    browser.force_login(make_user())
    away()
    answer = browser.get(path)
    proper(answer, 503, SENTENCES)
    assert answer["Retry-After"] == "60"


@pytest.mark.django_db
def test_a_program_gets_json(browser: Client, away: Any) -> None:
    away()
    answer = browser.get("/api/v1/courses/", headers={"Authorization": "Token x"})
    assert answer.status_code == 503 and answer["Retry-After"] == "60"
    said = json.loads(answer.content)
    assert said["code"] == "http_503" and said["request_id"] == answer["X-Request-ID"]
    assert "SECRET" not in answer.content.decode()


@pytest.mark.django_db
def test_a_fault_of_the_site_stays_a_fault(browser: Client, away: Any) -> None:
    away(FAULTS[0])
    proper(browser.get("/catalogue/"), 500)
    answer = browser.get("/api/v1/courses/", headers={"Authorization": "Token x"})
    assert answer.status_code == 500 and json.loads(answer.content)["detail"] == error_pages.WORDS[500]
    assert "Retry-After" not in answer


@pytest.mark.django_db
def test_an_address_of_the_api_that_there_is_not_is_json_for_programs_and_a_page_for_people(
    browser: Client,
) -> None:
    assert json.loads(browser.get("/api/v1/nothing/").content)["code"] == "http_404"
    proper(browser.get("/api/v1/nothing/", headers={"Accept": "text/html"}), 404)


@pytest.mark.django_db
def test_a_session_that_cannot_be_saved_in_an_outage_is_not_a_deleted_one() -> None:
    """The library would answer with status 400, as if the person had logged out in another window."""
    session = SessionStore()
    session.create()
    session["seen"] = 1

    def cut(execute: Any, sql: str, *rest: Any) -> Any:
        if "UPDATE" in sql:
            raise raised(OperationalError, Driver("57P01"))
        return execute(sql, *rest)

    with connection.execute_wrapper(cut), pytest.raises(OperationalError):
        session.save()
    gone = SessionStore(session.session_key)
    gone["seen"] = 1
    session.delete()
    with pytest.raises(UpdateError):
        gone.save()
