"""Which tests the PostgreSQL part leaves to SQLite (docs/testing.md)."""

import pytest

from tests.conftest import needs_no_database


def test_a_test_without_a_database_is_left_to_sqlite(request: pytest.FixtureRequest) -> None:
    assert needs_no_database(request.node)


def test_a_test_with_a_database_runs_on_both(db: None, request: pytest.FixtureRequest) -> None:
    assert not needs_no_database(request.node)


@pytest.mark.django_db
def test_so_does_one_that_requests_it_by_its_mark(request: pytest.FixtureRequest) -> None:
    assert not needs_no_database(request.node)


@pytest.mark.once
@pytest.mark.django_db
def test_a_test_that_is_decided_before_the_database_runs_once(request: pytest.FixtureRequest) -> None:
    assert needs_no_database(request.node)
