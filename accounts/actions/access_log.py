"""Views of other people's records, recorded so that each person finds who looked, when and under which hat."""

from collections.abc import Iterable

from django.db import models

from accounts import identity
from accounts.acting import Actor
from accounts.models import Proof, User
from audit import log
from kit.texts import tidy


def rows_seen(action: str, *, by: Actor, rows: Iterable[models.Model]) -> None:
    """Record a look at a list of rows that concern people; once a Taipei day for the same list, hat and people."""
    about = by.account.unit if by.account else by.user
    log.record_look(action, about, by=by, rows=rows, unit_id=by.unit_id)


def people_searched(*, by: Actor, word: str, found: Iterable[User]) -> None:
    """Record the people that a search displayed. A search by national ID or passport is recorded each time, also without a
    result.

    The number itself is never kept.
    """
    rows = list(found)
    typed = tidy(word)[:100]
    if identity.hash_of_typed(typed):
        facts = {"found": len(rows), "number": identity.masked(identity.normalise(typed))}
        log.record(
            "read.id_lookup", by.user, by=by, unit_id=by.unit_id, subjects=log.people_in(rows), after=facts
        )
    else:
        rows_seen("read.search", by=by, rows=rows)


def paper_seen(paper: Proof, *, by: Actor) -> None:
    """Record that an uploaded paper was opened by another person than its uploader."""
    log.record_look("read.paper", paper, by=by, rows=[paper], unit_id=by.unit_id)
