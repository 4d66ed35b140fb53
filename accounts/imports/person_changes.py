"""What one row of a file does: creates or changes a person, adds or corrects a place of service, appoints."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.acting import Actor
from accounts.actions.identities import Was
from accounts.actions.mass_appointments import Appointment, refuses
from accounts.errors import MayNotAppoint
from accounts.imports.earlier_lines import EarlierLines
from accounts.imports.known_people import Known, give_numbers, match, new_person, refuse_closed_person
from accounts.imports.leads import Leads
from accounts.imports.mailbox_exchange import Mailboxes
from accounts.imports.people_lines import PASSPORT, Person
from accounts.imports.report import Report, RowRefused
from accounts.imports.unit_index import refuse_closed
from accounts.imports.wrong_cells import WrongCells
from accounts.job_titles import TitleOrder
from accounts.models import Affiliation, User
from kit import clock

COLUMNS = {"name": "姓名", "email": "電子郵件", "national_id": "身分證字號", "passport": PASSPORT}


@dataclass
class Changes:
    """The rows of a chunk become changes that `known` collects and writes at its end."""

    known: Known
    report: Report
    # The headings of the file.
    columns: Sequence[str]
    mailboxes: Mailboxes
    earlier: EarlierLines
    leads: Leads
    titles: TitleOrder
    by: Actor | None

    def apply(self, row: Person) -> str:
        """Return "created", "changed" or "unchanged". Raise RowRefused, and then nothing has changed."""
        known = self.known
        user = match(row, known, freed=self.mailboxes.is_free(row.email))
        refuse_closed_person(user, row)
        wrong = WrongCells(self.columns)
        wrong.take(self._refuse_role, row, user)
        place = known.affiliations.get((user.pk, row.unit.pk)) if user and user.pk else None
        appoints = known.appoints(row, user)
        if place is None or appoints:
            wrong.take(refuse_closed, row.unit)
        if user and user.pk in known.in_office:
            wrong.take(_refuse_new_name, user, row)
            wrong.take(_refuse_new_email, user, row)
        wrong.refuse()
        # A dry run, and what follows a refused row, finds earlier rows of the file not in the database.
        is_new = user is None and self.earlier.is_first_creation(row.key)
        if user is None:
            user, is_changed = self._create(row), True
        else:
            is_changed = self._change(user, row)
        self.mailboxes.claim(row.email)
        is_changed |= self._serve(user, row, place)
        if row.role and appoints:
            self.leads.name(row)
            known.appointments.append(Appointment(user, row.unit, row.role))
            is_changed = True
        return "created" if is_new else "changed" if is_changed else "unchanged"

    def _refuse_role(self, row: Person, user: User | None) -> None:
        if row.role and refuses(self.by, user or User(), row.unit, row.role):
            raise RowRefused("角色", MayNotAppoint().message)
        self.leads.refuse_second(row, user)

    def _create(self, row: Person) -> User:
        user = new_person(row, self.known)
        self.known.new.append(user)
        return user

    def _change(self, user: User, row: Person) -> bool:
        """Give a stored person the name, e-mail and numbers of the row; return whether that changes any."""
        known = self.known
        was = known.was.get(user.pk) or Was.of(user)
        before = dict(was.changes)
        if user.email.lower() != row.email:
            self.mailboxes.give_up(user.email)
            known.by_mail.pop(user.email.lower(), None)
            user.email = row.email
        user.name = row.name
        give_numbers(user, row)
        changes = {name: change for name, change in was.changes.items() if name not in before}
        known.note(user, row)
        if changes and user.pk:
            known.was[user.pk] = was
            for name, (old, new) in changes.items():
                self.report.overwrite(row.line, was.fields["name"], COLUMNS[name], old, new)
        return bool(changes)

    def _serve(self, user: User, row: Person, place: Affiliation | None) -> bool:
        """Add the place of service, or correct its title; return whether there was anything to do."""
        known, rank = self.known, self.titles.rank_of(row.title)
        if place is None:
            # What was earned before at another unit is not shown to this one.
            since = clock.today() if user.pk in known.served else None
            known.new_places.append(
                Affiliation(user=user, unit=row.unit, title=row.title, rank=rank, since=since)
            )
            return True
        if (place.title, place.rank) == (row.title, rank):
            return False
        if place.title != row.title:
            self.report.overwrite(row.line, user.name, "職稱", place.title, row.title)
        known.changed_places.append((place, place.title))
        place.title, place.rank = row.title, rank
        return True


def _refuse_new_name(user: User, row: Person) -> None:
    """Refuse another name for people in office: such changes can hide a hand-over (letter, point 3)."""
    if user.name != row.name:
        raise RowRefused("姓名", _in_office(), row.name)


def _refuse_new_email(user: User, row: Person) -> None:
    """Refuse another e-mail for people in office, as another name."""
    if user.email.lower() != row.email:
        raise RowRefused("電子郵件", _in_office(), row.email)


def _in_office() -> str:
    return _("this person holds a business account; name and e-mail change only by an approved request")
