"""Long work of the hours: training records of a unit or a whole county as a table."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from accounts.acting import Actor
from accounts.jobs import wearer
from accounts.models import County, Unit
from audit import log
from courses.actions.access_log import people_seen, sheets_made
from courses.jobs import file_ready
from courses.models import Course, Enrolment
from courses.rules import require_manager
from hours import rules
from hours.actions import certificates
from hours.presenters import record_table
from hours.presenters.certificates import drawn
from hours.presenters.result_files import SHEETS, entries
from hours.queries import records
from hours.queries.receipts import receipt_of
from jobs.progress import Work
from jobs.registry import job_kind
from kit import clock, pdf
from kit.periods import SCHOOL, Period

UNIT_RECORDS, COUNTY_RECORDS = "export_records", "export_county_records"
CERTIFICATES, EVIDENCE = "certificates", "course_evidence"


@job_kind(UNIT_RECORDS, gettext_lazy("training records of the unit"), repeatable=True)
def unit_records(work: Work) -> str:
    """Safe to repeat: it reads, and the file of an attempt that died is thrown away."""
    by, period, fmt = wearer(work.job), _period(work), work.parameters["format"]
    unit = rules.require_records_of_unit(by)
    found = records.records(unit.pk, period)
    work.begin(found.count())
    note_unit(by, unit, found, period, fmt)
    number = work.write_table(
        unit_file(unit, period), fmt, record_table.HEADER, record_table.export_rows(found)
    )
    return file_ready(number)


@job_kind(COUNTY_RECORDS, gettext_lazy("training records of the county"), repeatable=True, pauses=True)
def county_records(work: Work) -> str:
    by, period, fmt = wearer(work.job), _period(work), work.parameters["format"]
    county = County.objects.get(pk=work.parameters["county"])
    rules.require_records_of_county(by, county)
    found = records.county_records(county.pk, period)
    work.begin(found.count())
    note_county(by, county, found, period, fmt)
    number = work.write_table(
        county_file(county, period), fmt, record_table.COUNTY_HEADER, record_table.county_rows(found)
    )
    return file_ready(number)


@job_kind(CERTIFICATES, gettext_lazy("certificates of a course"), repeatable=True)
def certificates_of_course(work: Work) -> str:
    """Write the certificates of everybody into one file; what an attempt that died has made is used again."""
    by, course = wearer(work.job), Course.objects.select_related("unit").get(pk=work.parameters["course"])
    made = certificates.certify(course=course, by=by)
    work.begin(len(made))
    name = f"{course.code}_研習證明"
    work.write_file(f"{name}.pdf", pdf.TYPE, drawn(made, course, name).made(clock.now()))
    work.step(len(made))
    return gettext("The file is ready: %s certificates.") % len(made)


@job_kind(EVIDENCE, gettext_lazy("everything about a course in an archive"), repeatable=True)
def evidence_of_course(work: Work) -> str:
    """Collect what a closed course leaves behind; safe to repeat, as it only reads."""
    by = wearer(work.job)
    course = Course.objects.select_related("unit", "closing").get(pk=work.parameters["course"])
    require_manager(by, course)
    receipt = receipt_of(course, course.closing)
    people = [row.enrolment.user_id for row in receipt.rows]
    people_seen(course, by=by, people=people)
    work.begin(None)
    number = work.write_archive(f"{course.code}_成果資料", _watched(work, course, entries(course, receipt)))
    after = {"files": number}
    log.record("evidence.collect", course, by=by, unit_id=course.unit_id, subjects=people, after=after)
    return gettext("The archive is ready: %s files.") % number


def _watched(work: Work, course: Course, found: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield each file and count it; the sheets in it are taken as a file, as far as they could be drawn."""
    for name, content in found:
        yield name, content
        if name == SHEETS:
            sheets_made(course)
        work.step(1)


def parameters(period: Period, fmt: str) -> dict[str, object]:
    """Return what a job needs to know of a year."""
    return {"year": period.year, "period": period.kind, "format": fmt}


def _period(work: Work) -> Period:
    # Jobs that were started by an earlier release name a calendar year only.
    return Period(work.parameters["year"], work.parameters.get("period") == SCHOOL)


def unit_file(unit: Unit, period: Period) -> str:
    return f"{unit.code}_{_of_year(period)}_研習紀錄"


def county_file(county: County, period: Period) -> str:
    return f"{county.name}_{_of_year(period)}_研習紀錄"


def _of_year(period: Period) -> str:
    return f"{period.year}{'學年度' if period.is_school else ''}"


def note_unit(by: Actor, unit: Unit, found: QuerySet[Enrolment], period: Period, fmt: str) -> None:
    """Record who exported whose records, in a common row and in each person's own record."""
    log.record("records.export", unit, by=by, unit_id=unit.pk, after=parameters(period, fmt))
    log.record_read("read.records", unit, by=by, subjects=_people(found), unit_id=unit.pk)


def note_county(by: Actor, county: County, found: QuerySet[Enrolment], period: Period, fmt: str) -> None:
    log.record("records.export", county, by=by, unit_id=by.unit_id, after=parameters(period, fmt))
    log.record_read("read.records", county, by=by, subjects=_people(found), unit_id=by.unit_id)


def _people(found: QuerySet[Enrolment]) -> set[int]:
    return set(found.order_by().values_list("user_id", flat=True).distinct())
