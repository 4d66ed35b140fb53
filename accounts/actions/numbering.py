"""Numbers given once: business accounts and course codes."""

from django.db.models import F

from accounts.models import Counter


def next_number(name: str, *, start: int = 1) -> int:
    """The next number under `name`. The counter's row is locked until the transaction ends, so none is given twice;
    a transaction that rolls back gives its number back."""
    return next_numbers(name, 1, start=start)[0]


def next_numbers(name: str, count: int, *, start: int = 1) -> range:
    """So many numbers in a row, as `next_number`."""
    Counter.objects.bulk_create([Counter(name=name, last=start - 1)], ignore_conflicts=True)
    Counter.objects.filter(name=name).update(last=F("last") + count)
    last = Counter.objects.values_list("last", flat=True).get(name=name)
    return range(last - count + 1, last + 1)
