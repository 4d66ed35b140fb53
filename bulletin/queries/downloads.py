"""Files to download: those that a person is offered, and those that a hat keeps."""

from accounts.acting import Actor
from bulletin.models import Download
from bulletin.models.download import DownloadQuerySet
from bulletin.queries.recipients import Reader
from kit.texts import contains_word


def offered_to(by: Actor | None, words: str = "") -> list[Download]:
    """Return the files for a person, or a visitor, whose title or description holds all the words, in their order."""
    rows = Download.objects.in_force().select_related("file", "county")
    for word in words.split():
        rows = rows.filter(contains_word("title", word) | contains_word("description", word))
    reader = Reader(by)
    return [row for row in rows if reader.reads(row)]


def managed_by(by: Actor) -> DownloadQuerySet:
    """Return the files that a hat keeps: the operator all of them, a county officer those of the county."""
    rows = Download.objects.select_related("file", "county", "published_by__user", "published_by__unit")
    if by.is_operator_hat:
        return rows
    return rows.filter(county=by.account.unit.county_id) if by.account and by.is_county_hat else rows.none()
