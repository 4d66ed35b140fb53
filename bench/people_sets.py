"""Who there is: counties, units, teachers, business accounts."""

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, islice

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.enums import Role, UnitKind, UnitLevel
from accounts.imports.units import COUNTIES, LEVELS, county_name
from accounts.models import Affiliation, BusinessAccount, Counter, County, Unit, User
from bench.copying import Table
from bench.sizes import SCHOOL_TEACHERS, Size
from bench.words import SCHOOLS, name_of
from kit.texts import fold

# Every person of a set logs in with it.
PASSWORD = "bench in service 2026"
HOME = "屏東縣"
YARDSTICK = ("134526", UnitLevel.JUNIOR_HIGH, "縣立南州國中", HOME)
FACTS = tuple[str, str, str, str]  # code, level, name, county


@dataclass
class UnitFacts:
    """A unit as the generator of courses needs it: ids only, and how late its people close."""

    id: int
    code: str
    name: str
    county_id: int
    people: range
    # The county's people, from whom courses draw.
    around: range = range(0)
    handlers: list[tuple[int, int]] = field(default_factory=list)  # account, user
    forgets: float = 0.003


@dataclass
class Cast:
    units: list[UnitFacts]
    officers: list[int] = field(default_factory=list)
    people: int = 0


def unit_facts(size: Size, files: Iterable[str]) -> list[FACTS]:
    """The yardstick school, then units from the given lists, then made-up ones until there are enough; county by county."""
    known: dict[tuple[str, str], FACTS] = {YARDSTICK[:2]: YARDSTICK}
    wanted = COUNTIES if size.nation else [HOME]
    listed = [f for path in files for f in _listed(path) if f[3] in wanted]
    for facts in chain(listed, _made_up(wanted)):
        if len(known) == size.units:
            break
        known.setdefault((facts[0], facts[1]), facts)
    first, *rest = known.values()
    return [first, *sorted(rest, key=lambda f: COUNTIES.index(f[3]))]


def _listed(path: str) -> Iterator[FACTS]:
    with open(path, encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["學校代碼"], LEVELS[row["學校級別"]], row["學校名稱"], county_name(row["縣市名稱"])


def _made_up(counties: list[str]) -> Iterator[FACTS]:
    number = 0
    while True:
        county = counties[number % len(counties)]
        name = f"{county[:2]}{SCHOOLS[number // len(counties) % len(SCHOOLS)]}國小"
        yield f"{700000 + number:06d}", UnitLevel.ELEMENTARY, name, county
        number += 1


def write_cast(size: Size, seed: int, today: date, files: Iterable[str]) -> Cast:
    """Write counties, units, people and accounts; answer what the courses are made from."""
    rng = random.Random(f"{seed}:cast")
    counties = _write_counties()
    cast = Cast([])
    writer = _Writer(cast, today)
    facts = unit_facts(size, files)
    sizes = _teachers(rng, size, len(facts))
    for number, ((code, level, name, county), people) in enumerate(zip(facts, sizes, strict=True), 1):
        writer.unit(number, code, level, name, counties[county], people)
    _set_reach(cast)
    for unit in cast.units:
        unit.forgets = rng.choices((0.002, 0.05, 0.4), (85, 10, 5))[0]
    cast.units[0].forgets = 0.02
    writer.offices(counties if size.nation else {HOME: counties[HOME]}, len(facts))
    writer.flush()
    cast.people = writer.people
    return cast


def _write_counties() -> dict[str, int]:
    table = Table(County, "id", "name", "order")
    for number, name in enumerate(COUNTIES, 1):
        table.add(number, name, number)
    table.flush()
    return {name: number for number, name in enumerate(COUNTIES, 1)}


def _teachers(rng: random.Random, size: Size, units: int) -> list[int]:
    """How many teachers serve at each unit; the first is the yardstick school, the sum is the size's own."""
    if not size.teachers:
        return [SCHOOL_TEACHERS] + [0] * (units - 1)
    weights = [rng.triangular(10, 220, 45) for _ in range(units - 1)]
    share = (size.teachers - SCHOOL_TEACHERS) / sum(weights)
    return [SCHOOL_TEACHERS, *(max(5, round(weight * share)) for weight in weights)]


def _set_reach(cast: Cast) -> None:
    """Each unit's courses draw from its county's people; the yardstick school's from its own, so they are the same in each set."""
    school, *others = cast.units
    school.around = school.people
    spans: dict[int, range] = {}
    for unit in others:
        known = spans.get(unit.county_id, unit.people)
        spans[unit.county_id] = range(min(known.start, unit.people.start), max(known.stop, unit.people.stop))
    for unit in others:
        unit.around = spans[unit.county_id]


class _Writer:
    """The tables of people and units, filled unit by unit."""

    def __init__(self, cast: Cast, today: date) -> None:
        self.cast, self.today = cast, today
        self.people, self.numbers = 0, 0
        self.last: dict[str, int] = {}
        self.password = make_password(PASSWORD)
        self.units = Table(Unit, "id", "code", "level", "kind", "name", "county_id")
        self.users = Table(User, "id", "email", "name", "password", "date_joined", "password_changed_at")
        self.mail = Table(EmailAddress, "id", "user_id", "email", "verified", "primary")
        self.serves = Table(Affiliation, "id", "user_id", "unit_id", "title", "rank")
        self.accounts = Table(
            BusinessAccount,
            "id", "number", "user_id", "unit_id", "role", "valid_from", "valid_until", "created_at", "ended_at",
        )  # fmt: skip

    def unit(self, pk: int, code: str, level: str, name: str, county: int, people: int) -> None:
        self.units.add(pk, code, level, UnitKind.SCHOOL, name, county)
        found = UnitFacts(
            pk, code, fold(name), county, range(self.people + 1, self.people + 1 + max(people, 4))
        )
        self.cast.units.append(found)
        for _ in found.people:
            self.person(pk, 40)
        self.account(found, found.people[0], Role.UNIT_LEAD)
        for person in islice(found.people, 1, 4):
            found.handlers.append((self.account(found, person, Role.HANDLER), person))
        self.account(found, found.people[0], Role.HANDLER, ended=True)

    def person(self, unit_id: int, rank: int) -> int:
        self.people += 1
        pk, day = self.people, self.today - timedelta(days=900)
        mail = f"t{pk}@bench.example"
        # The password is fresh on the day of the load, so business hats may be worn.
        self.users.raw(
            f"{pk}\t{mail}\t{name_of(pk)}\t{self.password}\t{day} 00:00:00+00\t{self.today} 00:00:00+00"
        )
        self.mail.raw(f"{pk}\t{pk}\t{mail}\tt\tt")
        self.serves.raw(f"{pk}\t{pk}\t{unit_id}\t教師\t{rank}")
        return pk

    def account(self, unit: UnitFacts, person: int, role: str, ended: bool = False) -> int:
        self.numbers += 1
        last = self.last[unit.code] = self.last.get(unit.code, 0) + 1
        begun, over = self.today - timedelta(days=850), self.today - timedelta(days=300)
        self.accounts.add(
            self.numbers,
            f"{unit.code}-{last:03d}",
            person,
            unit.id,
            role,
            begun,
            over if ended else None,
            f"{begun} 00:00:00+00",
            f"{over} 00:00:00+00" if ended else None,
        )
        return self.numbers

    def offices(self, counties: dict[str, int], units: int) -> None:
        """A county office with one officer each, and the operator."""
        rows = [(f"39{pk:04d}", UnitKind.COUNTY_OFFICE, f"{name}政府教育處", pk, Role.COUNTY_OFFICER) for name, pk in counties.items()]  # fmt: skip
        rows.append(("390000", UnitKind.OPERATOR, "全國教師在職進修資訊網", counties[HOME], Role.OPERATOR))
        for pk, (code, kind, name, county, role) in enumerate(rows, units + 1):
            self.units.add(pk, code, UnitLevel.NONE, kind, name, county)
            person = self.person(pk, 20)
            self.account(UnitFacts(pk, code, name, county, range(0)), person, role)
            self.cast.officers.append(person)

    def flush(self) -> None:
        for table in (self.units, self.users, self.mail, self.serves, self.accounts):
            table.flush()
        counters = Table(Counter, "name", "last")
        for code, last in self.last.items():
            counters.add(f"account:{code}", last)
        counters.flush()
