"""A job's refused rows as a table, so that they can be mended and sent alone."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from files import storage
from jobs import registry
from jobs.models import Job, JobRefusal
from kit import tables
from kit.sentence_parts import labelled, listed


def refused_rows(job: Job) -> Iterator[list[str]]:
    """Return the heading, then each kept refused row with all its cells and, behind them, line, columns and reasons.

    Importing reads columns by name, so the mended file can be sent as it is. Personal data stay in the one input file: nothing of it
    is copied into the database.
    """
    refusals: dict[int, list[JobRefusal]] = {}
    for cell in job.refusals.all():
        refusals.setdefault(cell.line, []).append(cell)
    with storage.on_disk(job.input_file) as path:
        table = tables.open_table(path, registry.known(job.kind).columns)
        yield [*table.columns, _("line"), _("column"), _("reason")]
        left = len(refusals)
        for line in table.lines:
            if left == 0:
                break
            if wrong := refusals.get(line.number):
                left -= 1
                # Cells without a column come last: nothing of the row is lost, and the row is refused again until it is mended.
                cells = [line[name] for name in table.columns]
                yield [
                    *cells,
                    str(line.number),
                    listed(cell.column for cell in wrong),
                    _reasons(wrong),
                    *line.extra,
                ]


def _reasons(wrong: Sequence[JobRefusal]) -> str:
    """Return why a row is refused: one sentence, or one for each wrong cell with its column before it."""
    if len(wrong) == 1:
        return wrong[0].sentence
    return " / ".join(f"{labelled(cell.column)}{cell.sentence}" for cell in wrong)
