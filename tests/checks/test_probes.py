"""`/healthz` and `/readyz`: by address, without session, and what each part that is missing leads to."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from checks import probes
from kit.migration_state import needed_migrations
from tests.factories import make_operator

pytestmark = pytest.mark.django_db


def parts(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/readyz")
    return response.status_code, response.json()


@pytest.mark.once
def test_a_balancer_requests_by_address_over_http_and_gets_no_cookie(client: Client, settings: Any) -> None:
    """Every other page refuses the host, or leads to https."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["inservice.example"], True
    client.force_login(make_operator().user)
    for path in probes.PATHS:
        response = client.get(path, headers={"Host": "10.0.0.9:8000"})
        assert response.status_code == 200 and not response.cookies
        assert response["Cache-Control"].startswith("max-age=0") or "no-store" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get("/help/", headers={"Host": "10.0.0.9:8000"}).status_code == 400
    assert client.get("/help/", headers={"Host": "inservice.example"}).status_code == 301


def test_ready_costs_one_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        status, found = parts(client)
    assert status == 200 and found == {
        "ready": True, "database": "ok", "migrations": "ok", "static": "ok", "redis": found["redis"]
    }  # fmt: skip


def test_alive_costs_none(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok"


def test_the_listed_migrations_are_those_that_migrate_knows() -> None:
    assert needed_migrations() == set(MigrationLoader(None).disk_migrations)


def test_a_version_whose_migrations_are_not_applied_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'hours' AND name LIKE '0001%'")
    status, found = parts(client)
    assert status == 503 and found["migrations"] == "pending" and found["database"] == "ok"


def test_a_database_ahead_of_this_version_is_ready(client: Client) -> None:
    """The older version goes on while the newer one is started beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('hours', '9999_newer', '2026-11-24')"
        )
    assert parts(client)[0] == 200


@pytest.mark.once
def test_without_the_database_it_is_alive_and_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused by 10.0.0.5")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    status, found = parts(client)
    assert status == 503 and found["database"] == "away" and "10.0.0.5" not in str(found)
    assert client.get("/healthz").status_code == 200


@pytest.mark.once
def test_a_missing_manifest_is_named(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(house, "DEBUG", False)
    storage = ManifestStaticFilesStorage(location=str(tmp_path), base_url="/static/")
    monkeypatch.setattr(probes, "staticfiles_storage", storage)
    assert parts(client) == (503, {**parts(client)[1], "static": "missing", "ready": False})


@pytest.mark.once
def test_redis_that_is_away_is_named_and_requests_go_on(
    client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    backend = {
        "BACKEND": "kit.caches.FallbackCache",
        "LOCATION": settings.REDIS_URL,
        "OPTIONS": {"far": "django.core.cache.backends.redis.RedisCache", "socket_connect_timeout": 0.5},
    }
    settings.CACHES = {"default": backend}
    with caplog.at_level(logging.CRITICAL):
        status, found = parts(client)
    assert status == 200 and found["redis"] == "away" and found["ready"]


@pytest.mark.once
def test_other_methods_are_refused(client: Client) -> None:
    assert [client.post(path).status_code for path in probes.PATHS] == [405, 405]
