"""What is kept of tables is forgotten once a statement that writes one of them is committed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from accounts.models import County
from kit import request_memo, table_versions
from kit.table_versions import GROUPS, Group, cached, group

NAME = "counties-of-a-test"


@pytest.fixture(autouse=True)
def counties() -> Iterator[None]:
    GROUPS.register({NAME: group(County, but='SET "?seat')})
    yield
    GROUPS._rows.pop(NAME)


class Reader:
    """Counts how often it was read."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


@pytest.mark.parametrize(
    "sql",
    [
        'INSERT INTO "accounts_county" ("name") VALUES (%s)',
        'INSERT OR IGNORE INTO "accounts_county" ("name") VALUES (%s)',
        "\n update_is_not_first; UPDATE accounts_county SET name = %s",
        'DELETE FROM "accounts_county" WHERE id = %s',
        "WITH old AS (SELECT 1) UPDATE ONLY accounts_county SET name = ''",
        'TRUNCATE TABLE "accounts_county"',
    ],
)
def test_statements_that_write_a_table_are_seen(sql: str) -> None:
    assert GROUPS[NAME].is_written_by(sql, table_versions._WRITTEN.findall(sql))


@pytest.mark.parametrize(
    "sql", ['UPDATE "accounts_unit" SET county_id = 1', 'UPDATE "accounts_county" SET "seats" = 1']
)
def test_other_statements_are_not(sql: str) -> None:
    assert not GROUPS[NAME].is_written_by(sql, table_versions._WRITTEN.findall(sql))


def test_a_group_without_exceptions_counts_every_statement() -> None:
    assert Group(frozenset({"a"})).is_written_by("UPDATE a SET seats = 1", ["a"])


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_is_read_again_after_each_kind_of_write() -> None:
    read = Reader()
    county = County.objects.create(name="甲縣")
    assert [cached(NAME, "q", read), cached(NAME, "q", read), cached(NAME, "other", read)] == [1, 1, 2]
    writes: list[Any] = [
        lambda: County.objects.filter(pk=county.pk).update(name="乙縣"),
        lambda: County.objects.bulk_create([County(name="丙縣")]),
        lambda: county.save(),
        lambda: connection.cursor().execute("UPDATE accounts_county SET name = '丁縣' WHERE id = -1"),
        lambda: County.objects.all().delete(),
    ]
    for write in writes:
        before = cached(NAME, "q", read)
        write()
        assert cached(NAME, "q", read) > before


@pytest.mark.django_db(transaction=True)
def test_a_transaction_reads_its_own_rows_and_others_see_them_once_it_is_committed() -> None:
    read = Reader()
    assert cached(NAME, "q", read) == 1
    with transaction.atomic():
        County.objects.create(name="甲縣")
        assert cached(NAME, "q", read) == 2
        assert cached(NAME, "q", read) == 3
    assert cached(NAME, "q", read) == 4
    assert cached(NAME, "q", read) == 4


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_hides_no_later_write() -> None:
    read = Reader()
    with transaction.atomic():
        County.objects.create(name="甲縣")
        transaction.set_rollback(True)
    before = cached(NAME, "q", read)
    County.objects.create(name="乙縣")
    assert cached(NAME, "q", read) > before


@pytest.mark.django_db(transaction=True)
def test_a_request_that_writes_sees_the_new_version() -> None:
    read = Reader()
    with request_memo.remembering():
        before = cached(NAME, "q", read)
        County.objects.create(name="甲縣")
        assert cached(NAME, "q", read) > before


@pytest.mark.django_db(transaction=True)
def test_without_the_cache_everything_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Reader()
    first = cached(NAME, "q", read)
    monkeypatch.setattr(table_versions, "_is_away", lambda: True)
    assert cached(NAME, "q", read) > first
    County.objects.create(name="甲縣")
    monkeypatch.undo()
    # The version that the server still has is replaced before it is used.
    again = cached(NAME, "q", read)
    assert again > first + 1
    assert cached(NAME, "q", read) == again


@pytest.mark.django_db(transaction=True)
def test_an_evicted_version_is_made_anew() -> None:
    read = Reader()
    first = cached(NAME, "q", read)
    cache.clear()
    assert cached(NAME, "q", read) > first


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_watched_again_and_once() -> None:
    connection.ensure_connection()
    table_versions.watch_connection(None, connection)
    watchers = [row for row in connection.execute_wrappers if isinstance(row, table_versions.Watcher)]
    assert len(watchers) == 1
    assert connection.execute_wrappers[0] is watchers[0]
