"""A job's refused rows as a table, so that they can be mended and sent alone."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from files import storage
from jobs import registry
from jobs.models import Job
from kit import tables


def refused_rows(job: Job) -> Iterator[list[str]]:
    """Return the heading, then each kept refused row with all its cells and, behind them, line, column and reason.

    Importing reads columns by name, so the mended file can be sent as it is. Personal data stay in the one input file: nothing of it
    is copied into the database.
    """
    refusals = {row.line: row for row in job.refusals.all()}
    with storage.on_disk(job.input_file) as path:
        table = tables.open_table(path, registry.known(job.kind).columns)
        yield [*table.columns, _("line"), _("column"), _("reason")]
        left = len(refusals)
        for line in table.lines:
            if left == 0:
                break
            if row := refusals.get(line.number):
                left -= 1
                # Cells without a column come last: nothing of the row is lost, and the row is refused again until it is mended.
                cells = [line[name] for name in table.columns]
                yield [*cells, str(row.line), row.column, row.sentence, *line.extra]
