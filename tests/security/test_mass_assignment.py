"""No mass assignment: every model field posted beside a proper form or API call changes nothing that the proper call does not.

Each act of the site is done twice in a savepoint that is undone: as its page sends it, and with every field of every model beside it,
each with a value that would do harm. Both must leave the same changes behind. A route with a POST that is not listed here must change
nothing at all, whatever is posted.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import Client
from rest_framework import serializers

from accounts.models import IdentityChange
from api import serializers as api
from courses.actions import lights
from courses.forms.course import CourseForm
from courses.forms.oversight import PolicyForm
from courses.models import Course, TransferRequest, YearlyPolicy
from jobs.models import Job
from kit import clock, rights
from notices.models import Notice
from tests.factories import make_account, make_course, make_enrolment, make_user
from tests.hours.test_pages import course_form
from tests.security import matrix
from tests.security.world import ROLES, World, build

pytestmark = pytest.mark.django_db
OURS = ("audit", "notices", "jobs", "accounts", "courses", "hours")
LIBRARIES = ("account", "mfa", "socialaccount", "usersessions")
# Moves with the clock or is drawn anew each time; tables that a request writes whatever it asks.
VOLATILE = re.compile(
    r"(_at|^at|^proof|digest|request_id|last_seen|password|_key|search_text|_file|_sealed)$"
)
ASIDE = {"accounts_throttle", "accounts_device", "usersessions_usersession"}
# Never a visitor's to write, in whatever form: whose it is, where it stands, what the system counts.
PROTECTED = {
    "id", "pk", "user", "unit", "handler", "account", "code", "year", "state", "seats_taken", "registered_at", "closed_at",
    "created_at", "decided_by", "decided_at", "requested_by", "is_superuser", "is_staff", "is_active", "role", "number",
    "issued_by", "walk_in", "search_text", "ended_at", "suspended_at", "set_by", "password", "id_hash", "id_sealed",
    "passport_hash", "passport_sealed",
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One proper call: `fields` of the world, who does it, and the form's own optional fields, which may count."""

    role: str
    fields: Callable[[World], dict[str, Any]] | None = None
    relation: str = "own"
    optional: frozenset[str] = frozenset()
    json: bool = False


def _optional(*names: str) -> frozenset[str]:
    return frozenset(names)


COURSE_FIELDS = frozenset(CourseForm.base_fields)
REASON: Callable[[World], dict[str, Any]] = lambda _w: {"reason": "理由充分"}  # noqa: E731
APPROVE: Callable[[World], dict[str, Any]] = lambda _w: {"decision": "approve"}  # noqa: E731


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


def _draft(world: World) -> dict[str, Any]:
    return _sheet(world) | {"action": "", "draft_base": "0"}


def _api_sheet(world: World) -> dict[str, Any]:
    row = world.things["course"]["own"].enrolments.get()
    return {"request_key": "k", "marks": [{"enrolment": row.pk, "state": "attended", "hours": "3"}]}


def _correction(world: World) -> dict[str, Any]:
    row = world.things["closed"]["own"].enrolments.first()
    return {"enrolment": row.pk, "state": "attended", "hours": "2", "reason": "簽到表有簽名"}


def _applicant(world: World) -> dict[str, Any]:
    row = make_enrolment(world.things["open"]["own"], state="applied")
    return {"enrolment": row.pk, "action": "admit"}


def _offer(world: World) -> dict[str, Any]:
    held = world.things["account"]["own"]
    return {
        "courses": held.courses.filter(state="registered").first().pk,
        "to_account": make_account(held.unit).pk,
        "reason": "交接",
    }


def _direct(world: World) -> dict[str, Any]:
    held = make_account(world.things["account"]["own"].unit)
    make_course(held)
    to = make_account(held.unit)
    return {
        "from_account": held.number,
        "to_account": to.number,
        "reason": "離職",
        "confirm": "1",
    }


def _paste(world: World) -> dict[str, Any]:
    to, course = make_account(world.things["account"]["own"].unit), world.things["open"]["own"]
    return {
        "table": "\t".join([course.code, course.title, to.user.name, to.number]),
        "reason": "來信",
        "confirm": "1",
    }


def _request(world: World) -> dict[str, Any]:
    return {"course": make_course(world.things["account"]["unit"]).pk, "reason": "接辦"}


def _policy(world: World) -> dict[str, Any]:
    form = PolicyForm()
    numbers = {
        "unit_red_at": 6,
        "unit_yellow_at": 4,
        "closing_days": 20,
        "cancel_days_before": 2,
        "hour_step": "0.5",
    }
    numbers |= {
        "teacher_red_at": 3,
        "teacher_yellow_at": 1,
        "final_deadline": "",
        "version": 0,
        "reason": "試辦",
    }
    facts = {name: numbers.get(name, form.fields[name].initial or "") for name in form.fields}
    shown = PolicyForm(facts, instance=YearlyPolicy(year=clock.this_year()))
    assert shown.is_valid()
    return facts | {"seen": shown.mark()}


def _undelivered(world: World) -> dict[str, Any]:
    row = Notice.objects.create(
        key="undelivered",
        kind="light_green",
        recipient=world.people["teacher"],
        subject="s",
        body="b",
        created_at=clock.now(),
        given_up_at=clock.now(),
    )
    return {"mail": row.pk}


def _chase(world: World) -> dict[str, Any]:
    unit = world.things["unit"]["own"]
    for ago in range(40, 46):
        make_course(world.accounts["handler"], ago=ago)
    return {"unit": unit.pk, "county": unit.county_id}


def _overdue(world: World) -> dict[str, Any]:
    return {"course": make_course(world.accounts["handler"], ago=40).pk}


def _apply(world: World) -> dict[str, Any]:
    unit = world.things["unit"]["county"]
    return {
        "unit": unit.code,
        "role": "handler",
        "reason": "接辦研習業務",
        "starts_on": clock.today().isoformat(),
    }


def _appoint(world: World) -> dict[str, Any]:
    unit = world.things["unit"]["own"]
    return {
        "email": make_user(unit=unit).email,
        "unit": unit.code,
        "role": "handler",
        "valid_from": clock.today().isoformat(),
    }


def _upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode(), "text/csv")


ACTS: dict[str, Act] = {
    "notices:open": Act("teacher"),
    "notices:read": Act("teacher"),
    "notices:read_all": Act("teacher"),
    "jobs:cancel": Act("teacher"),
    "accounts:import_units": Act(
        "operator", lambda _w: {"file": _upload("學校代碼,學校名稱,縣市名稱,學校級別\n")}
    ),
    "accounts:import_people": Act("operator", lambda _w: {"file": _upload("姓名,身分證字號,電子郵件\n")}),
    "accounts:carry_out": Act("operator", optional=_optional("skip_bad_rows")),
    "signin:end_session": Act("teacher"),
    "signin:end_other_sessions": Act("teacher"),
    "signin:forget_device": Act("teacher"),
    "signin:make_key": Act("teacher", lambda _w: {"name": "排課程式"}, optional=_optional("for_business")),
    "signin:end_key": Act("teacher"),
    "accounts:take_back_change": Act("handler"),
    "accounts:change_identity": Act(
        "lead",
        lambda w: {"new_name": "改名後", "new_email": w.people["lead"].email, "reason": "改名"},
        optional=_optional("proof"),
    ),
    "accounts:apply": Act("teacher", _apply, optional=_optional("level", "ends_on", "valid_until", "proof")),
    "set_language": Act("teacher", lambda _w: {"language": "en"}, optional=_optional("next")),
    "notices:settings": Act("teacher", lambda _w: {"mail": ["lights"]}),
    "notices:unsubscribe": Act("visitor", optional=_optional("undo")),
    "accounts:take_back_application": Act("teacher"),
    "accounts:decide_application": Act("lead", APPROVE, optional=_optional("reason")),
    "accounts:decide_change": Act("county", APPROVE, optional=_optional("reason")),
    "accounts:confirm_review": Act("lead"),
    "accounts:suspend": Act("lead", REASON),
    "accounts:resume": Act("lead", REASON, relation="unit"),
    "accounts:reveal": Act("operator", REASON),
    "signin:reset_second_factor": Act("operator", REASON),
    "accounts:correct_numbers": Act(
        "operator",
        lambda _w: {"reason": "理由充分", "passport": "K12345678"},
        optional=_optional("national_id", "remove_national_id", "remove_passport"),
    ),
    "courses:end_account": Act("lead", REASON, optional=_optional("last_day")),
    "courses:offer_courses": Act("handler", _offer),
    "courses:enrol": Act("teacher"),
    "courses:accept": Act("teacher"),
    "courses:cancel": Act("teacher"),
    "courses:keep_search": Act("teacher", lambda _w: {"name": "週末", "query": "time=weekend"}),
    "courses:remove_search": Act("teacher"),
    "courses:notify_handlers": Act("lead", _overdue),
    "courses:register": Act("handler", lambda _w: course_form(register="1"), optional=COURSE_FIELDS),
    "courses:edit": Act("handler", _edit, optional=COURSE_FIELDS),
    "courses:confirm_registration": Act("handler"),
    "courses:copy": Act("handler"),
    "courses:discard": Act("handler"),
    "courses:withdraw": Act("handler", lambda _w: {"reason": "not_held"}, optional=_optional("text")),
    "courses:admit": Act("handler", _applicant, optional=_optional("note")),
    "courses:request_transfer": Act("handler", _request),
    "courses:take_back_transfer": Act("handler"),
    "hours:close": Act("handler", _sheet),
    "hours:draft": Act("handler", _draft),
    "hours:correct": Act("handler", _correction),
    "hours:answer_objection": Act("handler", lambda _w: {"text": "已查簽到表"}),
    "hours:object": Act("teacher", lambda _w: {"text": "我有到"}),
    "courses:chase": Act("county", _chase, optional=_optional("year")),
    "accounts:send_mail_again": Act("operator", _undelivered),
    "courses:operator_appoint": Act("operator", _appoint, optional=_optional("level", "valid_until")),
    "courses:policy": Act("operator", _policy),
    "courses:transfer_decide": Act(
        "operator", lambda w: {"transfer": w.things["transfer"]["own"].pk, "action": "approve"}
    ),
    "courses:transfer_direct": Act("operator", _direct),
    "courses:transfer_paste": Act("operator", _paste),
    "api:enrol": Act("teacher", json=True),
    "api:accept": Act("teacher", json=True),
    "api:cancel": Act("teacher", json=True),
    "api:close": Act("handler", _api_sheet, json=True, optional=_optional("walk_ins")),
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


# Columns that name a row without a foreign key (the audit stands below what it tells of); its object's table stands beside it.
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
    """Added, changed and removed values, told so that two runs of the same act tell the same."""
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
    for file in fields.values():
        if isinstance(file, SimpleUploadedFile):
            file.seek(0)
    with transaction.atomic():
        answer = client.post(path, fields, **({"content_type": "application/json"} if as_json else {}))
        assert answer.status_code < 500, (path, answer.status_code)
        told = changes(before, snapshot())
        transaction.set_rollback(True)
    client.cookies = cookies
    return told


@pytest.fixture
def world() -> World:
    world = build()
    teacher = world.people["teacher"]
    make_enrolment(world.things["closed"]["own"], teacher, state="absent")
    review = world.things["account"]["unit"]
    type(review).objects.filter(pk=review.pk).update(suspended_at=clock.now(), suspended_reason="長期未登入")
    return world


def prepare(route: str, world: World) -> None:
    """What must stand before the act: a place to cancel, a session and a browser to forget."""
    if route == "accounts:carry_out":
        job = world.things["job"]["operator"]
        counts = {"dry_run": True, "refused": 0}
        Job.objects.filter(pk=job.pk).update(
            state="done", finished_at=clock.now(), outcome=counts, input_file="jobs/x"
        )
    if route == "accounts:change_identity":
        IdentityChange.objects.all().delete()
    if route in ("courses:cancel", "api:cancel"):
        make_enrolment(world.things["open"]["own"], world.people["teacher"])
    if route in ("courses:accept", "api:accept"):
        course = world.things["open"]["own"]
        make_enrolment(course, world.people["teacher"], state="waitlisted")
        Course.objects.filter(pk=course.pk).update(offered_at=clock.now())
        YearlyPolicy.objects.create(year=course.year, version=99, cancel_days_before=60)


@pytest.mark.parametrize("route", ACTS)
def test_fields_beside_the_form_change_nothing(route: str, world: World) -> None:
    act = ACTS[route]
    prepare(route, world)
    fields = act.fields(world) if act.fields else {}
    client, parts = world.client(act.role), matrix.routes()[route]
    path = matrix.address(world, route, parts, act.role, act.relation)
    harm = {name: v for name, v in hostile(world).items() if name not in fields and name not in act.optional}
    rows = {
        name: v for name, v in with_rows(fields, harm).items() if name not in fields and not _row_field(name)
    }
    proper = send(client, path, fields, act.json)
    assert proper or route in SESSION_ONLY, (
        "the proper call must do something, or this compares nothing with nothing"
    )
    assert send(client, path, {**harm, **rows, **fields}, act.json) == proper


# What these change stands in tables that every request writes.
SESSION_ONLY = {"signin:end_session", "signin:end_other_sessions", "signin:forget_device"}


def _row_field(name: str) -> bool:
    """Fields that the rows of the registration form themselves have."""
    return name.rsplit("-", 1)[1] in {"place", "name", "organisation", "day", "starts", "ends"}


@pytest.mark.parametrize("role", ROLES)
def test_a_post_that_is_no_act_changes_nothing(role: str, world: World) -> None:
    client, parts = world.client(role), matrix.routes()
    # A list of lights makes the ones that are missing: that is a count of what is there, not an act.
    for year in (clock.this_year(), clock.this_year() - 1):
        lights.complete(year=year)
    harm, found = hostile(world), []
    for route in parts:
        right = rights.right_of(route)
        if route in ACTS or right is None or right.post is None or route == "account_logout":
            continue
        for relation in matrix.relations_of(matrix.kind_of(route, parts[route]))[:1]:
            path = matrix.address(world, route, parts[route], role, relation)
            told = [t for t in send(client, path, harm, False) if not t[1].startswith("audit_")]
            found += [(route, t) for t in told]
    assert not found, found


def test_forms_name_their_fields_and_none_is_the_systems_own() -> None:
    for form in (CourseForm, PolicyForm):
        assert form._meta.fields not in (None, forms.ALL_FIELDS) and not form._meta.exclude
        assert not PROTECTED & set(form.base_fields), form


def test_serializers_name_their_fields_and_write_nothing_of_a_model() -> None:
    for kind in vars(api).values():
        if (
            isinstance(kind, type)
            and issubclass(kind, serializers.ModelSerializer)
            and kind.__module__ == api.__name__
        ):
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
