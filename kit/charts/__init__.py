"""Pictures drawn on the server: pure functions from data to a `Chart`, which carries its words and the table behind it."""

from kit.charts.bar_charts import bars, split_bar, stacked, wrapped
from kit.charts.chart import Chart, Limit, Part, Row, Text, plain
from kit.charts.step_charts import sparkline, steps

__all__ = [
    "Chart", "Limit", "Part", "Row", "Text", "bars", "plain", "sparkline", "split_bar", "stacked", "steps", "wrapped",
]  # fmt: skip
