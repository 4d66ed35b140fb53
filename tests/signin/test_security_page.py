"""My security: the same queries for one session, browser and key as for many."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Device, User
from kit import clock
from signin.sessions import live_sessions, other_places
from tests.factories import make_key, make_user
from tests.signin.test_login_locks_and_sessions import PASSWORD, attempt

pytestmark = pytest.mark.django_db


def with_log_ins(number: int) -> tuple[User, Client]:
    user = make_user()
    for each in range(number):
        client = Client()
        attempt(client, user.email, PASSWORD, f"10.0.0.{each + 1}")
        make_key(user)
    return user, client


def queries_of(work: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def test_the_page_takes_the_same_queries_for_one_and_for_six_of_everything() -> None:
    (_one, first), (_six, second) = with_log_ins(1), with_log_ins(6)
    page = reverse("signin:security")
    first.get(page)  # fills the cache of the announcements
    assert queries_of(lambda: first.get(page)) == queries_of(lambda: second.get(page))
    assert len(second.get(page).context["sessions"]) == 6


def test_a_log_in_takes_the_same_queries_whatever_number_of_sessions_there_is() -> None:
    (one, _), (six, _) = with_log_ins(1), with_log_ins(6)
    assert queries_of(lambda: other_places(one, "10.9.9.9", None)) == queries_of(
        lambda: other_places(six, "10.9.9.9", None)
    )
    assert len(other_places(six, "10.9.9.9", None)) == 6


def test_sessions_that_are_gone_are_listed_no_more() -> None:
    user, client = with_log_ins(2)
    UserSession.objects.create(user=user, ip="10.0.0.9", user_agent="x", session_key="gone")
    assert len(live_sessions(user)) == 2 and not UserSession.objects.filter(session_key="gone").exists()
    Device.objects.filter(user=user).update(last_seen=clock.now() - timedelta(1))
    assert len(client.get(reverse("signin:security")).context["devices"]) == 2
