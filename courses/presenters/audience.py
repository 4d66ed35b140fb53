"""Who may enrol in a course, in words: on its page, in lists, and for one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from courses.enums import OpenTo
from courses.models import AudienceTarget, Course, Quota
from courses.queries.audiences import has_targets
from courses.queries.offers import load_conditions
from courses.queries.quotas import in_force, last_day
from kit.sentence_parts import listed


@dataclass(frozen=True)
class QuotaPlaces:
    """`left` of a quota's `places` are still kept, `for_whom`, until the end of `until`."""

    places: int
    left: int
    for_whom: str
    until: date | None


@dataclass(frozen=True)
class AudienceWords:
    """`conditions` are all to be met; empty for a course that is open to everybody."""

    conditions: Sequence[str]
    kept: Sequence[QuotaPlaces]


def audience_words(course: Course) -> AudienceWords:
    """Return who may enrol and what is kept for whom: no query for a course that is open to all and keeps nothing.

    Reads what the page has read already for the reader's own offer.
    """
    load_conditions([course])
    quotas = in_force(course)
    rows = list(course.targets.all()) if quotas or has_targets(course) else []
    kept = [
        QuotaPlaces(quota.places, quota.left, _for_whom(quota, rows), last_day(quota, course))
        for quota in quotas
    ]
    return AudienceWords(_conditions(course, rows), kept)


def _conditions(course: Course, rows: Sequence[AudienceTarget]) -> list[str]:
    mine = [row for row in rows if row.quota_id is None]
    found = []
    if course.open_to == OpenTo.OWN_UNIT:
        found.append(_("staff of %(unit)s") % {"unit": course.unit.name})
    elif course.open_to == OpenTo.UNITS:
        named = listed([course.unit.name, *(row.unit.name for row in mine if row.unit)])
        found.append(_("staff of %(unit)s") % {"unit": named})
    elif course.open_to == OpenTo.COUNTIES:
        named = listed(str(row.county) for row in mine if row.county)
        found.append(_("staff of units in %(county)s") % {"county": named})
    elif course.open_to == OpenTo.INVITED:
        found.append(_("only whom the organiser puts on the list"))
    if course.only_stages:
        found.append(_("people who serve at a school of the course's stages"))
    if titles := listed(str(row.title) for row in mine if row.title):
        found.append(_("people with the title %(titles)s") % {"titles": titles})
    return found


def _for_whom(quota: Quota, rows: Sequence[AudienceTarget]) -> str:
    if quota.open_to == OpenTo.OWN_UNIT:
        return _("the unit's own staff")
    mine = [row for row in rows if row.quota_id == quota.pk]
    return listed(row.unit.name if row.unit else row.written for row in mine)


def short_words(course: Course) -> str:
    """Return who may enrol, for a line of a list: without names and without a query. Empty for everybody."""
    words = {
        OpenTo.OWN_UNIT: _("own staff only"),
        OpenTo.UNITS: _("named units only"),
        OpenTo.COUNTIES: _("named counties only"),
        OpenTo.INVITED: _("by invitation only"),
    }
    found = [words[OpenTo(course.open_to)]] if course.open_to != OpenTo.ALL else []
    if course.only_stages:
        found.append(_("by stage"))
    if course.only_titles:
        found.append(pgettext("who may enrol", "by title"))
    return listed(found)


def quota_words(course: Course) -> str:
    """Return how many places are kept, for a line of a list; empty without any."""
    if not course.seats_kept:
        return ""
    return ngettext("%(n)s place kept", "%(n)s places kept", course.seats_kept) % {"n": course.seats_kept}
