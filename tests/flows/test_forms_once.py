"""A form that makes something, sent twice from one page, makes one row; the second request leads to what the first made."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model, UniqueConstraint
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken
from api.models import IdempotencyKey
from bulletin.models import Announcement, Download
from courses.enums import PublicChange
from courses.models import Campaign, Course, CourseFile
from kit import clock
from kit.form_once import FIELD
from tests.factories import make_officer
from tests.security import world
from tests.security.world import World
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db
DAY = "2026-12-20"


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.pdf", b"%PDF-1")


@dataclass(frozen=True)
class Form:
    """A form that makes a row: by whom it is sent, from which page, and with what."""

    role: str
    makes: type[Model]
    sent: dict[str, Any] = field(default_factory=dict)
    page: str = ""  # the route with the form, where it is another one
    about: Callable[[World], dict[str, Any]] = lambda _world: {}


def _course(key: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"code": world.things[key]["own"].code}


PERIOD = {"first_day": "2026-11-24", "last_day": DAY}
FORMS: dict[str, Form] = {
    "courses:campaign_new": Form(
        "county", Campaign, {"title": "清查", "year": "115", "deadline": DAY, "steps": "7, 1", "version": "0"}
    ),
    "bulletin:add_announcement": Form(
        "operator", Announcement, {"text": "停機維護", "readers": "members", **PERIOD}
    ),
    "bulletin:add_download": Form(
        "operator", Download, {"title": "格式", "readers": "members", "order": "1", "file": pdf}
    ),
    "webhooks:list": Form(
        "lead",
        Webhook,
        {"url": "https://school.example/in", "purpose": "校務", "changes": PublicChange.values[:1]},
    ),
    "signin:make_key": Form("teacher", ApiToken, {"name": "k2", "scope": "act"}, page="signin:security"),
    "courses:files": Form(
        "handler",
        CourseFile,
        {"kind": "material", "open_from": "admitted", "file": pdf},
        about=_course("open"),
    ),
    "courses:copy": Form("handler", Course, page="courses:detail", about=_course("closed")),
}


def hidden(page: str, name: str) -> str | None:
    found = re.search(rf'name="{name}" value="([0-9a-f-]{{36}})"', page)
    return found.group(1) if found else None


@pytest.mark.parametrize("route", FORMS)
def test_a_page_that_is_sent_twice_makes_one_row(route: str) -> None:
    built, form = world.build(), FORMS[route]
    client, kwargs = built.client(form.role), form.about(built)
    page = client.get(reverse(form.page or route, kwargs=kwargs)).content.decode()
    names = [name for name in (FIELD, "form") if hidden(page, name)]
    assert names, "the form has no key"
    key = {name: hidden(page, name) for name in names}
    before = set(form.makes._default_manager.values_list("pk", flat=True))
    answers = []
    for _ in range(2):
        facts = {name: value() if callable(value) else value for name, value in form.sent.items()}
        answers.append(client.post(reverse(route, kwargs=kwargs), facts | key))
    made = set(form.makes._default_manager.values_list("pk", flat=True)) - before
    assert len(made) == 1, [answer.status_code for answer in answers]
    if answers[0].status_code == 302:
        assert answers[0]["Location"] == answers[1]["Location"]


SECRETS = {
    "signin:make_key": ("金鑰「k2」僅於建立時顯示一次", "signin:end_key"),
    "webhooks:list": ("此 Webhook 的密鑰僅於建立時顯示一次", "webhooks:renew_secret"),
}


@pytest.mark.parametrize("route", SECRETS)
def test_a_secret_is_shown_once_and_the_second_request_shows_the_way_to_another(route: str) -> None:
    built, form, (sentence, way) = world.build(), FORMS[route], SECRETS[route]
    client, kwargs = built.client(form.role), form.about(built)
    key = hidden(client.get(reverse(form.page or route, kwargs=kwargs)).content.decode(), FIELD)
    before = set(form.makes._default_manager.values_list("pk", flat=True))
    first, second = (
        client.post(reverse(route, kwargs=kwargs), form.sent | {FIELD: key}, follow=True) for _ in range(2)
    )
    (made,) = set(form.makes._default_manager.values_list("pk", flat=True)) - before
    assert sentence not in first.content.decode() and sentence in second.content.decode()
    assert reverse(way, args=[made]) in second.content.decode()


# Unique columns that are drawn by lot: they keep no row from being made twice.
BY_LOT = {"digest", "path", "file"}
OTHERWISE = {
    "audit.AuditEvent": "written by the acts",
    "accounts.Affiliation": "no two places of one person and unit overlap: a constraint on PostgreSQL, and the act",
    "accounts.Counter": "written by the acts, by its name",
    "accounts.KeyCanary": "written by a command, by its name",
    "accounts.PasswordMemory": "written with a new password",
    "accounts.Proof": "of an application or a change, which is unique while it waits",
    "accounts.SupportView": "a second click goes on with the look that has begun",
    "accounts.Throttle": "a counter, by its key",
    "accounts.UnitList": "of a job, which is unique while it runs",
    "accounts.UnitListRow": "a row of a list",
    "backup.Run": "written by a command",
    **dict.fromkeys(
        ("courses.Session", "courses.Instructor", "courses.Quota", "courses.AudienceTarget"),
        "a part of a course, which is saved whole",
    ),
    "courses.LightChange": "written by the acts under the lock of the light",
}


def test_each_model_whose_rows_a_form_could_double_is_looked_at() -> None:
    ours = {
        config.label for config in apps.get_app_configs() if not config.name.startswith(("django", "allauth"))
    }
    doubled = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ours and not _is_unique(model)
    }
    made = {form.makes._meta.label for form in FORMS.values()}
    assert doubled - made == OTHERWISE.keys()
    assert not made & OTHERWISE.keys()


def _is_unique(model: type[Model]) -> bool:
    columns = {row.name for row in model._meta.fields if row.unique and not row.primary_key}
    return bool(columns - BY_LOT) or any(isinstance(row, UniqueConstraint) for row in model._meta.constraints)


def send(client: Client, key: str, title: str = "清查") -> str:
    facts = {"title": title, "year": "115", "deadline": DAY, "steps": "7, 1", "version": "0"}
    sent = facts | ({FIELD: key} if key else {})
    return client.post(reverse("courses:campaign_new"), sent)["Location"]


def officer() -> Client:
    client = Client()
    client.force_login(make_officer().user)
    return client


def test_without_the_key_of_the_page_two_rows_are_made() -> None:
    client = officer()
    assert send(client, "") != send(client, "")


def test_another_text_from_the_same_page_is_another_row() -> None:
    client, key = officer(), str(uuid4())
    assert send(client, key) != send(client, key, "另一次清查")


def test_another_person_with_the_same_key_makes_a_row_of_the_own() -> None:
    key = str(uuid4())
    assert send(officer(), key) != send(officer(), key)


def test_what_was_discarded_is_made_anew_and_a_day_later_so_is_everything() -> None:
    client, key = officer(), str(uuid4())
    send(client, key)
    Campaign.objects.all().delete()
    second = send(client, key)
    assert send(client, key) == second
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert send(client, key) != second


def test_a_refusal_is_not_kept() -> None:
    client, key = officer(), str(uuid4())
    facts = {
        "title": "清查",
        "year": "115",
        "deadline": "2026-01-05",
        "steps": "7",
        "version": "0",
        FIELD: key,
    }
    assert client.post(reverse("courses:campaign_new"), facts).status_code == 200
    assert not IdempotencyKey.objects.exists()
