"""When a course is overdue: the rule in one place, as a day for Python and as a condition for the database.

A course is on time until `closing_days` after its last session (guess), at the latest until the year's final deadline (letter, point 9).
A change of the policy never shortens a deadline that was announced: a course that was already over keeps the terms under which it
ended, unless the terms now give it more time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q

from kit import clock

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Terms:
    """The closing terms of one version of a year's policy."""

    closing_days: int
    final_deadline: date

    def due_on(self, ends_on: date) -> date:
        """Return the last Taipei day on time of a course that ended on `ends_on`."""
        return min(ends_on + timedelta(days=self.closing_days), self.final_deadline)

    def overdue_before(self, day: date) -> date:
        """Return the first `ends_on` that is still on time on `day`; every course that ended earlier is overdue."""
        return date.max if day > self.final_deadline else day - timedelta(days=self.closing_days)


@dataclass(frozen=True)
class Deadlines:
    """The terms of a year now, and the earlier ones, oldest first, each with the last day on which a course ended under them."""

    now: Terms
    earlier: tuple[tuple[date, Terms], ...] = ()

    def due_on(self, ends_on: date) -> date:
        """Return the last Taipei day on time: by the terms now or by those under which the course ended, whichever is later."""
        then = next((terms for last, terms in self.earlier if ends_on <= last), self.now)
        return max(self.now.due_on(ends_on), then.due_on(ends_on))

    def overdue_q(self, day: date) -> Q:
        """Return the condition on `ends_on` that holds if and only if `day > due_on(ends_on)`."""
        limit = self.now.overdue_before(day)
        condition = Q() if limit == date.max else Q(ends_on__lt=limit)
        for first, last in self._spared(day, limit):
            outside = Q(ends_on__gt=last)
            condition &= outside if first == date.min else Q(ends_on__lt=first) | outside
        return condition

    def _spared(self, day: date, limit: date) -> Iterator[tuple[date, date]]:
        """Yield the ranges of last days whose earlier terms still hold on `day` though the terms now would not."""
        begin = date.min
        for last, terms in self.earlier:
            first = max(begin, terms.overdue_before(day))
            if first <= last and first < limit:
                yield first, last
            begin = last + DAY

    def left_overdue_q(self) -> Q:
        """Return a condition that every course closed or withdrawn after its deadline meets, and few others.

        It saves reading a year's courses whole; the exact day is `due_on`.
        """
        days = min(terms.closing_days for terms in self._all())
        safe = F("ends_at") + timedelta(days=max(days - 1, 0))
        final = clock.at_taipei(min(terms.final_deadline for terms in self._all()))
        late = Q(closed_at__gt=safe) | Q(withdrawn_at__gt=safe)
        return late | Q(closed_at__gt=final) | Q(withdrawn_at__gt=final)

    def _all(self) -> Iterator[Terms]:
        yield self.now
        yield from (terms for _, terms in self.earlier)
