"""Long work of the courses: chasing many units, the nation's list of lights."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.background import wearer
from accounts.models import County
from courses.actions import lights as lights_kept
from courses.actions import reminders
from courses.queries import oversight
from inservice.batches import batches
from jobs.kinds import kind
from jobs.work import Work

CHASE, LIGHTS = "chase", "export_lights"
UNITS_AT_ONCE = 20


@kind(CHASE, gettext_lazy("chase of units"), repeatable=True, template="courses/county/chase_outcome.html")
def chase(work: Work) -> str:
    """Twenty units at a time, each piece whole with its mark of how far it is. After a crash it goes on behind the last piece;
    a notice is unique by day, so nobody is told twice."""
    by, year = wearer(work.job), work.parameters["year"]
    units = work.parameters["units"][work.done :]
    work.begin(work.done + len(units))
    counts = {"courses": 0, "people": 0, "told": 0}
    for piece in batches(units, UNITS_AT_ONCE):
        with transaction.atomic():
            told = reminders.chase(by=by, unit_ids=piece, year=year)
            work.save_step(len(piece))
        for name in counts:
            counts[name] += getattr(told, name)
        work.outcome = counts
        work.step(0)
    return chased(**counts)


def chased(courses: int, people: int, told: int) -> str:
    """What a chase did, in a sentence."""
    return _("Courses: %(courses)s. Told now: %(told)s. Told earlier today: %(before)s.") % {
        "courses": courses,
        "told": told,
        "before": people - told,
    }


@kind(LIGHTS, gettext_lazy("list of the units' lights"), repeatable=True)
def lights(work: Work) -> str:
    reminders.require_oversight(wearer(work.job))
    facts = work.parameters
    county = County.objects.filter(pk=facts["county"]).first()
    lights_kept.complete(county_id=facts["county"])
    rows = oversight.lights_matching(facts["county"], facts["colour"], facts["words"])
    work.begin(rows.count())
    number = work.write_table(
        oversight.lights_file(county), "csv", oversight.lights_header(), oversight.light_rows(rows)
    )
    return file_ready(number)


def file_ready(number: int) -> str:
    return _("The file is ready: %s rows.") % number
