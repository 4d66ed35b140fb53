"""One page that is sent twice at the same moment makes one row (PostgreSQL)."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from api.form_once import make_once
from courses.models import Campaign, Tag
from kit.form_once import FIELD
from tests.concurrency.race import one_then_other
from tests.factories import make_officer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SENT = {"title": "清查", "year": "115", "deadline": "2026-12-20", "steps": "7, 1", "version": "0"}


def double_click() -> list[Callable[[], Any]]:
    person, key = make_officer().user, "0b0a2f0e-0d6e-4d7a-9a3b-b7f3a5a4a9b1"
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(person)
    return [partial(client.post, reverse("courses:campaign_new"), SENT | {FIELD: key}) for client in clients]


def test_the_second_waits_and_leads_to_what_the_first_made() -> None:
    sent = double_click()
    first, second = one_then_other(sent[0], sent[1], patience=60, until_it_waits=True)
    assert first.status_code == second.status_code == 302 and first.url == second.url
    assert Campaign.objects.count() == 1


def making() -> Callable[[], Any]:
    """Return the act of a form by itself: a request waits at rows of its own before it comes to the key."""
    return partial(
        make_once,
        caller=1,
        mark="a" * 64,
        make=lambda: Tag.objects.create(name="新興議題", code=str(uuid4())[:8]).pk,
        is_there=lambda pk: Tag.objects.filter(pk=pk).exists(),
    )


def test_the_queue_of_the_key_is_enough() -> None:
    make = making()
    first, second = one_then_other(make, make, patience=60, until_it_waits=True)
    assert first == second


def test_without_the_queue_the_second_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.form_once.queue_form_key", lambda *_: None)
    make = making()
    _first, second = one_then_other(make, make, patience=60, until_it_waits=True)
    assert isinstance(second, IntegrityError) and "api_idempotency_key_once" in str(second)
