"""To whom the letter of a campaign goes, and from which letter the next one is written."""

from collections.abc import Sequence

from django.db.models import F

from accounts.enums import SchoolType, UnitKind
from accounts.models import Unit
from courses.enums import LetterDirection
from courses.models import Campaign, CampaignLetter
from courses.models.lookups import AnyOf
from courses.models.querysets import CourseQuerySet
from courses.queries import campaigns


def addressees(campaign: Campaign) -> list[Unit]:
    """Return the units of a campaign where something is still open, by code: one that is done is not written to."""
    open_now = campaigns.left(campaign).order_by().values("unit")
    rows = Unit.objects.filter(pk__in=open_now).select_related("county")
    return list(rows.order_by("code", "level"))


def courses_left(campaign: Campaign, units: Sequence[Unit]) -> CourseQuerySet:
    """Return what units have not closed of a campaign, unit by unit."""
    rows = campaigns.left(campaign).filter(AnyOf(F("unit_id"), [unit.pk for unit in units]))
    return rows.select_related("handler__user").order_by("unit_id", "ends_on", "id")


def direction(campaign: Campaign, units: Sequence[Unit]) -> str:
    """Return the rank of the units beside the sender's: a county's own are below it, the nation's schools and universities are not.

    The ministry has no unit below it but those of the nation.
    """
    below = all(_is_below(campaign, unit) for unit in units)
    return LetterDirection.DOWN if below else LetterDirection.LEVEL


def _is_below(campaign: Campaign, unit: Unit) -> bool:
    is_national = unit.school_type == SchoolType.NATIONAL or unit.county_id is None
    if campaign.county_id is None:
        return is_national
    return (
        not is_national
        and unit.kind != UnitKind.TEACHERS_ASSOCIATION
        and unit.county_id == campaign.county_id
    )


def template_of(campaign: Campaign) -> CampaignLetter | None:
    """Return the county's newest letter (the operator's, of a campaign of the whole country); None before the first one."""
    rows = CampaignLetter.objects.filter(campaign__county=campaign.county_id).exclude(campaign=campaign)
    return rows.order_by("-saved_at", "-id").first()
