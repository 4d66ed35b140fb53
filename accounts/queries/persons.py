"""One natural person: a record and those that were merged into it (docs/adr/0024).

Merging moves nothing, so whatever is read of a person is read of these records together.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from kit import request_memo


def persons_of(user_id: int) -> QuerySet[User, Any]:
    """Return the records of one person as a subquery for `…__in`: the own one and those merged into it."""
    return User.objects.filter(Q(pk=user_id) | Q(merged_into=user_id)).order_by().values("pk")


def records_for_page(user_id: int) -> QuerySet[User, Any] | list[int]:
    """Return the same for `…__in` of pages: just the own record where the request has read that the person has no other.

    An action looks anew (`persons_of`), as a merger may have been made meanwhile.
    """
    return [user_id] if request_memo.known(_record_question(user_id)) else persons_of(user_id)


def is_record_of(record: int | None, person: int | None) -> bool:
    """Return whether a record is a person's own, or was merged into it; no query for the own one."""
    if record is None or person is None:
        return False
    return record == person or persons_of(person).filter(pk=record).exists()


def has_one_record(user_id: int) -> bool:
    """Return whether a person has no record but this one, as nearly everybody: then no query need look for others. Read once a request."""
    return request_memo.once(_record_question(user_id), lambda: _has_one_record(user_id))


def note_one_record(user_id: int, *, has_one: bool) -> None:
    """Save `has_one_record` its query: the statement that reads the person of a session has read it."""
    request_memo.once(_record_question(user_id), lambda: has_one)


def _record_question(user_id: int) -> tuple[str, int]:
    return "has_one_record", user_id


def _has_one_record(user_id: int) -> bool:
    return not User.objects.filter(Q(pk=user_id, merged_into__isnull=False) | Q(merged_into=user_id)).exists()


def survivor(person: User) -> User:
    """Return the person whom a record belongs to: the one it was merged into, or itself."""
    return person.merged_into or person


def merged_record_of(email: str) -> User | None:
    """Return the merged record of a log-in address, with the person it belongs to; None for every other address."""
    rows = User.objects.filter(email__iexact=email, merged_into__is_active=True)
    return rows.select_related("merged_into").first()


def persons_of_all(user_ids: Iterable[int]) -> QuerySet[User, Any]:
    """Return the records of many people, as `persons_of`."""
    ids = list(user_ids)
    return User.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).order_by().values("pk")


def person_key(user: str = "user") -> Coalesce:
    """Return the expression of the person that a row counts for: the one into whom its `user` was merged, or the user."""
    return Coalesce(F(f"{user}__merged_into"), F(f"{user}_id"))


def merged_records() -> QuerySet[User, Any]:
    """Return every record that is merged or has others merged into it, as a subquery: few of the nation's."""
    seconds = User.objects.filter(merged_into__isnull=False).order_by()
    return seconds.values("pk").union(seconds.values("merged_into"))


def with_merged(user_ids: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return a subquery of records with those that belong to the same people."""
    seconds = User.objects.filter(merged_into__isnull=False).order_by()
    of_firsts = seconds.filter(merged_into__in=user_ids).values("pk")
    return user_ids.union(of_firsts, seconds.filter(pk__in=user_ids).values("merged_into"))


def people_behind(records: Collection[User]) -> dict[int, User]:
    """Return the person into whom each of these records was merged, by primary key; one query, only where there are any."""
    merged = {row.merged_into_id for row in records if row.merged_into_id}
    people = User.objects.in_bulk(merged) if merged else {}
    return {row.pk: people[row.merged_into_id] for row in records if row.merged_into_id}


def merged_seconds() -> QuerySet[User, Any]:
    """Return the records that are merged into another one, as a subquery."""
    return User.objects.filter(merged_into__isnull=False).order_by().values("pk")
