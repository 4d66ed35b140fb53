"""The counties as the operator's desk lists them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import County
from courses.presenters.charts import BY_NEED
from kit.charts import Part, sparkline, split_bar


@dataclass(frozen=True)
class CountyRow:
    """A county of `oversight.counties` with its two small charts: units by colour, red units by month."""

    county: County
    bar: SafeString
    trend: SafeString


def county_rows(counties: Iterable[County], trends: Mapping[int, Sequence[int]]) -> list[CountyRow]:
    return [_row(county, trends.get(county.pk, [])) for county in counties]


def _row(county: County, reds: Sequence[int]) -> CountyRow:
    parts = [Part(str(c.label), getattr(county, c.value), c.value) for c in BY_NEED]
    words = ", ".join(f"{part.label} {part.words}" for part in parts)
    return CountyRow(county, split_bar(parts, words), sparkline(reds, _("red units by month")))
