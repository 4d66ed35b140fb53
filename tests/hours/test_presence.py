"""What attendance is worth, by table: `hours.queries.presence`."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from hours.enums import PresenceQuestion as Q
from hours.queries.presence import Held, Presence, Signed, Terms, parts_of, presence
from kit import clock

DAY = date(2026, 11, 18)
Times = dict[int, tuple[str, str]]


def at(text: str, day: date = DAY) -> datetime:
    return clock.at_taipei(day, time.fromisoformat(text))


def found(
    by: str,
    held: list[tuple[str, str]],
    mine: Times,
    *,
    others: Times | None = None,
    hours: str = "6",
    half_signed: bool = True,
    step: str = "0.5",
) -> Presence:
    """Return what the signs of a person are worth; `others` signed at every session, in time, unless it is given."""
    sessions = [Held(pk, at(start), at(end)) for pk, (start, end) in enumerate(held, start=1)]
    terms = Terms(Decimal(hours), Decimal(step), by, timedelta(minutes=20), half_signed)
    on_time = {pk: (f"{s.starts_at:%H:%M}", f"{s.ends_at:%H:%M}") for pk, s in enumerate(sessions, start=1)}
    everybody = [_signs(mine), _signs(on_time if others is None else others)]
    return presence(parts_of(sessions, by, everybody), _signs(mine), terms)


def _signs(times: Times) -> dict[int, Signed]:
    return {pk: Signed(at(i) if i else None, at(o) if o else None) for pk, (i, o) in times.items()}


ONE = [("13:30", "16:30")]
TWO = [("09:00", "12:00"), ("13:00", "16:00")]
WHOLE_DAY = [("09:00", "16:00")]
THREE = [("09:00", "10:20"), ("10:30", "12:00"), ("13:00", "16:00")]
BEFORE_NOON = {1: ("08:55", "12:05")}
TABLE = [
    # (way, sessions, signs of the person, outcome, hours, questions)
    ("session", ONE, {1: ("13:20", "16:31")}, "attended", "6", []),
    ("session", ONE, {1: ("13:50", "16:10")}, "attended", "6", []),  # exactly the tolerance
    ("session", ONE, {1: ("13:51", "16:30")}, "excused", "0", [Q.LATE]),
    ("session", ONE, {1: ("13:30", "16:09")}, "excused", "0", [Q.EARLY]),
    ("session", ONE, {1: ("14:10", "15:00")}, "excused", "0", [Q.LATE, Q.EARLY]),
    ("session", ONE, {1: ("13:30", "")}, "attended", "6", [Q.NO_SIGN_OUT]),
    ("session", ONE, {1: ("", "16:30")}, "attended", "6", [Q.NO_SIGN_IN]),
    ("session", ONE, {}, "absent", "0", []),
    ("session", TWO, {1: ("09:00", "12:00"), 2: ("13:00", "16:00")}, "attended", "6", []),
    ("session", TWO, BEFORE_NOON, "attended", "3", [Q.MISSED]),
    ("whole", TWO, BEFORE_NOON, "excused", "0", [Q.MISSED]),
    ("whole", TWO, {1: ("09:05", "12:00"), 2: ("13:15", "16:00")}, "attended", "6", []),
    ("session", WHOLE_DAY, BEFORE_NOON, "excused", "0", [Q.EARLY]),
    # One session over noon is two half days.
    ("half_day", WHOLE_DAY, BEFORE_NOON, "attended", "3", [Q.EARLY]),
    ("half_day", WHOLE_DAY, {1: ("13:10", "16:00")}, "attended", "3", [Q.LATE]),
    ("half_day", WHOLE_DAY, {1: ("09:00", "16:00")}, "attended", "6", []),
    ("half_day", WHOLE_DAY, {1: ("10:00", "15:00")}, "excused", "0", [Q.LATE, Q.EARLY]),
    # Only one that spans the whole lunch break is two: until 13:00, or from 12:00 on, it is one half day.
    ("half_day", [("11:00", "13:00")], {1: ("11:00", "12:40")}, "attended", "6", []),
    ("half_day", [("11:00", "13:00")], {1: ("11:00", "12:00")}, "excused", "0", [Q.EARLY]),
    ("half_day", [("12:00", "17:00")], {1: ("12:20", "17:00")}, "attended", "6", []),
    ("half_day", [("11:59", "13:01")], {1: ("11:59", "13:01")}, "attended", "6", []),
    # Afternoon and evening are one half day: the first sign-in and the last sign-out count.
    ("half_day", [("13:00", "16:00"), ("18:00", "21:00")], {2: ("18:00", "21:00")}, "excused", "0", [Q.LATE]),
    # Two sessions of one morning are one half day: the first sign-in and the last sign-out count.
    ("half_day", THREE, {1: ("09:00", ""), 2: ("", "12:00")}, "attended", "3", [Q.MISSED]),
    ("half_day", THREE, {2: ("10:30", "12:00"), 3: ("13:00", "16:00")}, "attended", "3", [Q.LATE]),
    # By session hours follow the length, rounded down to whole steps: 80 and 90 of 350 minutes.
    ("session", THREE, {1: ("09:00", "10:20")}, "attended", "1.0", [Q.MISSED, Q.MISSED]),
    ("session", THREE, {1: ("09:00", "10:20"), 2: ("10:30", "12:00")}, "attended", "2.5", [Q.MISSED]),
]


@pytest.mark.parametrize("row", TABLE, ids=range(len(TABLE)))
def test_hours_follow_attendance_by_the_way_chosen(
    row: tuple[str, list[tuple[str, str]], Times, str, str, list[Q]],
) -> None:
    by, held, mine, state, hours, questions = row
    result = found(by, held, mine)
    raised = [finding.question for finding in result.findings]
    assert (result.state, result.hours, sorted(set(raised))) == (
        state,
        Decimal(hours),
        sorted(set(questions)),
    )


@pytest.mark.parametrize(("left", "hours"), [("23:39", 0), ("23:40", 3), ("24:10", 3)])
def test_a_session_until_midnight_is_left_on_the_next_day(left: str, hours: int) -> None:
    ends = at("00:00", DAY + timedelta(days=1))
    held = [Held(1, at("21:00"), ends)]
    gone = at("00:10", DAY + timedelta(days=1)) if left == "24:10" else at(left)
    for by in ("session", "half_day", "whole"):
        signs = {1: Signed(at("21:05"), gone)}
        terms = Terms(Decimal(3), Decimal("0.5"), by, timedelta(minutes=20), half_signed_counts=True)
        parts = parts_of(held, by, [signs])
        assert len(parts) == 1 and presence(parts, signs, terms).hours == hours


def test_half_days_of_different_weeks_are_their_own() -> None:
    weeks = [DAY, DAY + timedelta(days=7)]
    held = [Held(pk, at("09:00", day), at("12:00", day)) for pk, day in enumerate(weeks, start=1)]
    signs = {1: Signed(at("09:00"), at("12:00"))}
    everybody = {pk: Signed(row.starts_at, row.ends_at) for pk, row in enumerate(held, start=1)}
    terms = Terms(Decimal(6), Decimal("0.5"), "half_day", timedelta(minutes=20), half_signed_counts=True)
    parts = parts_of(held, "half_day", [everybody])
    assert len(parts) == 2 and presence(parts, signs, terms).hours == 3


def test_half_a_pair_of_signs_counts_as_the_policy_says() -> None:
    for mine in ({1: ("13:30", "")}, {1: ("", "16:30")}):
        assert found("session", ONE, mine, half_signed=True).hours == 6
        assert found("session", ONE, mine, half_signed=False).state == "excused"


def test_where_nobody_signs_out_nobody_is_asked_for_it() -> None:
    result = found("session", ONE, {1: ("13:30", "")}, others={1: ("13:25", "")}, half_signed=False)
    assert (result.state, result.findings) == ("attended", ())


def test_a_session_in_which_nobody_signed_counts_for_everybody() -> None:
    morning = {1: ("09:00", "12:00")}
    assert found("whole", TWO, morning, others=morning) == Presence("attended", Decimal(6))
    # Of a person who was seen nowhere only the unrecorded part is in favour.
    assert found("session", TWO, {}, others=morning).hours == 3
    assert found("whole", TWO, {}, others=morning).state == "absent"


def test_a_course_without_any_sign_is_as_before() -> None:
    assert found("session", TWO, {}, others={}) == Presence("attended", Decimal(6))


def test_a_part_of_a_step_is_rounded_down_and_the_whole_stays_whole() -> None:
    all_of_it = {1: ("09:00", "10:20"), 2: ("10:30", "12:00"), 3: ("13:00", "16:00")}
    assert found("session", THREE, all_of_it, hours="5.5", step="1").hours == Decimal("5.5")
    assert found("session", THREE, {3: ("13:00", "16:00")}, hours="5.5", step="1").hours == 2
