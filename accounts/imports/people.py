"""People of the schools: matched by national ID first, then e-mail, never by name alone."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions import identities, mass_places
from accounts.actions.identities import Was
from accounts.actions.mass_appointments import Appointment, appoint_all, refuses
from accounts.errors import MayNotAppoint
from accounts.imports.file_turns import wait_for_turn
from accounts.imports.known_people import Known, MailboxHeld, SamePerson, fetch, match, record_questions
from accounts.imports.people_lines import NEEDED, PASSPORT, Person, Seen, Units, mark, parse
from accounts.imports.report import Report, RowRefused
from accounts.models import Affiliation, Unit, User
from jobs.progress import Progress, Unwatched
from kit import clock
from kit.batches import batches
from kit.tables import Line, open_table

CHUNK = 1000
COLUMNS = {"name": "姓名", "email": "電子郵件", "national_id": "身分證字號", "passport": PASSPORT}


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
    in the middle leaves nothing. A dry run writes nothing at all. Raise UnreadableTable, MissingColumns.
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
            work.import_lines(lines)
            work.progress.step(len(lines), work.report.refused_total - before)
        work.finish()
        if dry_run:
            return work.report
        if work.spoiled:
            transaction.set_rollback(True)
        else:
            appoint_all(work.appointments, by=by)
            work.progress.commit()
            work.report.saved = True
    record_questions(work.questions, by)
    return work.report


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
        # Mailboxes given up so far, and the lines that wait for one: B may get A's address within one file.
        self.freed: set[int] = set()
        self.waiting: list[Person] = []
        self.questions: list[SamePerson] = []

    @property
    def spoiled(self) -> bool:
        """A line was refused and none may be: the rest is checked only, and nothing is saved."""
        return bool(self.report.refused_total) and not self.skip_bad_rows

    def import_lines(self, lines: list[Line]) -> None:
        people = self._parsed(lines)
        known = fetch(people)
        for person in people:
            self._try(person, known, self.waiting)
        self._write(known)

    def finish(self) -> None:
        """Take the lines that waited for a mailbox which is free by now, or which they exchange among themselves."""
        known, left = fetch(self.waiting), self.waiting
        while left:
            still: list[Person] = []
            for person in left:
                self._try(person, known, still)
            if len(still) < len(left):
                left = still
                continue
            ring = _rings(left, known)
            if not ring:
                break
            self.freed |= {mark(person.email) for person in ring}
            left = ring + [person for person in left if person not in ring]
        for person in left:
            self._refuse_held(person, known)
        self._write(known)

    def _try(self, person: Person, known: Known, waiting: list[Person]) -> None:
        try:
            self.report.count(self._take_one(person, known))
        except MailboxHeld:
            waiting.append(person)
        except RowRefused as error:
            self._refuse(person, error)

    def _refuse_held(self, person: Person, known: Known) -> None:
        try:
            match(person, known, freed=False)
        except RowRefused as error:
            self._refuse(person, error)

    def _refuse(self, person: Person, error: RowRefused) -> None:
        self.report.refuse(person.line, error)
        if isinstance(error, SamePerson):
            self.questions.append(error)

    def _write(self, known: Known) -> None:
        if not self.dry_run and not self.spoiled:
            _write(known, self.by)
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
        """Return "created", "changed" or "unchanged". Raise RowRefused, and then nothing has changed."""
        user = match(person, known, freed=mark(person.email) in self.freed)
        if person.role and refuses(self.by, user or User(), person.unit, person.role):
            raise RowRefused("角色", MayNotAppoint().message)
        # A dry run, and what follows a refused line, finds earlier lines of the file not in the database.
        created = user is None and mark(person.key) not in self.seen.fresh
        changed = user is None or self._update(user, person, known)
        if user is None:
            user = _create(person, known)
            self.seen.fresh.add(mark(person.key))
        self.freed.discard(mark(person.email))
        changed |= self._serve(user, person, known)
        if person.role and (user.pk, person.unit.pk, person.role.value) not in known.roles:
            known.appointments.append(Appointment(user, person.unit, person.role))
            changed = True
        return "created" if created else "changed" if changed else "unchanged"

    def _update(self, user: User, person: Person, known: Known) -> bool:
        if user.pk in known.in_office:
            _refuse_in_office(user, person)
        was = known.was.get(user.pk) or Was.of(user)
        before = dict(was.changes)
        if user.email.lower() != person.email:
            self.freed.add(mark(user.email.lower()))
            known.by_mail.pop(user.email.lower(), None)
            user.email = person.email
        user.name = person.name
        _give_numbers(user, person)
        changes = {name: change for name, change in was.changes.items() if name not in before}
        known.note(user, person)
        if changes and user.pk:
            known.was[user.pk] = was
            for name, (old, new) in changes.items():
                self.report.overwrite(person.line, was.fields["name"], COLUMNS[name], old, new)
        return bool(changes)

    def _serve(self, user: User, person: Person, known: Known) -> bool:
        row = known.affiliations.get((user.pk, person.unit.pk)) if user.pk else None
        if row is None:
            place = Affiliation(user=user, unit=person.unit, title=person.title, rank=person.rank)
            # What was earned before at another unit is not shown to this one.
            place.since = clock.today() if user.pk in known.served else None
            known.new_places.append(place)
            return True
        if (row.title, row.rank) == (person.title, person.rank):
            return False
        if row.title != person.title:
            self.report.overwrite(person.line, user.name, "職稱", row.title, person.title)
        known.changed_places.append((row, row.title))
        row.title, row.rank = person.title, person.rank
        return True


def _rings(left: list[Person], known: Known) -> list[Person]:
    """The lines whose mailboxes are held by people of other such lines only: they exchange them."""
    holders: dict[int, User] = {}
    movers: dict[int, User | None] = {}
    for person in left:
        try:
            match(person, known, freed=False)
        except MailboxHeld as held:
            holders[person.line] = held.owner
            movers[person.line] = known.by_hash.get(person.hash or "") or known.by_passport.get(
                person.passport_hash or ""
            )
    ring = [person for person in left if person.line in holders and movers[person.line]]
    while True:
        moving = {id(movers[person.line]) for person in ring}
        inside = [person for person in ring if id(holders[person.line]) in moving]
        if len(inside) == len(ring):
            return ring
        ring = inside


def _units() -> dict[str, list[Unit]]:
    units: dict[str, list[Unit]] = {}
    for unit in Unit.objects.all():
        units.setdefault(unit.code, []).append(unit)
    return units


def _create(person: Person, known: Known) -> User:
    user = User(email=person.email, name=person.name)
    # As `set_unusable_password`, which draws each of its letters by a call to the kernel: a fifth of a large import.
    user.password = UNUSABLE_PASSWORD_PREFIX + token_urlsafe(30)
    _give_numbers(user, person)
    known.new.append(user)
    known.note(user, person)
    return user


def _give_numbers(user: User, person: Person) -> None:
    if person.hash and user.id_hash != person.hash:
        user.set_national_id(person.number)
    if person.passport_hash and user.passport_hash != person.passport_hash:
        user.set_passport(person.passport)


def _refuse_in_office(user: User, person: Person) -> None:
    """Refuse the change for people in office: such changes can hide a hand-over (letter, point 3)."""
    sentence = _("this person holds a business account; name and e-mail change only by an approved request")
    if user.name != person.name:
        raise RowRefused("姓名", sentence, person.name)
    if user.email.lower() != person.email:
        raise RowRefused("電子郵件", sentence, person.email)


def _write(known: Known, by: Actor | None) -> None:
    """Some statements for a thousand people. The changed go first: a new person may take an e-mail that has become free."""
    identities.save(list(known.was.values()), by=by)
    identities.create(known.new, by=by, unit_of={id(p.user): p.unit_id for p in known.new_places})
    mass_places.add(known.new_places, new_people={user.pk for user in known.new}, by=by)
    mass_places.retitle(known.changed_places, by=by)
