"""What a changed policy does to the lights, counted before it is written."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from courses.enums import Colour
from courses.models import Enrolment, YearlyPolicy
from courses.models.policy import policy_of
from courses.queries import lights
from kit import clock

Policies = Mapping[int, YearlyPolicy]


@dataclass(frozen=True)
class Turn:
    """So many lights turn from one colour to another."""

    before: Colour
    after: Colour
    number: int


@dataclass(frozen=True)
class YearEffect:
    """The units' lights of one ROC year. `running`: red switches registration off."""

    year: int
    running: bool
    turns: list[Turn] = field(default_factory=list)

    @property
    def shut(self) -> int:
        """Return for how many units registration is switched off."""
        return sum(turn.number for turn in self.turns if turn.after == Colour.RED) if self.running else 0

    @property
    def opened(self) -> int:
        """Return for how many units registration is open again."""
        return sum(turn.number for turn in self.turns if turn.before == Colour.RED) if self.running else 0


@dataclass(frozen=True)
class Effect:
    units: list[YearEffect]
    teachers: list[Turn]

    @property
    def is_empty(self) -> bool:
        return not self.teachers and not any(of_year.turns for of_year in self.units)


def years_of(year: int, *policies: Policies) -> list[int]:
    """Return the ROC years whose units' lights follow from the policy of a year, the latest first."""
    later = {y for found in policies for y, p in found.items() if y > year and p.count_earlier_years}
    return sorted({year, *later}, reverse=True)


def effect_of(new: YearlyPolicy, policies: Policies, at: datetime) -> Effect:
    """Return what the lights do when `new` takes the place of its year's policy in `policies`."""
    changed = {**policies, new.year: new}
    running = clock.this_year(at)
    units = [
        YearEffect(year, year == running, _units(year, policies, changed, at))
        for year in years_of(new.year, policies, changed)
        if year <= running
    ]
    return Effect(units, _teachers(policy_of(policies, new.year), new))


def _units(year: int, before: Policies, after: Policies, at: datetime) -> list[Turn]:
    colours = [_colours(year, policies, at) for policies in (before, after)]
    units = colours[0].keys() | colours[1].keys()
    return _turns(tuple(found.get(unit, Colour.GREEN) for found in colours) for unit in units)


def _colours(year: int, policies: Policies, at: datetime) -> dict[int, str]:
    """The colour of each unit with unclosed courses; every other one is green."""
    policy = policy_of(policies, year)
    rows = lights.counting(year, clock.today(at), policies)
    return {row["unit_id"]: lights.unit_colour(row["counted_overdue"], policy) for row in rows}


def _teachers(before: YearlyPolicy, after: YearlyPolicy) -> list[Turn]:
    names = ("teacher_yellow_at", "teacher_red_at")
    if all(getattr(before, name) == getattr(after, name) for name in names):
        return []
    rows = Enrolment.objects.absences(after.year).order_by().values_list("user_id")
    numbers = (absences for _, absences in rows.annotate(n=Count("pk")))
    return _turns((lights.teacher_colour(n, before), lights.teacher_colour(n, after)) for n in numbers)


def _turns(pairs: Iterable[tuple[str, ...]]) -> list[Turn]:
    counted = Counter(pair for pair in pairs if pair[0] != pair[1])
    need = [Colour.RED, Colour.YELLOW, Colour.GREEN]
    found = [Turn(Colour(before), Colour(after), number) for (before, after), number in counted.items()]
    return sorted(found, key=lambda turn: (need.index(turn.after), need.index(turn.before)))
