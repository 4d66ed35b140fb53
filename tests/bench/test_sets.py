"""The yardstick's smallest sets, loaded with every check on: the rules hold on them, and the pages' questions find their indexes."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, connections

from accounts.enums import UnitLevel
from accounts.models import County, Unit
from bench.generate import GROWING, load
from bench.harness import FIGURES, Result
from bench.pages import MORE_QUERIES, MOST_QUERIES, PAGES, Page, Visit, teacher
from checks.invariants import RULES
from courses.models import Course, Enrolment, UnitLight
from hours.queries import home_rows
from kit import clock
from tests.bench.plans import nodes, plan_of, whole_scans

pytestmark = pytest.mark.postgres


@pytest.mark.django_db
def test_the_school_set_keeps_every_rule_with_the_foreign_keys_checked() -> None:
    load("school", trusting=False)
    assert {name: rule() for name, rule in RULES.items() if rule()} == {}
    assert Course.objects.count() == 540 and Enrolment.objects.count() > 5_000


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_rows() -> None:
    def rows(seed: int) -> list[tuple]:
        _empty()
        load("school", seed=seed)
        return list(Enrolment.objects.order_by("pk").values_list("pk", "user_id", "state", "enrolled_at"))

    first = rows(1)
    assert rows(1) == first
    assert rows(2) != first


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(relname, ',') FROM pg_class WHERE relname = ANY(%s)",
            [[*GROWING, "accounts_county", "accounts_counter"]],
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} CASCADE")


@pytest.fixture(scope="module")
def district(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A database of its own beside the tests' one, with 60 units and 80,000 enrolments."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        usual = connection.settings_dict["NAME"]
        name = f"{usual}_district"
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING utf8')
        _go_to(name)
        call_command("migrate", verbosity=0)
        load("district")
        connections.close_all()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _go_to(usual)
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _go_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_reads_a_growing_table_whole_or_takes_more_than_twelve_queries(
    district: None, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Numbers over thousands of courses are kept for minutes (docs/adr/0013); a district has hundreds, so they are kept here at once.
    monkeypatch.setattr("courses.queries.cached_counts.MANY", 0)
    statements = Visit(page).statements()
    assert whole_scans(statements) == []
    assert len(statements) <= MOST_QUERIES + MORE_QUERIES.get(page.name, 0)


@pytest.mark.django_db
def test_the_rows_of_a_home_never_read_all_courses(district: None) -> None:
    """Whatever the statistics say: a join read all courses after one ANALYZE of twenty-five."""
    values = {**home_rows.OWN_VALUES, "person": teacher().pk, "year": clock.this_year()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("EXPLAIN " + home_rows.OWN.sql, values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan, plan


@pytest.mark.django_db
def test_a_whole_scan_is_found_where_there_is_one(district: None) -> None:
    """The twin: without the index of pairs the same search reads every course."""
    search = next(page for page in PAGES if page.name == "catalogue_search")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX courses_words")
        cursor.execute("DROP INDEX courses_catalogue")
    assert {table for table, _ in whole_scans(Visit(search).statements())} == {"courses_course"}


@pytest.mark.django_db
def test_a_county_reads_the_lights_of_its_own_units_only(district: None) -> None:
    """In a nation of 4,000 more units the county's page looks up each unit's light; a join would read every unit's of the year."""
    page = next(page for page in PAGES if page.name == "county_overview")
    visit = Visit(page)
    _lights_elsewhere(4_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_unit, courses_unitlight")
    statements = [sql for sql in visit.statements() if "courses_unitlight" in sql]
    read = [
        node
        for sql in statements
        for node in nodes(plan_of(sql))
        if node.get("Relation Name") == "courses_unitlight"
    ]
    assert read and max(node["Plan Rows"] for node in read) < 200
    assert whole_scans(statements) == []


def _lights_elsewhere(number: int) -> None:
    """Units of another county, with this year's and last year's lights."""
    county = County.objects.create(pk=99, name="別縣")
    units = Unit.objects.bulk_create(
        Unit(county=county, code=f"Z{n:05}", level=UnitLevel.ELEMENTARY, name=f"別校{n}")
        for n in range(number)
    )
    this = clock.this_year()
    UnitLight.objects.bulk_create(
        UnitLight(unit=unit, year=year, computed_at=clock.now())
        for unit in units
        for year in (this - 1, this)
    )


def test_a_figure_counts_as_reached_by_its_ratio_and_by_nothing_broken() -> None:
    assert Result("x", 2, 1, "s", 3).ok and not Result("x", 4, 1, "s", 3).ok
    assert Result("x", 4, 1, "/s", 3, lower=False).ok and not Result("x", 2, 1, "/s", 3, lower=False).ok
    assert not Result("x", 2, 1, "s", 3, more={"broken": True}).ok
    assert isinstance(FIGURES, dict)
