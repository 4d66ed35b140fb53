"""Who was in it: the people whom a leak concerns, with what is needed to notify them (個資法 §12).

Either every person that the rows of a table name, or every person in the record's events of some time: those concerned by the
acts of an account, from an address, or of a kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from accounts.models import Affiliation, JoinRequest, User
from accounts.queries.guests import mailbox_of
from accounts.queries.persons import persons_of
from audit.models import AuditEvent, AuditSubject
from kit import clock
from kit.batches import batches

AT_ONCE = 2000
# The tables that keep the numbers of people without foreign keys: the record, where these would be written at each act, and the
# responses of the API.
NUMBERS: dict[str, list[str]] = {
    AuditEvent._meta.db_table: ["actor_id", "subjects__person_id"],
    AuditSubject._meta.db_table: ["person_id"],
    "api_idempotencykey": ["caller"],
}
# How the foreign key of a row to the person whose it is is called.
OWNERS = ("user", "person")
HEADINGS = ["number", "name", "e-mail", "telephone", "units", "may log in"]


@dataclass(frozen=True)
class Acts:
    """Events of the record: in a span, and of one person, address or kind where given."""

    since: datetime
    until: datetime
    actor: int | None = None
    address: str = ""
    action: str = ""


def people_of_table(table: str) -> set[int]:
    """Return everybody whom rows of a table name. Raise LookupError for a table without people."""
    model = next((model for model in apps.get_models() if model._meta.db_table == table), None)
    if model is None:
        raise LookupError(f"There is no table {table}.")
    if model is User:
        return set(User.objects.values_list("pk", flat=True))
    names = NUMBERS.get(table) or [*_paths(model)]
    if not names:
        raise LookupError(f"The rows of {table} name nobody.")
    return {pk for name in names for pk in _values(model, name)}


def _paths(model: type[models.Model]) -> Iterator[str]:
    """Yield the paths from a row to the people whom it names: a person, or a row that is one person's (an enrolment, an account)."""
    for field in _foreign_keys(model):
        if field.related_model is User:
            yield field.name
            continue
        for further in _foreign_keys(field.related_model):
            if further.related_model is User and further.name in OWNERS:
                yield f"{field.name}__{further.name}"


def _foreign_keys(model: Any) -> "list[models.ForeignKey[Any, Any]]":
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _values(model: type[models.Model], name: str) -> Iterator[int]:
    rows = model._default_manager.exclude(**{name: None}).order_by().values_list(name, flat=True).distinct()
    yield from rows.iterator(chunk_size=AT_ONCE)


def people_of_acts(acts: Acts) -> set[int]:
    """Return everybody whom these events concern."""
    events = AuditEvent.objects.filter(at__gte=acts.since, at__lt=acts.until)
    if acts.actor is not None:
        # Who held the log-in of a record before it was merged acted under its number.
        events = events.filter(actor_id__in=persons_of(acts.actor))
    if acts.address:
        events = events.filter(address=acts.address)
    if acts.action:
        events = events.filter(action__startswith=acts.action)
    rows = AuditSubject.objects.filter(event__in=events).order_by()
    return set(rows.values_list("person_id", flat=True).distinct())


def lines(people: set[int]) -> Iterator[list[str]]:
    """Yield a line a person: number, name, e-mail, telephone, units today, whether the person may log in."""
    for piece in batches(sorted(survivors(people)), AT_ONCE):
        units = _units(piece)
        for row in User.objects.filter(pk__in=piece).select_related("guest").order_by("pk"):
            may = "1" if row.is_active else "0"
            yield [str(row.pk), row.name, mailbox_of(row), row.phone, "；".join(units.get(row.pk, [])), may]


def strangers(table: str) -> Iterator[list[str]]:
    """Yield the same line for everybody in a table who has no record: who requests to be entered, once a mailbox."""
    if table == JoinRequest._meta.db_table:
        rows = JoinRequest.objects.filter(person=None).order_by("email", "-pk")
        seen = set()
        for name, email, unit in rows.values_list("name", "email", "unit__name").iterator(chunk_size=AT_ONCE):
            if email.lower() not in seen:
                seen.add(email.lower())
                yield ["", name, email, "", unit, "0"]


def survivors(people: set[int]) -> set[int]:
    """Return the people with the person's own record in place of each that was merged into it, whose mailbox nobody reads."""
    rows = User.objects.exclude(merged_into=None).values_list("pk", "merged_into")
    merged = {pk: into for pk, into in rows.iterator(chunk_size=AT_ONCE) if into}
    return {merged.get(pk, pk) for pk in people}


def _units(piece: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    places = Affiliation.objects.serving(on=clock.today()).filter(user__in=piece).order_by("pk")
    for person, name in places.values_list("user_id", "unit__name"):
        found.setdefault(person, []).append(name)
    return found
