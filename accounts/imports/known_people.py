"""What the database holds of the people of a chunk of lines, and what the chunk does to it: fetched and written set-wise."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from secrets import token_urlsafe

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts import identity
from accounts.acting import Actor
from accounts.actions import identities, mass_places
from accounts.actions.identities import Was
from accounts.actions.mass_appointments import Appointment
from accounts.errors import PersonIsClosed
from accounts.imports.mailbox_exchange import MailboxHeld
from accounts.imports.people_lines import PASSPORT, SAME, Person
from accounts.imports.report import Refused, RowRefused
from accounts.models import Affiliation, BusinessAccount, User
from audit import log
from kit.texts import squeezed


class SamePerson(RowRefused):
    """The row would replace a person's identity: only a human who knows the person can decide."""

    def __init__(self, person: User, sentence: str, value: str) -> None:
        super().__init__("姓名", sentence, value)
        self.mistaken_for = person


@dataclass
class Known:
    """The stored people of a chunk of rows by what identifies them, and the changes to be written."""

    by_hash: dict[str, User]
    by_passport: dict[str, User]
    by_mail: dict[str, User]
    # Places that have not ended, of several at one unit the earliest; and who serves or has served anywhere.
    affiliations: dict[tuple[int, int], Affiliation]
    served: set[int]
    # The primary keys of the stored people.
    ids: set[int]
    roles: set[tuple[int, int, str]]
    in_office: set[int]
    was: dict[int, Was] = field(default_factory=dict)
    new: list[User] = field(default_factory=list)
    new_places: list[Affiliation] = field(default_factory=list)
    changed_places: list[tuple[Affiliation, str]] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)

    def note(self, user: User, person: Person) -> None:
        """Make the values of this line known to later lines of the chunk."""
        self.by_mail[user.email.lower()] = user
        if person.hash:
            self.by_hash[person.hash] = user
        if person.passport_hash:
            self.by_passport[person.passport_hash] = user

    def by_number(self, person: Person) -> User | None:
        """Return the person of the row's national ID, or else of its passport."""
        return self.by_hash.get(person.hash or "") or self.by_passport.get(person.passport_hash or "")

    def appoints(self, row: Person, user: User | None) -> bool:
        """Return whether the row gives its person an account that the person does not hold."""
        key = (user.pk if user else None, row.unit.pk, row.role.value if row.role else "")
        return row.role is not None and key not in self.roles

    def holder_of(self, person: Person) -> User | None:
        """Return the other person who has the mailbox of the row, for which the row waits; None when it waits for none."""
        try:
            match(person, self, freed=False)
        except MailboxHeld as held:
            return held.owner
        except RowRefused:
            return None
        return None

    def write(self, by: Actor | None) -> None:
        """Some statements for a thousand people. The changed go first: a new person may take an e-mail that has become free."""
        identities.save(list(self.was.values()), by=by)
        identities.create(self.new, by=by, unit_of={id(p.user): p.unit_id for p in self.new_places})
        mass_places.add(self.new_places, new_people={user.pk for user in self.new}, by=by)
        mass_places.retitle(self.changed_places, by=by)


def fetch(people: list[Person]) -> Known:
    """Return what is stored of the people of some lines: three statements for them, and four for their places and accounts."""
    users: dict[int, User] = {}
    every = User.objects.annotate(mail=Lower("email"))
    for condition in (
        {"id_hash__in": [p.hash for p in people if p.hash]},
        {"passport_hash__in": [p.passport_hash for p in people if p.passport_hash]},
        {"mail__in": [p.email for p in people]},
    ):
        users.update({user.pk: user for user in every.filter(**condition) if user.pk not in users})
    accounts = BusinessAccount.objects.filter(user_id__in=users)
    places = Affiliation.objects.filter(user_id__in=users).order_by()
    live = places.serving_or_to_come().order_by(F("since").desc(nulls_last=True), "pk").select_related("unit")
    affiliations: dict[tuple[int, int], Affiliation] = {}
    for place in live:
        place.user = users[place.user_id]
        affiliations[place.user_id, place.unit_id] = place
    return Known(
        by_hash={user.id_hash: user for user in users.values() if user.id_hash},
        by_passport={user.passport_hash: user for user in users.values() if user.passport_hash},
        by_mail={user.email.lower(): user for user in users.values()},
        affiliations=affiliations,
        served=set(places.values_list("user_id", flat=True)),
        ids=set(users),
        roles=set(accounts.open().values_list("user_id", "unit_id", "role")),
        in_office=set(accounts.open().values_list("user_id", flat=True)),
    )


def new_person(row: Person, known: Known) -> User:
    """Return a person of a row, not saved, whom later rows of the chunk find."""
    user = User(email=row.email, name=row.name)
    # As `set_unusable_password`, which draws each of its letters by a call to the kernel: a fifth of a large import.
    user.password = UNUSABLE_PASSWORD_PREFIX + token_urlsafe(30)
    give_numbers(user, row)
    known.note(user, row)
    return user


def give_numbers(user: User, row: Person) -> None:
    """Give a person the numbers of a row."""
    if row.hash and user.id_hash != row.hash:
        user.set_national_id(row.number)
    if row.passport_hash and user.passport_hash != row.passport_hash:
        user.set_passport(row.passport)


def match(person: Person, known: Known, *, freed: bool) -> User | None:
    """Return the person of the line, by number first and never by name alone. `freed`: the mailbox is no longer in use.

    Raise RowRefused where numbers and mailbox belong to two people, MailboxHeld where that may change, SamePerson where a human
    must decide.
    """
    by_number = _by_number(person, known)
    by_mail = None if freed else known.by_mail.get(person.email)
    if any(found and found.merged_into_id for found in (by_number, by_mail)):
        sentence = _(
            "this record was merged into another one of the same person; write the e-mail and number of that one"
        )
        raise RowRefused("電子郵件", sentence, person.email)
    if by_mail is None or by_mail is by_number:
        found = by_number
        if found and _differs(found.name, person.name) and found.email.lower() != person.email:
            _ask(found, person)
        return found
    if by_number:
        raise MailboxHeld(by_mail, "電子郵件", _("this e-mail belongs to another person"), person.email)
    if person.hash and by_mail.id_hash:
        sentence = _("this e-mail belongs to a person with another national ID")
        raise MailboxHeld(by_mail, "身分證字號", sentence, identity.masked(person.number))
    if person.passport_hash and by_mail.passport_hash and not person.hash:
        sentence = _("this e-mail belongs to a person with another passport")
        raise MailboxHeld(by_mail, PASSPORT, sentence, identity.masked(person.passport))
    if _differs(by_mail.name, person.name):
        _ask(by_mail, person)
    return by_mail


def refuse_closed_person(user: User | None, row: Person) -> None:
    """Raise RowRefused for a stored person who is closed: only the operator opens the record again."""
    if user and user.closed_at:
        raise RowRefused("姓名", PersonIsClosed().message, row.name)


def _by_number(person: Person, known: Known) -> User | None:
    by_hash = known.by_hash.get(person.hash or "")
    by_passport = known.by_passport.get(person.passport_hash or "")
    other = by_hash if by_hash and by_passport and by_hash is not by_passport else None
    if other or (by_passport and person.hash and by_passport.id_hash not in (None, person.hash)):
        sentence = _("this passport belongs to a person with another national ID")
        raise RowRefused(PASSPORT, sentence, identity.masked(person.passport))
    return by_hash or by_passport


def _differs(known: str, written: str) -> bool:
    return squeezed(known) != squeezed(written)


def _ask(found: User, person: Person) -> None:
    if person.same:
        return
    sentence = _(
        "is this the person known as %(name)s (%(email)s)? If so, write 是 into a column %(column)s; if not, the number or "
        "the e-mail belongs to somebody else"
    ) % {"name": found.name, "email": found.mailbox, "column": SAME}
    raise SamePerson(found, sentence, person.name)


def record_questions(questions: Iterable[Refused], by: Actor | None) -> None:
    """Record that a file would have replaced a person's identity; the person sees the attempt in the own record."""
    log.record_many(
        log.event(
            "refused.identity",
            row.mistaken_for,
            by=by,
            subjects=[row.mistaken_for.pk],
            after={"column": row.column},
        )
        for row in questions
        if row.mistaken_for and row.mistaken_for.pk
    )
