"""Whether the clockwork runs: when the lights were last counted, when mail last left, and what last year left unclosed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min

from courses.models import Course, UnitLight
from kit import clock
from kit.holidays import missing_year
from notices.models import Notice

# The lights are counted each hour, mail is sent each minute: later than this, a job has stopped.
COUNTED_WITHIN = timedelta(minutes=75)
SENT_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class SystemState:
    now: datetime
    counted_at: datetime | None
    mailed_at: datetime | None
    oldest_unsent: datetime | None
    last_year_rest: int
    # The Gregorian year whose work calendar the registration form lacks.
    calendar_missing: int | None = None

    @property
    def beat_is_alive(self) -> bool:
        return beat_is_alive(self.counted_at, self.now)

    @property
    def outbox_moves(self) -> bool:
        return outbox_moves(self.oldest_unsent, self.now)


def state(year: int, now: datetime, oldest_unsent: datetime | None) -> SystemState:
    """Return the system's state in three queries."""
    rest = Course.objects.closable(now).filter(year=year - 1).count()
    # The newest notice that left: found from the end of the table, however long it is.
    mailed = (
        Notice.objects.filter(mailed_at__isnull=False).order_by("-pk").values_list("mailed_at", flat=True)
    )
    return SystemState(
        now, counted_at(year), mailed.first(), oldest_unsent, rest, missing_year(clock.today(now))
    )


def counted_at(year: int) -> datetime | None:
    """Return when all lights were last counted: an action recounts its own unit only, so the oldest count is the job's last full run."""
    at: datetime | None = UnitLight.objects.filter(year=year).aggregate(at=Min("computed_at"))["at"]
    return at


def beat_is_alive(counted: datetime | None, now: datetime) -> bool:
    return counted is not None and now - counted <= COUNTED_WITHIN


def outbox_moves(oldest_unsent: datetime | None, now: datetime) -> bool:
    """Return whether nothing has waited for longer than a few rounds of the drain."""
    return oldest_unsent is None or now - oldest_unsent <= SENT_WITHIN
