"""People of the schools from a file: matched by national ID first, then e-mail, never by name alone.

Each row is read once (`people_lines.read_row`), compared with what is stored (`known_people`) and turned into
changes (`person_changes`), which are written a thousand rows at a time.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.actions import invited
from accounts.actions.mass_appointments import Appointment, appoint_all
from accounts.imports.earlier_lines import EarlierLines
from accounts.imports.file_turns import require_sender, share_units_of, wait_for_turn
from accounts.imports.known_people import Known, fetch, record_questions
from accounts.imports.leads import Leads
from accounts.imports.mailbox_exchange import Mailboxes, MailboxHeld
from accounts.imports.people_lines import NEEDED, Person, Units, read_row
from accounts.imports.person_changes import Changes
from accounts.imports.report import Checked, Refused, Report, RowRefused
from accounts.imports.unit_index import units_by_code
from accounts.queries.titles import title_order
from jobs.progress import Progress, Unwatched
from kit.batches import batches
from kit.tables import Line, open_table

CHUNK = 1000


def import_people(
    path: str | Path,
    *,
    skip_bad_rows: bool = False,
    dry_run: bool = False,
    invite: bool = False,
    by: Actor | None = None,
    progress: Progress | None = None,
    checked: Checked | None = None,
) -> Report:
    """Create and change people with their place of service and, where a role is given, a business account of their own.

    Read and written in chunks within one transaction: a file with a refused row changes nothing unless `skip_bad_rows`, and a crash
    in the middle leaves nothing. A dry run writes nothing at all. `invite`: invite the new people to log in. `checked` is what the check showed.
    Raise UnreadableTable, MissingColumns, HatGone, RegisterChanged.
    """
    table = open_table(path, NEEDED)
    work = _Import(
        by,
        Report(),
        progress or Unwatched(),
        columns=table.columns,
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        invites=invite,
    )
    work.progress.begin(table.most)
    around: AbstractContextManager[Any] = nullcontext() if dry_run else transaction.atomic()
    with around:
        if not dry_run:
            wait_for_turn(work.progress)
            share_units_of(path, work.units)
            if checked and checked.mark:
                # The file is written in pieces, so what it would do is read as a whole before, as the check did.
                again = import_people(path, dry_run=True, by=by)
                again.require(checked)
        for lines in batches(table.lines, CHUNK):
            before = work.report.refused_total
            work.import_lines(lines)
            work.progress.step(len(lines), work.report.refused_total - before)
        work.finish()
        if dry_run:
            return work.report
        if work.spoiled:
            transaction.set_rollback(True)
            work.report.invited = None
        else:
            appoint_all(work.appointments, by=by)
            require_sender(by)
            work.progress.commit()
            work.report.saved = True
    record_questions(work.questions, by)
    return work.report


class _Import:
    def __init__(
        self,
        by: Actor | None,
        report: Report,
        progress: Progress,
        *,
        columns: Sequence[str],
        dry_run: bool,
        skip_bad_rows: bool,
        invites: bool,
    ) -> None:
        self.by, self.report, self.progress = by, report, progress
        self.columns = columns
        self.dry_run, self.skip_bad_rows, self.invites = dry_run, skip_bad_rows, invites
        self.earlier = EarlierLines()
        self.units: Units = units_by_code()
        self.leads, self.titles = Leads(), title_order()
        self.mailboxes = Mailboxes()
        # Rows that wait for a mailbox: B may get A's address within one file.
        self.waiting: list[Person] = []
        # Given last: their locks are those of many units, and an import of a county takes minutes.
        self.appointments: list[Appointment] = []
        # Rows that would have made a stored person another one.
        self.questions: list[Refused] = []

    @property
    def spoiled(self) -> bool:
        """A row was refused and none may be: the rest is checked only, and nothing is saved."""
        return bool(self.report.refused_total) and not self.skip_bad_rows

    def import_lines(self, lines: list[Line]) -> None:
        people = []
        for line in lines:
            try:
                people.append(read_row(line, self.units, self.earlier))
            except RowRefused as error:
                self._refuse(line.number, error)
        known = fetch(people)
        self.leads.note(people)
        self.waiting += self._apply(people, known)
        self._write(known)

    def finish(self) -> None:
        """Take the rows that waited for a mailbox which is free by now, or which they exchange among themselves."""
        known, left = fetch(self.waiting), self.waiting
        while left:
            still = self._apply(left, known)
            if len(still) == len(left):
                ring = self.mailboxes.exchanged(left, known)
                if not ring:
                    break
                still = ring + [person for person in left if person not in ring]
            left = still
        for person in left:
            self._apply_one(person, known, final=True)
        self._write(known)

    def _apply(self, people: list[Person], known: Known) -> list[Person]:
        """Turn rows into changes; return those that wait for a mailbox."""
        return [person for person in people if not self._apply_one(person, known)]

    def _apply_one(self, person: Person, known: Known, *, final: bool = False) -> bool:
        """Turn a row into changes or refuse it. Return false when it waits for a mailbox, which it does not when it is `final`."""
        changes = Changes(
            known, self.report, self.columns, self.mailboxes, self.earlier, self.leads, self.titles, self.by
        )
        try:
            self.report.count(changes.apply(person))
        except MailboxHeld as held:
            if not final:
                return False
            self._refuse(person.line, held)
        except RowRefused as error:
            self._refuse(person.line, error)
        return True

    def _refuse(self, line: int, error: RowRefused) -> None:
        self.questions += [cell for cell in self.report.refuse(line, error) if cell.mistaken_for]

    def _write(self, known: Known) -> None:
        if not self.dry_run and not self.spoiled:
            known.write(self.by)
            self.appointments += known.appointments
            if self.invites:
                pairs = invited.with_first_unit(known.new, known.new_places)
                self.report.invited = (self.report.invited or 0) + invited.invite(pairs, by=self.by)
