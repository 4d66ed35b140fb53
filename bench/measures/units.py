"""What grows with the units: campaigns, official letters, overviews, the register and the ministry's yearly list. Of the set `units`: 11,000."""

import csv
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.enums import Role
from accounts.imports.unit_comparison import compare
from accounts.imports.unit_lines import NEEDED
from accounts.models import BusinessAccount, Unit
from bench.harness import Bench, Result, figure
from bench.pages import database_busy
from courses import jobs
from courses.actions import campaigns, letters
from courses.actions.campaigns import CampaignFacts
from courses.actions.letter_checks import LetterFacts
from courses.models import Campaign, CampaignLetter, CampaignUnit, Course
from courses.presenters import letters as letter_files
from courses.queries.letters import addressees, courses_left
from jobs.models import Job
from jobs.progress import Unwatched, Work
from kit import clock

VISITS = 5
# Seconds: a page and the request that begins a campaign, the notices, the letters and the comparison of 11,000 units.
PAGE, NOTICES, ARCHIVE, COMPARISON, UNITS = 1.0, 300.0, 3600.0, 30.0, 11_000
# Of so many units the archive is made, and of a tenth of them: a unit may not cost more among many.
LETTERS = 400
NOTE = "seconds of processor, here and in the database; the reference is what it may take"


@figure
def unit_pages(bench: Bench) -> Iterator[Result]:
    """Seconds of the operator's pages over all units, and of a page of a campaign of the whole country. Nothing is kept."""
    by = _operator()
    with transaction.atomic():
        _open_everywhere()
        draft = _campaign(by)
        client = Client()
        client.force_login(by.user)
        register, page = reverse("accounts:units"), reverse("courses:campaign", args=[draft.pk])
        yield _page("register", client, register)
        yield _page("register_search", client, f"{register}?q=中正 國小")
        yield _page("register_without_lead", client, f"{register}?missing=lead")
        yield _page("register_last_page", client, f"{register}?page=last")
        yield _page("country_overview", client, reverse("courses:county"))
        yield _page("country_search", client, f"{reverse('courses:county')}?q=中正")
        yield _page("operator_home", client, reverse("courses:operator"))
        yield _page("country_forecast", client, reverse("courses:forecast"))
        yield _page("campaign_preview", client, page)
        yield _begin(by, draft)
        yield _page("campaign", client, page)
        yield _page("campaign_open_last_page", client, f"{page}?show=open&page=last")
        yield _page("campaigns", client, reverse("courses:campaigns"))
        yield _notices(by, draft)
        yield _page("campaign_told", client, page)
        yield _page("campaign_file", client, f"{page}?download=csv")
        transaction.set_rollback(True)


@figure
def letter_archive(bench: Bench, units: int = LETTERS) -> Iterator[Result]:
    """Seconds of the archive of an official letter, for so many units and a tenth of them. Nothing is kept."""
    by = _operator()
    with transaction.atomic():
        _open_everywhere()
        campaign = _campaign(by)
        same = letter_files.first_facts(campaign, None, same=False)
        letter = _letter(campaign, by, same)
        everybody = addressees(campaign)
        few, many = (_archive(letter, everybody[:n]) for n in (units // 10, units))
        begun, _queries = _timed(lambda: letters.start_archive(by=by, campaign=campaign))
        transaction.set_rollback(True)
    each = many / units
    more = {"units": units, "seconds_of_a_unit": round(each, 4), "seconds_of_11000": round(each * UNITS)}
    yield Result("letter_archive", round(many, 1), ARCHIVE * units / UNITS, "s", 1, note=NOTE, more=more)
    grows = "seconds of a unit among many and among a tenth of them"
    yield Result("letter_archive.grows", round(each, 4), round(few / (units // 10), 4), "s", 1.3, note=grows)
    yield Result("letter_archive.begin", round(begun, 2), PAGE, "s", 1, note=NOTE)


@figure
def yearly_list(bench: Bench) -> Iterator[Result]:
    """Seconds of comparing a list of all units: one in twenty is renamed, one in a hundred is missing, as many are new. Nothing is kept."""
    by = _operator()
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "list.csv"
        rows = _write_list(path)
        with CaptureQueriesContext(connection) as captured, _busy(taken := []):
            made, report = compare(path, name="list", by=by, progress=Unwatched())
        found, refused = made.rows.count(), report.refused_total
        transaction.set_rollback(True)
    broken = refused > 0 or not rows // 20 < found < rows // 10
    more = {"rows": rows, "differences": found, "queries": len(captured), "broken": broken}
    yield Result("yearly_list", round(taken[0], 2), COMPARISON * rows / UNITS, "s", 1, note=NOTE, more=more)


def _operator() -> Actor:
    account = BusinessAccount.objects.filter(role=Role.OPERATOR).select_related("unit__county", "user")[0]
    return Actor(account.user, account)


def _open_everywhere() -> None:
    """Let each school have a course of this year that is over and not closed: the largest campaign there can be."""
    day = clock.today() - timedelta(days=40)
    over = Course.objects.filter(state="closed", year=clock.this_year(), ends_on__lt=day)
    ids = over.order_by("unit_id", "-id").distinct("unit_id").values_list("pk", flat=True)
    Course.objects.filter(pk__in=list(ids)).update(state="registered", closed_at=None)
    # As the nightly work of PostgreSQL would have it.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE courses_course")


def _campaign(by: Actor) -> Campaign:
    year = clock.this_year()
    facts = CampaignFacts(None, "年底清查", year, clock.today() + timedelta(days=60))
    return campaigns.save(by=by, facts=facts)


def _letter(campaign: Campaign, by: Actor, text: LetterFacts) -> CampaignLetter:
    facts = {name: getattr(text, name) for name in LetterFacts.__dataclass_fields__}
    facts |= {"recipients": "各級學校", "officer": "陳曉雯", "phone": "02-77366666"}
    return CampaignLetter.objects.create(campaign=campaign, version=1, saved_at=clock.now(), **facts)


@contextmanager
def _busy(taken: list[float]) -> Iterator[None]:
    """Add the seconds of processor that what is inside takes, here and in the database: a busy machine does not lengthen them."""
    before = time.process_time() + database_busy()
    yield
    taken.append(time.process_time() + database_busy() - before)


def _page(name: str, client: Client, path: str) -> Result:
    """Seconds of one visit, the median of some after a first one."""
    taken: list[float] = []
    for _ in range(VISITS + 1):
        with _busy(taken):
            response = client.get(path)
            size = len(response.getvalue())
        assert response.status_code == 200, (path, response.status_code)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    more = {"queries": len(captured), "kilobytes": size // 1000}
    return Result(f"units.{name}", round(median(taken[1:]), 3), PAGE, "s", 1, note=NOTE, more=more)


def _timed(act: Callable[[], Any]) -> tuple[float, int]:
    taken: list[float] = []
    with CaptureQueriesContext(connection) as captured, _busy(taken):
        act()
    return taken[0], len(captured)


def _begin(by: Actor, draft: Campaign) -> Result:
    seconds, queries = _timed(lambda: campaigns.begin(by=by, campaign=draft, version=draft.version))
    more = {"queries": queries, "units": CampaignUnit.objects.filter(campaign=draft).count()}
    return Result("units.campaign_begin", round(seconds, 2), PAGE, "s", 1, note=NOTE, more=more)


def _notices(by: Actor, draft: Campaign) -> Result:
    """The job of the beginning, in this process."""
    job = Job.objects.filter(kind=campaigns.JOB).latest("pk")
    now = clock.now()
    Job.objects.filter(pk=job.pk).update(state="running", started_at=now, heartbeat_at=now, attempts=1)
    job.refresh_from_db()
    work = Work(job)
    seconds, queries = _timed(lambda: jobs.campaign(work))
    untold = CampaignUnit.objects.filter(campaign=draft, told_at=None).count()
    more = {
        "units": work.done,
        "notices": work.outcome["told"],
        "queries_of_a_hundred_units": round(queries / work.done * 100, 1),
        "broken": untold > 0,
    }
    limit = NOTICES * work.done / UNITS
    return Result("units.campaign_notices", round(seconds, 1), limit, "s", 1, note=NOTE, more=more)


def _archive(letter: CampaignLetter, units: list[Unit]) -> float:
    """Seconds of the files of some units as the job makes them."""
    taken: list[float] = []
    with _busy(taken):
        _write_copies(letter, units)
    return taken[0]


def _write_copies(letter: CampaignLetter, units: list[Unit]) -> None:
    text = letter_files.Letter(letter, units, len(units))
    for n in range(0, len(units), jobs.LETTERS_AT_ONCE):
        piece = units[n : n + jobs.LETTERS_AT_ONCE]
        open_now: dict[int, list[Course]] = {}
        for course in courses_left(letter.campaign, piece):
            open_now.setdefault(course.unit_id, []).append(course)
        for _entry in letter_files.copies(text, piece, open_now):
            pass


def _write_list(path: Path) -> int:
    units = list(Unit.objects.filter(kind="school").select_related("county").order_by("pk"))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(NEEDED)
        for n, unit in enumerate(units):
            # A missing one has a new one in its row, under another name and code.
            code, name = (f"8{n:05d}", f"新設{n}國小") if n % 100 == 99 else (unit.code, unit.name)
            level = "國民小學" if unit.level == "elementary" else "國民中學"
            table.writerow([code, f"{name}實驗" if n % 20 == 3 else name, f"{unit.county}", level])
    return len(units)
