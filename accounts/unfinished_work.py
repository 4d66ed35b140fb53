"""How much work business accounts would leave behind. `courses` registers its count of unclosed courses and drafts."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping

# From the primary keys of accounts to the number of pieces of work of each; an account without any may be missing.
Count = Callable[[Collection[int]], Mapping[int, int]]
_counts: list[Count] = []


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
