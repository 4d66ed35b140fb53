"""What a running installation keeps of the time before log-ins had a package of their own: sessions and queued tasks."""

from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth import BACKEND_SESSION_KEY
from django.test import Client
from django.urls import reverse

from accounts.session_store import SessionStore as FormerStore
from kit.celery_app import app
from signin import tasks
from signin.session_store import SessionStore
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
FORMER = "accounts.backends.PersonBackend"


def test_a_session_that_began_under_the_former_backend_goes_on(client: Client) -> None:
    client.force_login(make_user(), backend=FORMER)
    assert client.session[BACKEND_SESSION_KEY] == FORMER
    assert client.get(reverse("signin:security")).status_code == 200


def test_without_the_former_path_the_person_would_be_logged_out(client: Client, settings: Any) -> None:
    client.force_login(make_user(), backend=FORMER)
    settings.AUTHENTICATION_BACKENDS = ["signin.backends.PersonBackend"]
    assert client.get(reverse("signin:security")).status_code == 302


def test_a_log_in_of_today_names_the_backend_of_today(client: Client) -> None:
    user = make_user()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.session[BACKEND_SESSION_KEY] == "signin.backends.PersonBackend"


def test_a_wrong_password_is_hashed_once_although_two_backends_are_listed(client: Client) -> None:
    user = make_user()
    with mock.patch("django.contrib.auth.base_user.check_password", return_value=False) as check:
        client.post(reverse("account_login"), {"login": user.email, "password": "wrong-pass-word"})
    assert check.call_count == 1


def test_the_session_engine_is_found_under_its_former_path() -> None:
    assert FormerStore is SessionStore


def test_a_message_that_was_queued_under_the_former_name_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(tasks.throttles, "forget_old", lambda: ran.append("throttles"))
    app.tasks["accounts.tasks.tidy_log_ins"].apply().get()
    assert ran == ["throttles"]


def test_the_models_stay_in_accounts() -> None:
    """Labels in the record, seals and foreign keys name them."""
    assert not list(apps.get_app_config("signin").get_models())
