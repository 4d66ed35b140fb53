"""Publish, change, end and dismiss announcements."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.errors import ChangedMeanwhile
from accounts.locks import lock_actor
from accounts.models import County
from audit import log
from bulletin.errors import AlreadyTakenBack, EndsBeforeItBegins
from bulletin.locks import lock_published
from bulletin.models import Announcement, Dismissal
from bulletin.queries.announcements import forget_today
from bulletin.rules import require_publisher, require_readers
from kit import clock
from kit.previews import mark_of
from kit.typed_texts import require_no_number


@transaction.atomic
def publish(
    *, by: Actor, text: str, readers: str, county: County | None, first_day: date, last_day: date
) -> Announcement:
    """Publish a line for some days. Raise MayNotPublish, VisitorsOfACounty, EndsBeforeItBegins, NumberInText."""
    by = lock_actor(by)
    require_publisher(by, county)
    require_readers(readers, county)
    _require_days(first_day, last_day)
    require_no_number(text)
    row = Announcement.objects.create(
        text=text,
        readers=readers,
        county=county,
        first_day=first_day,
        last_day=last_day,
        published_by=by.appointment,
        published_at=clock.now(),
    )
    log.record("announcement.publish", row, by=by, unit_id=by.unit_id, after=_facts(row))
    transaction.on_commit(forget_today)
    return row


@transaction.atomic
def change(
    *,
    announcement: Announcement,
    by: Actor,
    text: str,
    readers: str,
    county: County | None,
    first_day: date,
    last_day: date,
    seen: str | None = None,
) -> Announcement:
    """Change the line. Who dismissed it does not see it again. `seen`: the mark of what a page showed.

    Raise as `publish`, AlreadyTakenBack, ChangedMeanwhile.
    """
    by = lock_actor(by)
    row = lock_published(announcement)
    for concerned in (row.county, county):
        require_publisher(by, concerned)
    if row.ended_at:
        raise AlreadyTakenBack
    if seen is not None and seen != mark(row):
        raise ChangedMeanwhile(name=str(row))
    require_readers(readers, county)
    _require_days(first_day, last_day)
    require_no_number(text)
    before = _facts(row)
    row.text, row.readers, row.county = text, readers, county
    row.first_day, row.last_day = first_day, last_day
    row.save(update_fields=["text", "readers", "county", "first_day", "last_day"])
    log.record("announcement.change", row, by=by, unit_id=by.unit_id, before=before, after=_facts(row))
    transaction.on_commit(forget_today)
    return row


@transaction.atomic
def end(*, announcement: Announcement, by: Actor) -> Announcement:
    """Take the line off every page. Raise MayNotPublish, AlreadyTakenBack."""
    by = lock_actor(by)
    row = lock_published(announcement)
    require_publisher(by, row.county)
    if row.ended_at:
        raise AlreadyTakenBack
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    log.record("announcement.end", row, by=by, unit_id=by.unit_id, before=_facts(row))
    transaction.on_commit(forget_today)
    return row


@transaction.atomic
def dismiss(*, announcement: Announcement, by: Actor) -> None:
    """Show the line to the person no more; twice is once."""
    row = Dismissal(announcement=announcement, person=by.user, at=clock.now())
    Dismissal.objects.bulk_create([row], ignore_conflicts=True)


def mark(row: Announcement) -> str:
    """Return a mark of what is published: the same as long as nobody changes it."""
    return mark_of("announcement", [row.pk, *_facts(row).values()])


def _require_days(first_day: date, last_day: date) -> None:
    if last_day < max(first_day, clock.today()):
        raise EndsBeforeItBegins


def _facts(row: Announcement) -> Mapping[str, Any]:
    return {
        "text": row.text,
        "readers": row.readers,
        "county": row.county.name if row.county else "",
        "first_day": row.first_day,
        "last_day": row.last_day,
    }
