"""The clock of an objection as Taipei days: when those in charge are reminded, when it goes to the leads and when to the county.

The days are counted from the objection, or from the request for a review, by the policy of that day's year as it was then. They are
computed, not stored: the page of the person, the lists, the rights and the notices all use them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from courses.models import YearlyPolicy
from courses.models.policy import policy_of
from hours.enums import ReplyLevel
from hours.models import Objection
from kit import clock
from kit.holidays import DAY, workday_from, workday_until

REMIND, TO_LEAD, TO_COUNTY = "remind", "lead", "county"


@dataclass(frozen=True)
class ObjectionDays:
    """`answer_by` is the last day on time; the others are the days on which a person is notified."""

    objection: Objection
    remind_on: date
    answer_by: date
    lead_on: date
    county_on: date

    def steps(self) -> Iterator[tuple[str, date]]:
        """Yield the steps in their order. A review is the matter of the lead or of the county from the beginning."""
        yield REMIND, self.remind_on
        yield TO_LEAD, self.lead_on
        if not self.begins_above_the_unit:
            yield TO_COUNTY, self.county_on

    @property
    def begins_above_the_unit(self) -> bool:
        is_review = self.objection.review_at is not None
        return is_review and self.objection.review_level != ReplyLevel.LEAD

    def is_at_county(self, day: date) -> bool:
        """Whether what waits is the county's to reply to."""
        return self.objection.is_waiting and (self.begins_above_the_unit or day >= self.county_on)


def days_of(objection: Objection, policies: Mapping[int, YearlyPolicy]) -> ObjectionDays:
    """Return the days of an objection, or of its review. `policies` are `YearlyPolicy.objects.current()`; the course has its unit."""
    return _counted_from(objection, policies, is_review=objection.review_at is not None)


def days_before_the_answer(objection: Objection, policies: Mapping[int, YearlyPolicy]) -> ObjectionDays:
    """Return the days of the objection itself, whatever became of it."""
    return _counted_from(objection, policies, is_review=False)


def _counted_from(
    objection: Objection, policies: Mapping[int, YearlyPolicy], *, is_review: bool
) -> ObjectionDays:
    since = objection.waits_since if is_review else objection.raised_at
    day = clock.day_of(since)
    policy = policy_of(policies, clock.roc_year(day)).at(since)
    last = day + policy.doubt_answer_days * DAY
    county = objection.course.unit.county_id
    return ObjectionDays(
        objection,
        remind_on=workday_until(day + policy.doubt_remind_days * DAY, county),
        answer_by=last,
        lead_on=workday_from(last + DAY, county),
        county_on=workday_from(day + policy.doubt_county_days * DAY, county),
    )
