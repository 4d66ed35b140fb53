"""Handing out a chart: the picture as a file, or the table behind it."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase

from kit import tables
from kit.charts import Chart
from kit.response_headers import as_file

FORMATS = ("svg", *tables.FORMATS)


def download(chart: Chart | None, fmt: str, name: str) -> HttpResponseBase:
    """The file `name`.`fmt`; 404 for a chart or a format that there is not."""
    if chart is None or fmt not in FORMATS:
        raise Http404
    if fmt in tables.FORMATS:
        return tables.download(name, fmt, chart.text.header, chart.text.rows)
    response = HttpResponse(chart.file(), content_type="image/svg+xml; charset=utf-8")
    return as_file(response, f"{name}.svg")
