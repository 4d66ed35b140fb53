"""Units and people of the demonstration. Unit names are real, people are invented."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from accounts.acting import Actor
from accounts.actions.appointments import appoint
from accounts.enums import Role, UnitKind, UnitLevel
from accounts.models import Affiliation, BusinessAccount, County, Unit, User
from demo.logins import LOGINS, PASSWORD
from signin.actions.mailboxes import mark_mailboxes_proved

COUNTY = "屏東縣"
UNITS: list[tuple[str, str, UnitLevel, UnitKind, str]] = [
    ("134526", "縣立南州國中", UnitLevel.JUNIOR_HIGH, UnitKind.SCHOOL, "南州鄉"),
    ("134708", "縣立南州國小", UnitLevel.ELEMENTARY, UnitKind.SCHOOL, "南州鄉"),
    ("134709", "縣立同安國小", UnitLevel.ELEMENTARY, UnitKind.SCHOOL, "南州鄉"),
    ("134710", "縣立溪北國小", UnitLevel.ELEMENTARY, UnitKind.SCHOOL, "南州鄉"),
    ("134525", "縣立林邊國中", UnitLevel.JUNIOR_HIGH, UnitKind.SCHOOL, "林邊鄉"),
    ("134517", "縣立潮州國中", UnitLevel.JUNIOR_HIGH, UnitKind.SCHOOL, "潮州鎮"),
    ("134651", "縣立潮州國小", UnitLevel.ELEMENTARY, UnitKind.SCHOOL, "潮州鎮"),
    ("130306", "國立潮州高中", UnitLevel.SENIOR_HIGH, UnitKind.SCHOOL, "潮州鎮"),
    ("13A001", "屏東縣政府教育處教學發展科", UnitLevel.NONE, UnitKind.COUNTY_SECTION, "屏東市"),
    ("13C001", "屏東縣家庭教育中心", UnitLevel.NONE, UnitKind.CENTRE, "屏東市"),
    ("000001", "全國教師在職進修資訊網平臺", UnitLevel.NONE, UnitKind.OPERATOR, ""),
    ("13A000", "屏東縣政府教育處", UnitLevel.NONE, UnitKind.COUNTY_OFFICE, "屏東市"),
    ("13C002", "屏東縣特殊教育資源中心", UnitLevel.NONE, UnitKind.CENTRE, "屏東市"),
    ("13T001", "屏東縣南州鄉公所", UnitLevel.NONE, UnitKind.TOWN_OFFICE, "南州鄉"),
    ("13K001", "屏東縣南州鄉立幼兒園", UnitLevel.PRESCHOOL, UnitKind.KINDERGARTEN, "南州鄉"),
    ("13U001", "屏東縣教師會", UnitLevel.NONE, UnitKind.TEACHERS_ASSOCIATION, "屏東市"),
    ("0M0001", "教育部", UnitLevel.NONE, UnitKind.MINISTRY, ""),
    ("0U0013", "國立屏東大學", UnitLevel.NONE, UnitKind.UNIVERSITY, ""),
]
# Unit → its parent unit.
PARENTS = {
    "13A000": "0M0001", "0U0013": "0M0001", "13A001": "13A000", "13C001": "13A000", "13C002": "13A000", "13T001": "13A000", "13K001": "13T001",
}  # fmt: skip
# Unit → contact and mailbox; the second is no official one, which the register marks.
CONTACTS = {
    "13C001": ("劉家豪", "family@center.ptc.edu.tw"),
    "13C002": ("林佩君", "special.center@mail.example"),
}
SURNAMES = "李王張劉陳楊黃趙吳周徐孫馬朱胡郭何林高羅"
GIVEN = ["佳穎", "志豪", "淑惠", "俊傑", "雅雯", "家銘", "怡萱", "建宏", "美惠", "宗翰"]
TEACHERS = 48


@dataclass
class DemoPeople:
    """Who plays: units by code, accounts by part, the teachers."""

    units: dict[str, Unit]
    handler: BusinessAccount
    lead: BusinessAccount
    former: BusinessAccount
    county: BusinessAccount
    operator: BusinessAccount
    family: BusinessAccount
    chaozhou_old: BusinessAccount
    chaozhou_new: BusinessAccount
    linbian: BusinessAccount
    yellow: User
    teachers: list[User] = field(default_factory=list)


def actor(account: BusinessAccount) -> Actor:
    """Return the person of an account, acting through it."""
    return Actor(account.user, account)


def assemble(today: date) -> DemoPeople:
    """Units, people and their accounts. The former handler's account is still in force: `story` ends it."""
    county, _ = County.objects.get_or_create(name=COUNTY, defaults={"order": 13})
    units = {row[0]: _unit(county, *row) for row in UNITS}
    Unit.objects.filter(county=county, kind=UnitKind.SCHOOL, parent=None).update(parent=units["13A001"])
    for code, parent in PARENTS.items():
        Unit.objects.filter(pk=units[code].pk).update(parent=units[parent])
    for code, (name, mail) in CONTACTS.items():
        Unit.objects.filter(pk=units[code].pk).update(contact_name=name, contact_mail=mail)
    password = make_password(PASSWORD)
    known = {row["email"]: row["name"] for row in LOGINS}

    def person(email: str, name: str = "") -> User:
        user = User.objects.create(email=email, name=name or known[email], password=password)
        mark_mailboxes_proved([user])
        return user

    def account(user: User, code: str, role: Role) -> BusinessAccount:
        _serve(
            user,
            units[code],
            "主任" if role == Role.UNIT_LEAD else "組長",
            20 if role == Role.UNIT_LEAD else 30,
        )
        return appoint(
            user=user,
            unit=units[code],
            role=role,
            by=None,
            valid_from=today - timedelta(500),
        )

    yellow = person("teacher@demo.example")
    _serve(yellow, units["134708"], "教師", 40)
    return DemoPeople(
        units=units,
        former=account(person("former@demo.example", "王建國"), "134526", Role.HANDLER),
        lead=account(person("lead@demo.example"), "134526", Role.UNIT_LEAD),
        handler=account(person("handler@demo.example"), "134526", Role.HANDLER),
        county=account(person("county@demo.example"), "13A001", Role.COUNTY_OFFICER),
        operator=account(person("operator@demo.example"), "000001", Role.OPERATOR),
        family=account(person("family@demo.example", "劉家豪"), "13C001", Role.HANDLER),
        chaozhou_old=account(person("old@demo.example", "蔡宜芳"), "134517", Role.HANDLER),
        chaozhou_new=account(person("new@demo.example", "鄭文傑"), "134517", Role.HANDLER),
        linbian=account(person("linbian@demo.example", "洪秀英"), "134525", Role.HANDLER),
        yellow=yellow,
        teachers=[_teacher(i, list(units.values())[:8], password) for i in range(TEACHERS)],
    )


def without_log_in(email: str, name: str) -> User:
    """Enter a person who has no password and plays no part."""
    person = User(email=email, name=name)
    person.set_unusable_password()
    person.save()
    return person


def _unit(county: County, code: str, name: str, level: UnitLevel, kind: UnitKind, district: str) -> Unit:
    home = None if kind in (UnitKind.MINISTRY, UnitKind.UNIVERSITY) else county
    unit, _ = Unit.objects.get_or_create(
        code=code, level=level, defaults={"name": name, "kind": kind, "county": home, "district": district}
    )
    return unit


def _serve(user: User, unit: Unit, title: str, rank: int) -> None:
    Affiliation.objects.create(user=user, unit=unit, title=title, rank=rank)


def _teacher(number: int, schools: list[Unit], password: str) -> User:
    name = SURNAMES[number % len(SURNAMES)] + GIVEN[(number * 7 + number // len(SURNAMES)) % len(GIVEN)]
    user = User.objects.create(email=f"t{number + 1:02d}@demo.example", name=name, password=password)
    mark_mailboxes_proved([user])
    _serve(user, schools[number % len(schools)], "教師", 40)
    return user
