"""How much work business accounts would leave behind, and how many enrolments a person. `courses` registers its counts."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping

# From the primary keys of accounts to the number of pieces of work of each; an account without any may be missing.
Count = Callable[[Collection[int]], Mapping[int, int]]
# From the primary key of a person to the number of enrolments that are cancelled when the person is closed.
Enrolments = Callable[[int], int]
_counts: list[Count] = []
_enrolments: list[Enrolments] = []


def register(count: Count) -> None:
    """Add a count. Registering it again changes nothing."""
    if count not in _counts:
        _counts.append(count)


def of_accounts(account_ids: Collection[int]) -> dict[int, int]:
    """Return how many pieces of unfinished work each of these accounts has; one without any is missing."""
    total: Counter[int] = Counter()
    for count in _counts if account_ids else ():
        total.update(count(account_ids))
    return dict(total)


def register_enrolments(count: Enrolments) -> None:
    """Add a count of enrolments. Registering it again changes nothing."""
    if count not in _enrolments:
        _enrolments.append(count)


def enrolments_of(person_id: int) -> int:
    """Return how many enrolments are cancelled when a person is closed."""
    return sum(count(person_id) for count in _enrolments)
