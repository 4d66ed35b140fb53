"""The live checks of the registration form: what a person may have overlooked. They warn and never block; humans decide."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from courses.enums import Mode
from courses.models import YearlyPolicy
from courses.queries.course_plan import Fact, Hint, HintKind, Plan, Span
from courses.queries.similar_courses import neighbour_hints
from kit import clock
from kit.holidays import day_kind
from kit.texts import fold

# Training before or after these hours is unlikely (guess); rests within a session are no training hours (guess: up to this
# much).
EARLIEST, LATEST = time(7), time(22)
MIDNIGHT = time(0)
REST = timedelta(hours=1, minutes=30)
SHORTEST_PLACE = 3


def hints(plan: Plan, at: datetime | None = None) -> list[Hint]:
    """Every check in the form's order. Four queries at most, however many sessions and courses there are."""
    now = at or clock.now()
    found = [hint for check in CHECKS for hint in check(plan, now)]
    return [*found, *neighbour_hints(plan)]


def _place(plan: Plan, now: datetime) -> Iterator[Hint]:
    """A place that cannot be found."""
    place = fold(plan.place)
    if plan.mode == Mode.ONLINE:
        return
    if not place:
        yield Hint("place", HintKind.PLACE_MISSING)
    elif place == fold(plan.unit.name):
        yield Hint("place", HintKind.PLACE_IS_UNIT)
    elif len(place) < SHORTEST_PLACE:
        yield Hint("place", HintKind.PLACE_SHORT)


def _days(plan: Plan, now: datetime) -> Iterator[Hint]:
    """Named holidays, weekends and make-up working days."""
    for span in plan.spans:
        day = clock.day_of(span.starts_at)
        kind = day_kind(day, plan.unit.county_id)
        if kind and not kind.is_ordinary:
            yield Hint(span.at, HintKind.DAY_OFF, {"day": day, "name": kind.name})


def _past(plan: Plan, now: datetime) -> Iterator[Hint]:
    for span in plan.spans:
        if plan.is_draft and span.starts_at < now:
            yield Hint(span.at, HintKind.IN_THE_PAST, {"day": clock.day_of(span.starts_at)})


def _closing(plan: Plan, now: datetime) -> Iterator[Hint]:
    """A draft whose last session is over is to be closed as soon as it is registered, or is overdue from that moment."""
    last = max(plan.spans, key=lambda span: span.ends_at, default=None)
    if not plan.is_draft or last is None or last.ends_at > now:
        return
    day = clock.day_of(last.ends_at)
    due = YearlyPolicy.objects.in_force(clock.roc_year(day)).due_on(day)
    kind = HintKind.OVERDUE_AT_ONCE if due < clock.day_of(now) else HintKind.TO_CLOSE_AT_ONCE
    yield Hint(last.at, kind, {"day": due})


def _overlaps(plan: Plan, now: datetime) -> Iterator[Hint]:
    """Each session against the one that runs longest before it."""
    longest: Span | None = None
    for span in sorted(plan.spans, key=lambda s: s.starts_at):
        if longest and span.overlaps(longest.starts_at, longest.ends_at):
            yield Hint(span.at, HintKind.OVERLAP, {"start": longest.starts_at})
        if longest is None or span.ends_at > longest.ends_at:
            longest = span


def _clock_times(plan: Plan, now: datetime) -> Iterator[Hint]:
    for span in plan.spans:
        starts, ends = (m.astimezone(clock.TAIPEI).time() for m in (span.starts_at, span.ends_at))
        if starts < EARLIEST or ends > LATEST or ends == MIDNIGHT:
            yield Hint(span.at, HintKind.LATE_OR_EARLY)


def _hours(plan: Plan, now: datetime) -> Iterator[Hint]:
    """The hours that are issued against the length of the sessions, less rests."""
    if not plan.spans or plan.hours is None:
        return
    length = sum((s.ends_at - s.starts_at for s in plan.spans), timedelta())
    issued = timedelta(hours=float(plan.hours))
    if not length - REST * len(plan.spans) <= issued <= length:
        last = Decimal(length / timedelta(hours=1)).quantize(Decimal("0.1"))
        yield Hint("hours", HintKind.HOURS_DIFFER, {"length": last, "hours": plan.hours})


def _long_days_and_weeks(plan: Plan, now: datetime) -> Iterator[Hint]:
    """More hours a day or a week than the year's policy names (6 and 35, second-hand)."""
    days = {clock.day_of(s.starts_at) for s in plan.spans}
    if not days or plan.hours is None:
        return
    policy = YearlyPolicy.objects.in_force(clock.roc_year(max(days)))
    most = policy.hours_a_day
    if plan.hours > most * len(days):
        yield Hint("hours", HintKind.LONG_DAYS, {"hours": plan.hours, "days": len(days), "most": most})
    for day, hours in _hours_by_week(plan, plan.hours):
        if hours > policy.hours_a_week:
            facts: dict[str, Fact] = {"hours": hours, "day": day, "most": policy.hours_a_week}
            yield Hint("hours", HintKind.LONG_WEEK, facts)


def _hours_by_week(plan: Plan, hours: Decimal) -> list[tuple[date, Decimal]]:
    """The Mondays of a plan's weeks with the hours of each, spread over the sessions by their length."""
    weeks: defaultdict[date, timedelta] = defaultdict(timedelta)
    for span in plan.spans:
        weeks[clock.monday(clock.day_of(span.starts_at))] += span.ends_at - span.starts_at
    whole = sum(weeks.values(), timedelta()) or timedelta.max
    tenth = Decimal("0.1")
    return [(day, (hours * Decimal(held / whole)).quantize(tenth)) for day, held in sorted(weeks.items())]


def _window(plan: Plan, now: datetime) -> Iterator[Hint]:
    """Enrolment that opens or closes after the first session, or is over before it began."""
    if not plan.spans:
        return
    first = min(clock.day_of(s.starts_at) for s in plan.spans)
    for at, day in (("enrol_from", plan.enrol_from), ("enrol_until", plan.enrol_until)):
        if day and day > first:
            yield Hint(at, HintKind.AFTER_FIRST_SESSION, {"day": first})
    if plan.is_draft and plan.enrol_until and plan.enrol_until < clock.day_of(now):
        yield Hint("enrol_until", HintKind.ALREADY_CLOSED)


CHECKS: tuple[Callable[[Plan, datetime], Iterator[Hint]], ...] = (
    _place,
    _days,
    _past,
    _closing,
    _overlaps,
    _clock_times,
    _hours,
    _long_days_and_weeks,
    _window,
)
