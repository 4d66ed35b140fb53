"""Long work of the accounts: imports of units and people. Also whom background work acts for."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import Actor
from accounts.errors import MayNotKeepPlaces, OnlyOperatorMay
from accounts.imports import people_lines
from accounts.imports import unit_lines as unit_lists
from accounts.imports.people import import_people
from accounts.imports.report import Checked, Report
from accounts.imports.roster import Choices, import_roster
from accounts.imports.unit_comparison import compare
from accounts.imports.units import import_units
from accounts.models import BusinessAccount
from accounts.presenters.rosters import roster_outcome, units_of
from accounts.rules import may_send_roster
from jobs.errors import HatGone
from jobs.models import Job
from jobs.progress import Work
from jobs.registry import job_kind

UNITS, PEOPLE, ROSTER = "import_units", "import_people", "import_roster"
IMPORTS = (UNITS, PEOPLE)
UNIT_LIST = "compare_units"


def wearer(job: Job) -> Actor:
    """Return the person and hat that started the job, if still in force: rights are checked again when the work is done.

    Raise HatGone.
    """
    if not job.account_number:
        return Actor(job.owner)
    accounts = BusinessAccount.objects.active().select_related("unit__county", "user")
    account = accounts.filter(number=job.account_number, user_id=job.owner_id).first()
    if account is None:
        raise HatGone
    return Actor(job.owner, account)


@job_kind(
    UNITS,
    gettext_lazy("import of units"),
    template="accounts/imports/outcome.html",
    preview=True,
    columns=unit_lists.NEEDED,
    pauses=True,
)
def units(work: Work) -> str:
    rename = bool(work.parameters.get("rename"))
    return _import(work, lambda path, by, **options: import_units(path, by=by, rename=rename, **options))


@job_kind(
    PEOPLE,
    gettext_lazy("import of people"),
    template="accounts/imports/outcome.html",
    preview=True,
    columns=people_lines.NEEDED,
    pauses=True,
)
def people(work: Work) -> str:
    invite = bool(work.parameters.get("invite"))
    return _import(work, lambda path, by, **options: import_people(path, by=by, invite=invite, **options))


@job_kind(
    UNIT_LIST,
    gettext_lazy("comparison of a yearly list of units"),
    template="accounts/unit_lists/outcome.html",
    columns=unit_lists.NEEDED,
    pauses=True,
)
def unit_list(work: Work) -> str:
    by = wearer(work.job)
    with work.input() as path:
        made, report = compare(Path(path), name=work.parameters["name"], by=by, progress=work)
    _note_refused(work, report)
    work.outcome = {"list": made.pk, "refused": report.refused_total}
    return _("The list is compared. Nothing has been changed yet.")


@job_kind(
    ROSTER,
    gettext_lazy("staff list from a file"),
    template="accounts/roster/outcome.html",
    preview=True,
    columns=people_lines.NEEDED,
    pauses=True,
)
def roster(work: Work) -> str:
    """A check (`dry_run`), or the roster itself with what the person has chosen: all or nothing."""
    by = wearer(work.job)
    if not may_send_roster(by):
        raise MayNotKeepPlaces
    dry_run = bool(work.parameters.get("dry_run"))
    checked = Checked.of(work.parameters.get("checked") or {})
    with work.input() as path:
        choices = _choices(work.parameters)
        plan = import_roster(
            Path(path), by=by, dry_run=dry_run, choices=choices, progress=work, checked=checked
        )
    report = plan.report
    _note_refused(work, report)
    work.outcome = {**report.counts, "saved": report.saved, "dry_run": dry_run, "mark": report.mark}
    if dry_run:
        work.outcome |= roster_outcome(plan, by)
        _write_overwrites(work, report)
        return _("The file is checked. Nothing has been saved yet.")
    if not report.saved:
        return _("Nothing was saved: some rows are refused.")
    work.outcome["units"] = units_of(plan)
    return _("The staff list is saved.")


def _choices(sent: Mapping[str, Any]) -> Choices:
    """Return the decisions that `actions.rosters.carry_out` put into a job."""
    day = sent.get("last_day")
    return Choices(
        skip_bad_rows=bool(sent.get("skip_bad_rows")),
        ends=sent.get("ends", ()),
        last_day=date.fromisoformat(day) if day else None,
        end_elsewhere=bool(sent.get("end_elsewhere")),
        confirmed=bool(sent.get("confirmed")),
        invite=bool(sent.get("invite")),
    )


def _import(work: Work, do: Callable[..., Report]) -> str:
    """A check (`dry_run`), or the import itself: all or nothing, in one transaction that a crash undoes."""
    by = wearer(work.job)
    if not by.is_operator_hat:
        raise OnlyOperatorMay
    options: dict[str, Any] = {name: bool(work.parameters.get(name)) for name in ("dry_run", "skip_bad_rows")}
    options["checked"] = Checked.of(work.parameters.get("checked") or {})
    with work.input() as path:
        report = do(Path(path), by, progress=work, **options)
    _note_refused(work, report)
    figures = {"saved": report.saved, "dry_run": options["dry_run"], "mark": report.mark}
    work.outcome = {**report.counts, **figures}
    if report.renamed:
        work.outcome["renamed"] = report.renamed
    if options["dry_run"]:
        _write_overwrites(work, report)
    if report.saved:
        return _("The import is carried out.")
    if options["dry_run"]:
        return _("The file is checked. Nothing has been saved yet.")
    return _("Nothing was saved: some rows are refused.")


def _note_refused(work: Work, report: Report) -> None:
    for row in report.refused:
        work.refuse(row.line, row.column, row.value, row.reason)


def _write_overwrites(work: Work, report: Report) -> None:
    if report.overwrites.number:
        work.outcome["overwrites"] = report.overwrites.number
        work.write_extra_table(_("changes"), "csv", _overwrites_heading(), report.overwrites.rows())


def _overwrites_heading() -> list[str]:
    return [_("Line"), _("Person or unit"), _("Column"), _("Value so far"), _("New value")]
