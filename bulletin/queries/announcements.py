"""Announcements: what is on top of a person's pages, and what a hat keeps.

Every page of the site shows them, so that those of the day are in the cache. Only where one of them is for a person does a page query
which of them the person has dismissed.
"""

from django.core.cache import cache

from accounts.acting import Actor
from accounts.queries.persons import persons_of
from bulletin.models import Announcement, Dismissal
from bulletin.models.announcement import AnnouncementQuerySet
from bulletin.queries.recipients import Reader
from kit import clock
from kit.code_version import keyed

# A new one is on every page of the process that published it at once, and of the others after so many seconds.
SECONDS = 60


def of_today() -> list[Announcement]:
    """Return what is in force, for whomever, from the cache."""
    key = _key()
    found: list[Announcement] | None = cache.get(key)
    if found is None:
        found = list(Announcement.objects.in_force().select_related("county"))
        cache.set(key, found, SECONDS)
    return found


def forget_today() -> None:
    """Read the announcements from the database again, after one has changed."""
    cache.delete(_key())


def _key() -> str:
    return keyed(f"bulletin:announcements:{clock.today()}")


def shown_to(by: Actor | None) -> list[Announcement]:
    """Return the announcements of today for a person, or a visitor, the latest first; also dismissed ones."""
    reader = Reader(by)
    return [row for row in of_today() if reader.reads(row)]


def not_dismissed(rows: list[Announcement], by: Actor | None) -> list[Announcement]:
    """Return those of the rows whose line the person has not dismissed, nor a record that was merged into the person's."""
    if by is None or not rows:
        return rows
    ids = [row.pk for row in rows]
    mine = Dismissal.objects.filter(person__in=persons_of(by.user.pk), announcement__in=ids)
    gone = set(mine.values_list("announcement", flat=True))
    return [row for row in rows if row.pk not in gone]


def managed_by(by: Actor) -> AnnouncementQuerySet:
    """Return the announcements that a hat keeps: the operator all of them, a county officer those of the county."""
    rows = Announcement.objects.select_related("county", "published_by__user", "published_by__unit")
    if by.is_operator_hat:
        return rows
    return rows.filter(county=by.account.unit.county_id) if by.account and by.is_county_hat else rows.none()
