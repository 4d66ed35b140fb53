"""One page that is sent twice at the same moment makes one row (PostgreSQL)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from courses.models import Campaign
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


def test_without_the_queue_the_second_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.form_once.queue_form_key", lambda *_: None)
    sent = double_click()
    with pytest.raises(Exception, match="api_idempotency_key_once"):
        one_then_other(sent[0], sent[1], patience=60, until_it_waits=True)
