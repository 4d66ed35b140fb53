"""The roster (現職人員名冊) of one unit or many from a file: what it would change, and then exactly that.

People are matched as in the import of people, but their names, e-mails and numbers are never changed: the name must fit. People of the
units who are missing from the file go on serving there unless they are chosen.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions import identities, invited, mass_places, proposals
from accounts.actions.mass_appointments import Appointment, appoint_all, refuses
from accounts.actions.places import FIELDS, PlaceFacts, is_beside_others, lasts_longer
from accounts.enums import ProposalSource
from accounts.errors import LastDayNeeded, MayNotAppoint
from accounts.imports.earlier_lines import EarlierLines
from accounts.imports.file_turns import share_units_of, wait_for_turn
from accounts.imports.known_people import Known, fetch, match, new_person, refuse_closed_person
from accounts.imports.leads import Leads
from accounts.imports.people_lines import NEEDED, Person, Units, read_row
from accounts.imports.report import Checked, Report, RowRefused
from accounts.imports.roster_rows import HEADINGS, facts_of, refuse_gone, refuse_overlap, written_of
from accounts.imports.unit_index import refuse_closed, units_by_code
from accounts.imports.wrong_cells import WrongCells
from accounts.locks import lock_people
from accounts.models import Affiliation, User
from accounts.queries.titles import title_order
from accounts.rules import may_send_roster_of
from jobs.progress import Progress, Unwatched
from kit import clock
from kit.batches import batches
from kit.tables import Line, open_table
from kit.texts import squeezed

CHUNK = 1000


@dataclass(frozen=True)
class Choices:
    """What the person who sends a roster has decided after the check."""

    skip_bad_rows: bool = False
    # Places of people who are missing from the file, and their last day.
    ends: Collection[int] = ()
    last_day: date | None = None
    # Let places at other units end on the day before the new one begins; to units out of reach it is proposed.
    end_elsewhere: bool = False
    # The last lead or handler of a unit may go.
    confirmed: bool = False
    # Invite the new people to log in for the first time.
    invite: bool = False


@dataclass
class Plan:
    """What a roster changes. `former` is what was written of a place so far."""

    report: Report = field(default_factory=Report)
    new_people: list[User] = field(default_factory=list)
    added: list[Affiliation] = field(default_factory=list)
    changed: list[tuple[Affiliation, PlaceFacts]] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    # Who serves at a unit of the file and is not in it.
    missing: list[Affiliation] = field(default_factory=list)
    # Places at other units of people who come, with the last day before the new place begins.
    elsewhere: list[tuple[Affiliation, date]] = field(default_factory=list)
    # The units of the file, by primary keys.
    units: set[int] = field(default_factory=set)


def import_roster(
    path: str | Path,
    *,
    by: Actor,
    dry_run: bool,
    choices: Choices | None = None,
    progress: Progress | None = None,
    checked: Checked | None = None,
) -> Plan:
    """Read a roster and save it, all or nothing; return what was, or would be, changed.

    `checked` is what the check showed. Raise UnreadableTable, MissingColumns, MayNotKeepPlaces, LastDayNeeded, LeavesUnitWithout, LastOperator,
    RegisterChanged.
    """
    choices, progress = choices or Choices(), progress or Unwatched()
    if choices.ends and choices.last_day is None:
        raise LastDayNeeded
    with transaction.atomic():
        if not dry_run:
            wait_for_turn(progress)
        plan = _Reading(by, progress, locking=not dry_run).read(path)
        if not dry_run:
            plan.report.require(checked)
        if dry_run or (plan.report.refused_total and not choices.skip_bad_rows):
            return plan
        _save(plan, choices, by)
        progress.commit()
    plan.report.saved = True
    return plan


@dataclass(frozen=True)
class _Row:
    """A row as it was read. `person` and `written`, what it gives of the place, are None where a cell of theirs is wrong."""

    line: Line
    person: Person | None
    written: Mapping[str, Any] | None
    wrong: WrongCells


class _Reading:
    def __init__(self, by: Actor, progress: Progress, *, locking: bool) -> None:
        self.by, self.progress, self.locking = by, progress, locking
        self.plan, self.earlier = Plan(), EarlierLines()
        self.units: Units = units_by_code()
        self.kept: set[int] = set()
        self.leads, self.titles = Leads(), title_order()

    def read(self, path: str | Path) -> Plan:
        table = open_table(path, NEEDED)
        if self.locking:
            share_units_of(path, self.units)
        self.progress.begin(table.most)
        for lines in batches(table.lines, CHUNK):
            before = self.plan.report.refused_total
            self._read(lines)
            self.progress.step(len(lines), self.plan.report.refused_total - before)
        here = (
            Affiliation.objects.serving().filter(unit_id__in=self.plan.units).select_related("user", "unit")
        )
        ordered = here.order_by("unit__code", "rank", "user__name_key", "pk")
        self.plan.missing = [place for place in ordered if place.pk not in self.kept]
        self.plan.elsewhere = self._elsewhere()
        return self.plan

    def _elsewhere(self) -> list[tuple[Affiliation, date]]:
        """Return each place that would end because its person comes to a unit, once; what the file itself names does not end."""
        found: dict[int, tuple[Affiliation, date]] = {}
        for place, last in self.plan.elsewhere:
            if place.pk not in self.kept and (place.pk not in found or last < found[place.pk][1]):
                found[place.pk] = (place, last)
        return list(found.values())

    def _read(self, lines: list[Line]) -> None:
        rows = [self._row(line) for line in lines]
        people = [row.person for row in rows if row.person]
        known = fetch(people)
        if self.locking:
            lock_people(known.ids)
            known = fetch(people)
        places = _places_of(known)
        self.leads.note(people)
        for row in rows:
            try:
                self.plan.report.count(self._apply(row, known, places))
            except RowRefused as error:
                self.plan.report.refuse(row.line.number, error)

    def _row(self, line: Line) -> _Row:
        """Read the cells of a row, without the stored people and places."""
        wrong = WrongCells(line.cells)
        person = wrong.take(read_row, line, self.units, self.earlier)
        # The cells of a row of another length are in the wrong columns.
        written = None if line.problem else wrong.take(written_of, line)
        return _Row(line, person, written, wrong)

    def _apply(self, row: _Row, known: Known, places: dict[int, list[Affiliation]]) -> str:
        """Return "created", "changed" or "unchanged". Raise RowRefused, and then nothing has changed."""
        if row.person is None:
            raise row.wrong.refusal()
        person, user = row.person, self._matched(row, row.person, known)
        own = places.get(user.pk, []) if user else []
        place = known.affiliations.get((user.pk, person.unit.pk)) if user and user.pk else None
        if place:
            # Also of a refused row: the person is in the file.
            self.kept.add(place.pk)
        appoints = known.appoints(person, user)
        row.wrong.take(self._refuse_role, person, user)
        facts = self._facts(row, person, place, own, appoints=appoints)
        is_new = user is None
        if user is None:
            user = new_person(person, known)
            self.plan.new_people.append(user)
        changed = self._correct(person, place, facts) if place else self._add(person, user, facts, own)
        if person.role and appoints:
            self.leads.name(person)
            self.plan.appointments.append(Appointment(user, person.unit, person.role, facts.since))
            changed = True
        return "created" if is_new else "changed" if changed else "unchanged"

    def _matched(self, row: _Row, person: Person, known: Known) -> User | None:
        """Return the stored person of a row, at a unit of the sender. Raise RowRefused."""
        try:
            if not may_send_roster_of(self.by, person.unit):
                sentence = _("%s is not one of your units") % person.unit.name
                raise RowRefused("學校代碼", sentence, person.unit.code)
            self.plan.units.add(person.unit.pk)
            return _matched(person, known)
        except RowRefused as error:
            row.wrong.add(error)
            raise row.wrong.refusal() from None

    def _facts(
        self,
        row: _Row,
        person: Person,
        place: Affiliation | None,
        own: list[Affiliation],
        *,
        appoints: bool,
    ) -> PlaceFacts:
        """Return the facts of a place, if nothing of the row is wrong. Raise RowRefused with every wrong cell."""
        wrong, known = row.wrong, PlaceFacts.of(place) if place else _beginning(own)
        if row.written is None:
            raise wrong.refusal()
        facts = wrong.take(facts_of, row.line, person, row.written, known)
        if facts is None:
            raise wrong.refusal()
        others = [other for other in own if other.unit_id == person.unit.pk and other != place]
        wrong.take(refuse_overlap, facts, person, others)
        if place is None or appoints or lasts_longer(facts.until, place.until):
            wrong.take(refuse_closed, person.unit, facts.since, facts.until)
        if appoints:
            wrong.take(refuse_gone, facts, person)
        wrong.refuse()
        return facts

    def _correct(self, row: Person, place: Affiliation, facts: PlaceFacts) -> bool:
        former = PlaceFacts.of(place)
        if facts == former:
            return False
        for name in FIELDS:
            old, new = getattr(former, name), getattr(facts, name)
            if old != new:
                self.plan.report.overwrite(row.line, row.name, HEADINGS[name], old, new)
                setattr(place, name, new)
        place.rank = self.titles.rank_of(place.title)
        self.plan.changed.append((place, former))
        return True

    def _add(self, row: Person, user: User, facts: PlaceFacts, own: list[Affiliation]) -> bool:
        self.plan.added.append(
            Affiliation(user=user, unit=row.unit, rank=self.titles.rank_of(facts.title), **asdict(facts))
        )
        self.plan.report.overwrite(
            row.line, row.name, "服務單位", None, (row.unit.name, facts.title, facts.since)
        )
        first = facts.since or clock.today()
        if not is_beside_others(facts):
            self.plan.elsewhere += [
                (other, max(first - timedelta(days=1), other.since or date.min))
                for other in own
                if other.unit_id != row.unit.pk and other.is_serving(first)
            ]
        return True

    def _refuse_role(self, row: Person, user: User | None) -> None:
        if not row.role:
            return
        if refuses(self.by, user or User(), row.unit, row.role):
            raise RowRefused("角色", MayNotAppoint().message)
        self.leads.refuse_second(row, user)


def _places_of(known: Known) -> dict[int, list[Affiliation]]:
    """Return every place of the people of a chunk, the very rows of `known` where it has them."""
    live = {place.pk: place for place in known.affiliations.values()}
    places: dict[int, list[Affiliation]] = {}
    for place in Affiliation.objects.filter(user_id__in=known.ids).select_related("user", "unit__county"):
        places.setdefault(place.user_id, []).append(live.get(place.pk, place))
    return places


def _matched(row: Person, known: Known) -> User | None:
    """Return the stored person of a row. Raise RowRefused, without a stored name or e-mail in it."""
    sentence = _("the name does not fit the person of this number or e-mail")
    try:
        user = match(row, known, freed=False)
    except RowRefused as error:
        raise RowRefused("姓名", sentence, row.name) from None if error.mistaken_for else error
    if user and squeezed(user.name) != squeezed(row.name):
        raise RowRefused("姓名", sentence, row.name)
    refuse_closed_person(user, row)
    return user


def _beginning(own: list[Affiliation]) -> PlaceFacts:
    """Return the days of a new place: what was earned before at another unit is not shown to this one."""
    return PlaceFacts(since=clock.today() if own else None)


def _save(plan: Plan, choices: Choices, by: Actor) -> None:
    """Save a plan whose known people are locked."""
    identities.create(plan.new_people, by=by, unit_of={id(row.user): row.unit_id for row in plan.added})
    new = {user.pk for user in plan.new_people}
    mass_places.add(plan.added, new_people=new, by=by, notify=True)
    if choices.invite:
        plan.report.invited = invited.invite(invited.with_first_unit(plan.new_people, plan.added), by=by)
    mass_places.correct(plan.changed, by=by)
    ending = _endings(plan, choices, by)
    mass_places.end(ending, by=by)
    touched = [row for row, _former in [*plan.changed, *ending] if row.until]
    if choices.end_elsewhere:
        foreign = [(row, last) for row, last in plan.elsewhere if not may_send_roster_of(by, row.unit)]
        proposals.propose_ends(foreign, source=ProposalSource.MOVE, by=by)
    mass_places.end_accounts(touched, by=by, confirmed=choices.confirmed)
    appoint_all(plan.appointments, by=by)


def _endings(plan: Plan, choices: Choices, by: Actor) -> list[tuple[Affiliation, PlaceFacts]]:
    """Give the chosen places their last days; return them with what was written of them so far."""
    chosen = set(choices.ends)
    ending = [(row, choices.last_day) for row in plan.missing if choices.last_day and row.pk in chosen]
    if choices.end_elsewhere:
        ending += [(row, last) for row, last in plan.elsewhere if may_send_roster_of(by, row.unit)]
    # A place that ends for two reasons ends on the earlier day.
    days: dict[int, date] = {}
    for place, last in ending:
        days[place.pk] = min(last, days.get(place.pk, last))
    lock_people({place.user_id for place, _last in ending})
    found = []
    for row in Affiliation.objects.select_related("user", "unit").filter(pk__in=days).order_by("pk"):
        former, last = PlaceFacts.of(row), days[row.pk]
        if former.until is None or last < former.until:
            row.until = max(last, row.since) if row.since else last
            found.append((row, former))
    return found
