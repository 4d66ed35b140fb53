"""When time-driven notices rest: from 20:00 to 07:00 in Taipei, and on weekends and holidays. Notices of an act never do."""

from datetime import datetime

from kit import clock
from kit.holidays import is_workday
from notices.enums import Timing
from notices.registry import KINDS

# Hours of the day in Taipei: the first in which a time-driven notice may leave, and the first in which it may no longer.
FIRST_HOUR, LAST_HOUR = 7, 20


def is_quiet(at: datetime) -> bool:
    """Return whether a moment lies in the quiet hours of a day."""
    return not FIRST_HOUR <= at.astimezone(clock.TAIPEI).hour < LAST_HOUR


def may_leave(timing: Timing, at: datetime) -> bool:
    """Return whether a notice of this timing may be written or mailed at a moment."""
    if timing == Timing.AT_ONCE:
        return True
    return not is_quiet(at) and (timing == Timing.ANY_DAY or is_workday(clock.day_of(at)))


def resting_kinds(at: datetime) -> list[str]:
    """Return the kinds whose mail has to wait at a moment."""
    return sorted(name for name, kind in KINDS.items() if not may_leave(kind.timing, at))
