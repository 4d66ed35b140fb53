"""People of the schools: matched by national ID first, then e-mail, never by name alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import identity
from accounts.actions.appointments import appoint
from accounts.enums import Role
from accounts.imports.report import Report, RowRefused
from accounts.imports.units import LEVELS
from accounts.models import Affiliation, BusinessAccount, Unit, User
from inservice.errors import Refusal
from inservice.tables import Line, read_table

NEEDED = ("姓名", "身分證字號", "電子郵件", "學校代碼", "職稱", "角色")
ROLES: dict[str, Role | None] = {
    "": None,
    "教師": None,
    "承辦人": Role.HANDLER,
    "業務承辦人": Role.HANDLER,
    "單位管理者": Role.UNIT_LEAD,
    "校內管理者": Role.UNIT_LEAD,
    "縣市承辦人": Role.COUNTY_OFFICER,
    "平臺管理者": Role.OPERATOR,
    "平台管理者": Role.OPERATOR,
}
RANKS = {"校長": 10, "主任": 20, "組長": 30, "教師": 40}
OTHER_RANK = 50


@dataclass
class Person:
    """One checked line."""

    line: int
    name: str
    number: str
    email: str
    unit: Unit
    title: str
    role: Role | None

    @property
    def rank(self) -> int:
        return next((rank for title, rank in RANKS.items() if title in self.title), OTHER_RANK)


@dataclass
class Known:
    """What the database holds of the people of a file: fetched set-wise, kept current while lines are saved."""

    by_hash: dict[str, User]
    by_mail: dict[str, User]
    affiliations: dict[tuple[int, int], Affiliation]
    roles: set[tuple[int, int, str]]
    with_account: set[int]


def import_people(path: str, *, skip_bad_rows: bool = False, dry_run: bool = False) -> Report:
    """Create and change people with their place of service and, where a role is given, a business account of their own.

    A file with a refused line changes nothing unless `skip_bad_rows`. Raises UnreadableTable, MissingColumns.
    """
    report = Report()
    people = _parse(read_table(path, NEEDED), report)
    with transaction.atomic():
        _save(people, report)
        if dry_run or (report.refused and not skip_bad_rows):
            transaction.set_rollback(True)
        else:
            report.saved = True
    return report


def _parse(lines: Iterable[Line], report: Report) -> list[Person]:
    lines = list(lines)
    units: dict[str, list[Unit]] = {}
    for unit in Unit.objects.filter(code__in={line["學校代碼"].upper() for line in lines}):
        units.setdefault(unit.code, []).append(unit)
    people, numbers = [], set()
    for line in lines:
        try:
            person = _person(line, units)
            if (person.number, person.unit.pk) in numbers:
                raise RowRefused("身分證字號", _("this person stands twice in the file for the same unit"))
            numbers.add((person.number, person.unit.pk))
            people.append(person)
        except RowRefused as error:
            report.refuse(line.number, error)
    return people


def _person(line: Line, units: Mapping[str, list[Unit]]) -> Person:
    name = _text(line, "姓名", 60)
    if not name:
        raise RowRefused("姓名", _("the name is missing"))
    try:
        number = identity.parse(line["身分證字號"], passports=True)
    except Refusal as refusal:
        raise RowRefused("身分證字號", refusal.message) from None
    email = _text(line, "電子郵件", 200).lower()
    try:
        validate_email(email)
    except ValidationError:
        raise RowRefused("電子郵件", _("“%s” is not an e-mail address") % email[:60]) from None
    if line["角色"] not in ROLES:
        raise RowRefused("角色", _("unknown role; known are %s") % "、".join(filter(None, ROLES)))
    return Person(
        line.number, name, number, email, _unit(line, units), _text(line, "職稱", 40), ROLES[line["角色"]]
    )


def _text(line: Line, column: str, most: int) -> str:
    value = line[column]
    if len(value) > most:
        raise RowRefused(column, _("longer than %s characters") % most)
    if any(ord(c) < 32 for c in value):
        raise RowRefused(column, _("contains characters that cannot be stored"))
    return value


def _unit(line: Line, units: Mapping[str, list[Unit]]) -> Unit:
    found = units.get(line["學校代碼"].upper(), [])
    if len(found) > 1:
        level = LEVELS.get(line["學校級別"])
        named = [unit for unit in found if unit.level == level]
        if not named:
            levels = "、".join(text for text, value in LEVELS.items() if value in {u.level for u in found})
            raise RowRefused("學校級別", _("several units share this code; give one of %s") % levels)
        return named[0]
    if not found:
        raise RowRefused("學校代碼", _("there is no unit of the code “%s”") % line["學校代碼"][:20])
    return found[0]


def _save(people: list[Person], report: Report) -> None:
    known = _known(people)
    for person in people:
        try:
            with transaction.atomic():
                outcome = _save_one(person, known)
            setattr(report, outcome, getattr(report, outcome) + 1)
        except RowRefused as error:
            report.refuse(person.line, error)


def _known(people: list[Person]) -> Known:
    hashes = [identity.fingerprint(p.number) for p in people]
    users = list(User.objects.filter(id_hash__in=hashes)) + list(
        User.objects.filter(email__in=[p.email for p in people])
    )
    ids = {user.pk for user in users}
    accounts = BusinessAccount.objects.filter(user_id__in=ids)
    return Known(
        by_hash={user.id_hash: user for user in users if user.id_hash},
        by_mail={user.email: user for user in users},
        affiliations={
            (a.user_id, a.unit_id): a for a in Affiliation.objects.filter(user_id__in=ids, until=None)
        },
        roles=set(accounts.active().filter(valid_until=None).values_list("user_id", "unit_id", "role")),
        with_account=set(accounts.values_list("user_id", flat=True)),
    )


def _save_one(person: Person, known: Known) -> str:
    """Answers "created", "changed" or "unchanged". Raises RowRefused."""
    user = _match(person, known)
    created = user is None
    if user is None:
        user = _create(person, known)
    changed = not created and _update(user, person, known)
    changed |= _serve(user, person, known)
    if person.role and (user.pk, person.unit.pk, person.role.value) not in known.roles:
        appoint(user=user, unit=person.unit, role=person.role, by=None)
        known.roles.add((user.pk, person.unit.pk, person.role.value))
        changed = True
    return "created" if created else "changed" if changed else "unchanged"


def _match(person: Person, known: Known) -> User | None:
    by_hash = known.by_hash.get(identity.fingerprint(person.number))
    by_mail = known.by_mail.get(person.email)
    if by_mail and by_hash and by_mail.pk != by_hash.pk:
        raise RowRefused("電子郵件", _("this e-mail belongs to another person"))
    if by_mail and not by_hash and by_mail.id_hash:
        raise RowRefused("身分證字號", _("this e-mail belongs to a person with another national ID"))
    return by_hash or by_mail


def _create(person: Person, known: Known) -> User:
    user = User(email=person.email, name=person.name)
    user.set_national_id(person.number)
    user.set_unusable_password()
    user.save()
    known.by_hash[str(user.id_hash)] = known.by_mail[user.email] = user
    return user


def _update(user: User, person: Person, known: Known) -> bool:
    wanted: dict[str, Any] = {}
    if user.name != person.name:
        wanted["name"] = person.name
    if user.email != person.email:
        wanted["email"] = person.email
    if wanted and user.pk in known.with_account:
        # Hand-overs hide behind such changes: the letter's third point.
        column = "姓名" if "name" in wanted else "電子郵件"
        raise RowRefused(
            column,
            _("this person holds a business account; name and e-mail change only by an approved request"),
        )
    for name, value in wanted.items():
        setattr(user, name, value)
    if not user.id_hash:
        user.set_national_id(person.number)
        wanted |= {"id_sealed": "", "id_hash": ""}
    if wanted:
        user.save(update_fields=list(wanted))
        known.by_mail[user.email] = known.by_hash[str(user.id_hash)] = user
    return bool(wanted)


def _serve(user: User, person: Person, known: Known) -> bool:
    key = (user.pk, person.unit.pk)
    row = known.affiliations.get(key)
    if row is None:
        known.affiliations[key] = Affiliation.objects.create(
            user=user, unit=person.unit, title=person.title, rank=person.rank
        )
        return True
    if (row.title, row.rank) == (person.title, person.rank):
        return False
    row.title, row.rank = person.title, person.rank
    row.save(update_fields=["title", "rank"])
    return True
