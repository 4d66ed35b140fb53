"""People of the schools: matched by national ID first, then e-mail, never by name alone."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import identity
from accounts.acting import Actor
from accounts.actions.mass_appointments import Appointment, appoint_all, refuses
from accounts.errors import MayNotAppoint
from accounts.imports.lines import NEEDED, PASSPORT, Person, Seen, Units, mark, parse
from accounts.imports.report import Report, RowRefused
from accounts.imports.turns import wait_for_turn
from accounts.models import Affiliation, BusinessAccount, Unit, User
from inservice.batches import batches
from inservice.tables import Line, open_table
from jobs.work import Progress, Unwatched

CHUNK = 1000


def import_people(
    path: str | Path,
    *,
    skip_bad_rows: bool = False,
    dry_run: bool = False,
    by: Actor | None = None,
    progress: Progress | None = None,
) -> Report:
    """Create and change people with their place of service and, where a role is given, a business account of their own.

    Read and written in chunks within one transaction: a file with a refused line changes nothing unless `skip_bad_rows`, and a crash
    in the middle leaves nothing. A dry run writes nothing at all. Raises UnreadableTable, MissingColumns.
    """
    work = _Import(by, Report(), progress or Unwatched(), dry_run, skip_bad_rows)
    table = open_table(path, NEEDED)
    work.progress.begin(table.most)
    around: AbstractContextManager[Any] = nullcontext() if dry_run else transaction.atomic()
    with around:
        if not dry_run:
            wait_for_turn(work.progress)
        for lines in batches(table.lines, CHUNK):
            before = work.report.refused_total
            work.take(lines)
            work.progress.step(len(lines), work.report.refused_total - before)
        if dry_run:
            return work.report
        if work.spoiled:
            transaction.set_rollback(True)
        else:
            appoint_all(work.appointments, by=by)
            work.progress.commit()
            work.report.saved = True
    return work.report


@dataclass
class Known:
    """What the database holds of the people of a chunk, and what the chunk does to it: fetched and written set-wise."""

    by_hash: dict[str, User]
    by_passport: dict[str, User]
    by_mail: dict[str, User]
    affiliations: dict[tuple[int, int], Affiliation]
    roles: set[tuple[int, int, str]]
    with_account: set[int]
    new: list[User] = field(default_factory=list)
    changed: dict[int, User] = field(default_factory=dict)
    new_places: list[Affiliation] = field(default_factory=list)
    changed_places: list[Affiliation] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)


class _Import:
    def __init__(
        self, by: Actor | None, report: Report, progress: Progress, dry_run: bool, skip_bad_rows: bool
    ) -> None:
        self.by, self.report, self.progress = by, report, progress
        self.dry_run, self.skip_bad_rows = dry_run, skip_bad_rows
        self.seen = Seen()
        self.units: Units = _units()
        # Given last: their locks are those of many units, and an import of a county takes minutes.
        self.appointments: list[Appointment] = []

    @property
    def spoiled(self) -> bool:
        """A line was refused and none may be: what follows is checked, and nothing is kept."""
        return bool(self.report.refused_total) and not self.skip_bad_rows

    def take(self, lines: list[Line]) -> None:
        people = self._parsed(lines)
        known = _known(people)
        for person in people:
            try:
                self.report.count(self._take_one(person, known))
            except RowRefused as error:
                self.report.refuse(person.line, error)
        if not self.dry_run and not self.spoiled:
            _write(known)
            self.appointments += known.appointments

    def _parsed(self, lines: list[Line]) -> list[Person]:
        people = []
        for line in lines:
            try:
                person = parse(line, self.units)
                self.seen.note(person)
                people.append(person)
            except RowRefused as error:
                self.report.refuse(line.number, error)
        return people

    def _take_one(self, person: Person, known: Known) -> str:
        """Answers "created", "changed" or "unchanged". Raises RowRefused, and then has changed nothing."""
        user = _match(person, known)
        if person.role and refuses(self.by, user or User(), person.unit, person.role):
            raise RowRefused("角色", MayNotAppoint().message)
        # A dry run, and what follows a refused line, finds earlier lines of the file not in the database.
        created = user is None and mark(person.key) not in self.seen.fresh
        changed = user is None or _update(user, person, known)
        if user is None:
            user = _create(person, known)
            self.seen.fresh.add(mark(person.key))
        changed |= _serve(user, person, known)
        if person.role and (user.pk, person.unit.pk, person.role.value) not in known.roles:
            known.appointments.append(Appointment(user, person.unit, person.role))
            changed = True
        return "created" if created else "changed" if changed else "unchanged"


def _units() -> dict[str, list[Unit]]:
    units: dict[str, list[Unit]] = {}
    for unit in Unit.objects.all():
        units.setdefault(unit.code, []).append(unit)
    return units


def _known(people: list[Person]) -> Known:
    users: dict[int, User] = {}
    for condition in (
        {"id_hash__in": [p.hash for p in people if p.hash]},
        {"passport_hash__in": [p.passport_hash for p in people if p.passport_hash]},
        {"email__in": [p.email for p in people]},
    ):
        users.update({user.pk: user for user in User.objects.filter(**condition).exclude(pk__in=users)})
    accounts = BusinessAccount.objects.filter(user_id__in=users)
    places = Affiliation.objects.filter(user_id__in=users, until=None)
    return Known(
        by_hash={user.id_hash: user for user in users.values() if user.id_hash},
        by_passport={user.passport_hash: user for user in users.values() if user.passport_hash},
        by_mail={user.email: user for user in users.values()},
        affiliations={(a.user_id, a.unit_id): a for a in places},
        roles=set(accounts.open().values_list("user_id", "unit_id", "role")),
        with_account=set(accounts.values_list("user_id", flat=True)),
    )


def _match(person: Person, known: Known) -> User | None:
    """The person whom the line means, by number first. Raise RowRefused where number and e-mail name two people."""
    by_hash = known.by_hash.get(person.hash or "")
    by_passport = known.by_passport.get(person.passport_hash or "")
    by_mail = known.by_mail.get(person.email)
    if by_hash and by_passport and by_hash is not by_passport:
        sentence = _("this passport belongs to a person with another national ID")
        raise RowRefused(PASSPORT, sentence, identity.masked(person.passport))
    found = by_hash or by_passport
    if by_mail and found and by_mail is not found:
        raise RowRefused("電子郵件", _("this e-mail belongs to another person"), person.email)
    found = found or by_mail
    if found and person.hash and found.id_hash not in (None, person.hash):
        sentence = (
            _("this passport belongs to a person with another national ID")
            if by_passport
            else _("this e-mail belongs to a person with another national ID")
        )
        raise RowRefused("身分證字號", sentence, identity.masked(person.number))
    if (
        found is by_mail
        and not (by_hash or by_passport)
        and found
        and not person.hash
        and found.passport_hash
    ):
        sentence = _("this e-mail belongs to a person with another passport")
        raise RowRefused(PASSPORT, sentence, identity.masked(person.passport))
    return found


def _create(person: Person, known: Known) -> User:
    user = User(email=person.email, name=person.name)
    # As `set_unusable_password`, which draws each of its letters by a call to the kernel: a fifth of a large import.
    user.password = UNUSABLE_PASSWORD_PREFIX + token_urlsafe(30)
    _give_numbers(user, person)
    known.new.append(user)
    _note(user, person, known)
    return user


def _give_numbers(user: User, person: Person) -> bool:
    """Put the numbers of the line on the person; whether that changed anything."""
    changed = False
    if person.hash and user.id_hash != person.hash:
        user.set_national_id(person.number)
        changed = True
    if person.passport_hash and user.passport_hash != person.passport_hash:
        user.set_passport(person.passport)
        changed = True
    return changed


def _note(user: User, person: Person, known: Known) -> None:
    known.by_mail[user.email] = user
    if person.hash:
        known.by_hash[person.hash] = user
    if person.passport_hash:
        known.by_passport[person.passport_hash] = user


def _update(user: User, person: Person, known: Known) -> bool:
    wanted: dict[str, Any] = {}
    if user.name != person.name:
        wanted["name"] = person.name
    if user.email != person.email:
        wanted["email"] = person.email
    if wanted and user.pk in known.with_account:
        # Hand-overs hide behind such changes: the letter's third point.
        raise RowRefused(
            "姓名" if "name" in wanted else "電子郵件",
            _("this person holds a business account; name and e-mail change only by an approved request"),
            str(next(iter(wanted.values()))),
        )
    for name, value in wanted.items():
        setattr(user, name, value)
    sealed = _give_numbers(user, person)
    if wanted or sealed:
        if user.pk:
            known.changed[user.pk] = user
        _note(user, person, known)
    return bool(wanted) or sealed


def _serve(user: User, person: Person, known: Known) -> bool:
    row = known.affiliations.get((user.pk, person.unit.pk)) if user.pk else None
    if row is None:
        known.new_places.append(
            Affiliation(user=user, unit=person.unit, title=person.title, rank=person.rank)
        )
        return True
    if (row.title, row.rank) == (person.title, person.rank):
        return False
    row.title, row.rank = person.title, person.rank
    known.changed_places.append(row)
    return True


def _write(known: Known) -> None:
    """A dozen statements for a thousand people. The changed go first: a new person may take an e-mail that has become free."""
    User.objects.bulk_update(known.changed.values(), ["name", "email", *User.NUMBER_FIELDS], batch_size=200)
    User.objects.bulk_create(known.new, batch_size=CHUNK)
    Affiliation.objects.bulk_create(known.new_places, batch_size=CHUNK)
    Affiliation.objects.bulk_update(known.changed_places, ["title", "rank"], batch_size=200)
