"""Reading a job's result again."""

import csv
import io
from itertools import islice

from django.db.models import QuerySet

from files import storage
from jobs import registry
from jobs.models import Job, JobRefusal


def first_rows(job: Job, most: int) -> list[list[str]]:
    """Return the heading and first rows of a result for the job's page; nothing for other kinds, and once the file is gone."""
    if not (job.result_file and registry.known(job.kind).preview):
        return []
    try:
        with storage.opened(job.result_file) as file:
            return list(islice(csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline="")), most + 1))
    except FileNotFoundError:
        return []


def refused_cells(job: Job, most: int) -> QuerySet[JobRefusal]:
    """Return all wrong cells of the first so many refused rows."""
    lines = job.refusals.order_by("line").values("line").distinct()[:most]
    return job.refusals.filter(line__in=lines)
