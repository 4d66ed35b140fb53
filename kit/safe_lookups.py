"""`pk__in` with numbers that no column holds: SQLite raises OverflowError for them where PostgreSQL finds nothing."""

from typing import Any

from django.db.models import IntegerField
from django.db.models.lookups import In

from kit.numbers import LARGEST_ID


@IntegerField.register_lookup
class InWithinRange(In):
    """Django's `in` without the numbers that lie outside every integer column, as its `exact` does without them."""

    def get_prep_lookup(self) -> Any:
        values = super().get_prep_lookup()
        if not isinstance(values, list):
            return values  # a query
        return [v for v in values if not isinstance(v, int) or -LARGEST_ID - 1 <= v <= LARGEST_ID]
