"""Keep the lists that people choose from: the operator adds, changes and ends entries, alone or by a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.acting import Actor
from accounts.code_lists import CODE_LISTS, CodeList
from accounts.errors import ChangedMeanwhile
from accounts.errors.code_lists import CodeTaken, EntriesFixed, EntryInUse, EntryNameTaken, ValidityBackwards
from accounts.locks import lock_actor, lock_entry
from accounts.models import Listed
from accounts.rules import require_operator
from audit import log
from kit.previews import mark_of
from kit.typed_texts import require_no_number


@dataclass(frozen=True)
class Entry:
    """What is written of an entry. The code and the place in a tree stay as they were when it was added."""

    name: str
    order: int = 100
    valid_from: date | None = None
    valid_until: date | None = None

    @classmethod
    def of(cls, row: Listed) -> "Entry":
        return cls(row.name, row.order, row.valid_from, row.valid_until)


@transaction.atomic
def add(*, by: Actor, to: str, code: str, entry: Entry, parent: Listed | None = None) -> Any:
    """Add an entry to the list `to`.

    Raise OnlyOperatorMay, EntriesFixed, CodeTaken, EntryNameTaken, ValidityBackwards, and what the list refuses.
    """
    by = lock_actor(by)
    require_operator(by)
    kept = CODE_LISTS[to]
    if kept.is_fixed:
        raise EntriesFixed
    _require_sense(entry)
    _refuse_taken_name(kept, code, entry.name)
    more = {"parent": parent} if kept.is_tree else {}
    row = kept.model(code=code, **vars(entry), **more)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise CodeTaken(code=code) from None
    kept.changed(row)
    log.record("code.add", row, by=by, unit_id=by.unit_id, after={"code": code, **_facts(entry)})
    return row


@transaction.atomic
def change(*, by: Actor, of: str, row: Listed, entry: Entry, seen: str | None = None) -> Any:
    """Change an entry; what was chosen before keeps it. Nothing changed is no act. `seen`: the mark of what a page showed.

    Raise OnlyOperatorMay, EntryGone, ChangedMeanwhile, EntriesFixed, EntryNameTaken, ValidityBackwards, and what the list refuses.
    """
    by = lock_actor(by)
    row = lock_entry(row)
    require_operator(by)
    if seen is not None and seen != mark(row):
        raise ChangedMeanwhile(name=row.name)
    if CODE_LISTS[of].is_fixed and entry.name != row.name:
        raise EntriesFixed
    _require_sense(entry)
    before = Entry.of(row)
    if before == entry:
        return row
    _refuse_taken_name(CODE_LISTS[of], row.code, entry.name)
    for name, value in vars(entry).items():
        setattr(row, name, value)
    row.save(update_fields=list(vars(entry)))
    CODE_LISTS[of].changed(row)
    log.record("code.change", row, by=by, unit_id=by.unit_id, before=_facts(before), after=_facts(entry))
    return row


@transaction.atomic
def delete(*, by: Actor, of: str, row: Listed) -> None:
    """Delete an entry that was never used, a slip. Raise OnlyOperatorMay, EntryGone, EntriesFixed, EntryInUse."""
    by = lock_actor(by)
    row = lock_entry(row)
    require_operator(by)
    kept = CODE_LISTS[of]
    if kept.is_fixed:
        raise EntriesFixed
    if number := kept.uses(row):
        raise EntryInUse(number=number)
    log.record(
        "code.delete", row, by=by, unit_id=by.unit_id, before={"code": row.code, **_facts(Entry.of(row))}
    )
    row.delete()
    kept.changed(row)


def mark(row: Listed) -> str:
    """Return a mark of what is written of an entry: the same as long as nobody changes it."""
    return mark_of("entry", [row._meta.label_lower, row.pk, *vars(Entry.of(row)).values()])


@dataclass(frozen=True)
class Written:
    """A row of a file: the line, its entry, and the code of the entry above."""

    line: int
    code: str
    entry: Entry
    parent: str = ""


@transaction.atomic
def import_entries(*, by: Actor, to: str, rows: Iterable[Written]) -> Mapping[str, int]:
    """Add and change entries as a file says, all or none; none is ended by being left out. Return counts by what was done.

    Raise OnlyOperatorMay, EntriesFixed, EntryNameTaken, ValidityBackwards, and what the list refuses.
    """
    by = lock_actor(by)
    require_operator(by)
    kept = CODE_LISTS[to]
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for written in rows:
        counts[_add_or_change(by, to, kept, written)] += 1
    return counts


def _add_or_change(by: Actor, to: str, kept: CodeList, written: Written) -> str:
    manager = kept.model._default_manager
    row = manager.filter(code=written.code).first()
    if row is None:
        parent = manager.filter(code=written.parent).first() if kept.is_tree and written.parent else None
        add(by=by, to=to, code=written.code, entry=written.entry, parent=parent)
        return "added"
    if Entry.of(row) == written.entry:
        return "unchanged"
    change(by=by, of=to, row=row, entry=written.entry)
    return "changed"


def _refuse_taken_name(kept: CodeList, code: str, name: str) -> None:
    """Raise EntryNameTaken where entries are known by their names and another one has this name."""
    if not kept.is_known_by_name:
        return
    if other := kept.model._default_manager.filter(name=name).exclude(code=code).first():
        raise EntryNameTaken(code=other.code)


def _require_sense(entry: Entry) -> None:
    require_no_number(entry.name, field="name")
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        raise ValidityBackwards


def _facts(entry: Entry) -> Mapping[str, Any]:
    return {name: "" if value is None else value for name, value in vars(entry).items()}
