"""A person keeps searches of the catalogue under a name."""

from django.db import transaction

from accounts.acting import Actor
from accounts.locks import queue_person
from audit import log
from courses.errors import SearchNameTaken, TooManySearches
from courses.models import SavedSearch
from courses.queries.watches import saved_searches_of

MOST = 20


@transaction.atomic
def save(*, by: Actor, name: str, query: str) -> SavedSearch:
    """Keep a search (`query` as `courses.forms.catalogue_filter.known_query` writes it). 20 stay 20, and each name is taken once.

    Raise TooManySearches, SearchNameTaken.
    """
    queue_person(by.user.pk)
    names = list(saved_searches_of(by.user.pk).values_list("name", flat=True))
    if len(names) >= MOST:
        raise TooManySearches(most=MOST)
    if name in names:
        raise SearchNameTaken(name=name)
    row = SavedSearch.objects.create(owner=by.user, name=name, query=query)
    log.record("search.keep", row, by=by, after={"query": query})
    return row


@transaction.atomic
def remove(*, by: Actor, search: SavedSearch) -> None:
    """Forget one of the person's own searches; the view finds it among those only."""
    log.record("search.remove", search, by=by, before={"query": search.query})
    search.delete()
