"""No mass assignment: a form or serializer names its fields, and fields of a model posted beside them change nothing.

One act of each app is done twice in a savepoint that is undone: as its page sends it, and with every field of every model beside it,
each with a value that would do harm. Both must leave the same changes behind.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from rest_framework import serializers

from api.reply_serializers import ObjectionSerializer
from api.serializers import CourseSerializer
from courses.forms.course import CourseForm
from courses.forms.oversight import PolicyForm
from courses.models import Course, TransferRequest
from kit import clock
from tests.factories import make_user
from tests.hours.test_pages import course_form
from tests.security import matrix
from tests.security.world import World, build

pytestmark = pytest.mark.django_db
OURS = ("audit", "notices", "files", "jobs", "accounts", "bulletin", "courses", "hours")
LIBRARIES = ("account", "mfa", "socialaccount", "usersessions")
# Moves with the clock or is drawn anew each time; tables that every request writes.
VOLATILE = re.compile(
    r"(_at|^at|^proof|digest|request_id|last_seen|password|_key|search_text|_file|_sealed)$"
)
ASIDE = {"accounts_throttle", "accounts_device", "usersessions_usersession"}
# Never a visitor's to write, in whatever form: the owner, the place, what the system counts.
PROTECTED = {
    "id", "pk", "user", "unit", "handler", "account", "code", "year", "state", "seats_taken", "registered_at", "closed_at",
    "created_at", "decided_by", "decided_at", "requested_by", "is_superuser", "is_staff", "is_active", "role", "number",
    "issued_by", "walk_in", "search_text", "ended_at", "suspended_at", "set_by", "password", "id_hash", "id_sealed",
    "passport_hash", "passport_sealed",
}  # fmt: skip
# What is the system's own elsewhere and typed here: the ministry gives a unit its code.
TYPED = {"UnitForm": {"code"}}


@dataclass(frozen=True)
class Act:
    """One proper call: `fields` of the world, who does it, and the form's own optional fields, which may count."""

    role: str
    fields: Callable[[World], dict[str, Any]]
    optional: frozenset[str] = frozenset()
    json: bool = False


def _edit(world: World) -> dict[str, Any]:
    version = world.things["draft"]["own"].version
    return course_form(
        title="新名稱",
        version=str(version),
        **{"sessions-INITIAL_FORMS": "1", "instructors-INITIAL_FORMS": "1"},
    )


def _sheet(world: World) -> dict[str, Any]:
    row = world.things["course"]["own"].enrolments.get()
    return {"action": "close", "request_key": "k", f"hours_{row.pk}": "3", f"state_{row.pk}": "attended"}


def _api_sheet(world: World) -> dict[str, Any]:
    row = world.things["course"]["own"].enrolments.get()
    return {"request_key": "k", "marks": [{"enrolment": row.pk, "state": "attended", "hours": "3"}]}


def _appoint(world: World) -> dict[str, Any]:
    unit = world.things["unit"]["own"]
    return {
        "email": make_user(unit=unit).email,
        "unit": unit.code,
        "role": "handler",
        "valid_from": clock.today().isoformat(),
    }


# Of each app the act that writes most of what a visitor types.
ACTS: dict[str, Act] = {
    "accounts:apply": Act(
        "teacher",
        lambda w: {
            "unit": w.things["unit"]["county"].code,
            "role": "handler",
            "reason": "接辦研習業務",
            "starts_on": clock.today().isoformat(),
        },
        optional=frozenset({"level", "ends_on", "valid_until", "proof"}),
    ),
    "courses:edit": Act("handler", _edit, optional=frozenset(CourseForm.base_fields)),
    "courses:operator_appoint": Act("operator", _appoint, optional=frozenset({"level", "valid_until"})),
    "hours:close": Act("handler", _sheet),
    "signin:make_key": Act(
        "teacher", lambda _w: {"name": "排課程式", "scope": "read"}, optional=frozenset({"account"})
    ),
    "jobs:cancel": Act("teacher", lambda _w: {}),
    "notices:settings": Act("teacher", lambda _w: {"mail": ["lights"]}),
    "api:close": Act("handler", _api_sheet, json=True, optional=frozenset({"walk_ins"})),
}


def our_models() -> Iterator[type[models.Model]]:
    for label in OURS:
        yield from apps.get_app_config(label).get_models()


def hostile(world: World) -> dict[str, Any]:
    """Every field of every model under both of its names, with a value that would do harm if it were taken."""
    values: dict[str, Any] = {}
    theirs = {
        "User": world.people["operator"].pk,
        "Unit": world.things["unit"]["other"].pk,
        "BusinessAccount": world.accounts["operator"].pk,
        "Course": world.things["course"]["other"].pk,
        "Enrolment": world.things["course"]["other"].enrolments.get().pk,
        "TransferRequest": TransferRequest.objects.latest("pk").pk,
    }
    for model in our_models():
        for field in model._meta.concrete_fields:
            values[field.name] = values[field.attname] = _harm(field, theirs)
    return values


def _harm(field: Any, theirs: dict[str, int]) -> Any:
    if field.is_relation:
        return theirs.get(field.related_model.__name__, 1)
    if field.choices:
        return list(field.choices)[-1][0]
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01T00:00:00+08:00"
    if isinstance(field, models.DateField):
        return "2020-01-01"
    return "7" if isinstance(field, models.IntegerField | models.DecimalField) else "hostile"


def with_rows(fields: dict[str, Any], harm: dict[str, Any]) -> dict[str, Any]:
    """The harmful fields as those of each row of a set of forms, too."""
    rows = {match[1] for name in fields if (match := re.match(r"(\w+-0)-", name))}
    return {f"{row}-{name}": value for row in rows for name, value in harm.items()}


Rows = dict[tuple[str, Any], dict[str, Any]]


def snapshot() -> Rows:
    rows: Rows = {}
    tables = [
        m._meta
        for label in (*OURS, *LIBRARIES)
        for m in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    with connection.cursor() as cursor:
        for meta in tables:
            if meta.db_table in ASIDE:
                continue
            cursor.execute(f"SELECT * FROM {meta.db_table}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                facts = dict(zip(names, row, strict=True))
                rows[meta.db_table, facts[meta.pk.column]] = facts
    return rows


# Columns that name a row without a foreign key (the audit is below what it records); its object's table is named beside it.
LOOSE = {
    ("audit_auditevent", "actor_id"): "accounts_user",
    ("audit_auditevent", "unit_id"): "accounts_unit",
    ("audit_auditsubject", "person_id"): "accounts_user",
    ("audit_auditseal", "first_id"): "audit_auditevent",
    ("audit_auditseal", "last_id"): "audit_auditevent",
}


def _points_at(table: str, name: str, row: dict[str, Any]) -> str | None:
    """The table whose row this column names, if it names one."""
    if (table, name) == ("audit_auditevent", "object_id"):
        return apps.get_model(row["object_type"])._meta.db_table if row["object_type"] else None
    return LOOSE.get((table, name)) or _foreign_keys().get((table, name))


@functools.cache
def _foreign_keys() -> dict[tuple[str, str], str]:
    return {
        (model._meta.db_table, field.column): field.related_model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation
    }


def changes(before: Rows, after: Rows) -> list[tuple[str, ...]]:
    """Return added, changed and removed values, in a form that is equal for two runs of the same action."""
    new = {(table, str(pk)) for table, pk in after if (table, pk) not in before}
    told = [("gone", table, str(pk)) for table, pk in before.keys() - after.keys()]
    for (table, pk), row in after.items():
        old = before.get((table, pk))
        for name, value in row.items():
            if name == "id" or (old is not None and old[name] == value):
                continue
            if VOLATILE.search(name):
                told += [(str(pk), table, name, "moved")] if old is not None else []
                continue
            where = "new" if old is None else str(pk)
            row_named = (_points_at(table, name, row), str(value))
            told.append((where, table, name, "a new row" if row_named in new else _same(value)))
    return sorted(told)


def _same(value: Any) -> str:
    return re.sub(r"\d+", "#", value) if isinstance(value, str) and len(value) > 1 else str(value)


def send(client: Client, path: str, fields: dict[str, Any], as_json: bool) -> list[tuple[str, ...]]:
    before, cookies = snapshot(), client.cookies.copy()
    with transaction.atomic():
        answer = client.post(path, fields, **({"content_type": "application/json"} if as_json else {}))
        assert answer.status_code < 500, (path, answer.status_code)
        told = changes(before, snapshot())
        transaction.set_rollback(True)
    client.cookies = cookies
    return told


@pytest.mark.parametrize("route", ACTS)
def test_fields_beside_the_form_change_nothing(route: str) -> None:
    world, act = build(), ACTS[route]
    fields, client = act.fields(world), world.client(act.role)
    path = matrix.address(world, route, matrix.routes()[route], act.role, "own")
    harm = {name: v for name, v in hostile(world).items() if name not in fields and name not in act.optional}
    rows = {
        name: v for name, v in with_rows(fields, harm).items() if name not in fields and not _row_field(name)
    }
    proper = send(client, path, fields, act.json)
    assert proper, "the proper call must do something, or this compares nothing with nothing"
    assert send(client, path, {**harm, **rows, **fields}, act.json) == proper


def _row_field(name: str) -> bool:
    """Fields that the rows of the registration form themselves have."""
    return name.rsplit("-", 1)[1] in {"place", "topic", "name", "organisation", "day", "starts", "ends"}


def of_ours(kind: type[Any]) -> Iterator[type[Any]]:
    """Yield every class of ours below a class of a library."""
    for one in kind.__subclasses__():
        yield from of_ours(one)
        if one.__module__.split(".")[0] in (*OURS, "api"):
            yield one


def test_forms_name_their_fields_and_none_is_the_systems_own() -> None:
    assert matrix.routes()  # loads every view, and with it every form
    found = set(of_ours(forms.ModelForm))
    assert {CourseForm, PolicyForm} <= found
    for form in found:
        assert form._meta.fields not in (None, forms.ALL_FIELDS) and not form._meta.exclude
        assert PROTECTED & set(form.base_fields) <= TYPED.get(form.__name__, set()), form


def test_serializers_name_their_fields_and_write_nothing_of_a_model() -> None:
    assert matrix.routes()  # loads every view, and with it every serializer
    found = set(of_ours(serializers.ModelSerializer))
    assert {CourseSerializer, ObjectionSerializer} <= found
    for kind in found:
        assert kind.Meta.fields not in (None, "__all__")
        assert all(field.read_only for field in kind().fields.values()), kind


def test_the_harm_is_real() -> None:
    """The twin: a form that took every field would be found by this comparison."""
    world = build()
    course = world.things["open"]["own"]
    before = snapshot()
    with transaction.atomic():
        Course.objects.filter(pk=course.pk).update(handler_id=hostile(world)["handler_id"])
        assert changes(before, snapshot()) == [
            (str(course.pk), "courses_course", "handler_id", str(world.accounts["operator"].pk))
        ]
        transaction.set_rollback(True)


def test_a_new_row_is_only_known_in_its_own_table() -> None:
    """A number that a new row of one table happens to share with an old row of another is not that row."""
    old, light = {"id": 7}, {"id": 9, "unit_id": 7, "year": 115}
    before: Rows = {("accounts_unit", 7): old}
    after = before | {("courses_unitlight", 9): light, ("notices_notice", 7): {"id": 7}}
    assert ("new", "courses_unitlight", "unit_id", "7") in changes(before, after)
    assert ("new", "courses_unitlight", "unit_id", "a new row") in changes({}, after)
    event = {"id": 3, "object_type": "courses.course", "object_id": "7", "actor_id": 7}
    told = changes({}, {("audit_auditevent", 3): event, ("courses_course", 7): {"id": 7}})
    assert ("new", "audit_auditevent", "object_id", "a new row") in told
    assert ("new", "audit_auditevent", "actor_id", "7") in told
