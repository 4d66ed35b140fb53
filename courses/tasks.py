import logging

from courses.actions import audiences, leavers, lights, missing_calendar, questions, unit_life
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course, UnitLight
from courses.queries import facets
from courses.queries.lights import years_shown
from kit import clock
from kit.celery_app import app
from kit.one_by_one import one_by_one

logger = logging.getLogger(__name__)


@app.task
def refresh_lights() -> dict[str, int | float]:
    """Recount every unit's light of each ROC year that a page shows, the current one first; return its summary.

    An action recounts the years of its own courses; this run covers all other changes and passed deadlines. Safe to run twice
    and concurrently: rows are locked, and a year that fails changes nothing and keeps no other from its turn.
    """
    first, *earlier = years_shown(clock.this_year())
    found: dict[str, int | float] = {}
    with one_by_one(logger, "lights could not be counted") as turn:
        with turn(first):
            found = lights.refresh(year=first).as_dict()
        for year in earlier:
            with turn(year):
                if UnitLight.objects.filter(year=year).exists() or year == first - 1:
                    lights.refresh(year=year)
    return found


@app.task
def release_places() -> int:
    """Open kept places to all after their day; return of how many courses. Safe to run twice."""
    return audiences.release_due()


@app.task
def delete_old_answers() -> int:
    """Delete the replies at enrolment, some time after the course; return how many. Safe to run twice."""
    return questions.delete_old_answers()


@app.task
def watch_calendar() -> int:
    """Notify the operators of a missing work calendar, each once a year. Safe to run twice."""
    return missing_calendar.notify_operators()


@app.task
def end_requests_at_closed_units() -> int:
    """End what waits at units whose last day has passed. Safe to run twice and at once: the units are locked."""
    return unit_life.end_requests_each_night()


@app.task
def cancel_enrolments_of_leavers() -> int:
    """Cancel enrolments in courses for a unit's own staff of people who have left it. Safe to run twice: each course is a transaction."""
    return leavers.cancel_each_night()


@app.task
def count_catalogue() -> int:
    """Count the facets of the unfiltered catalogue in advance, so that no request waits for it. Safe to run twice; a crash
    leaves the old counts.
    """
    found = CourseFilter({}, queryset=Course.objects.public())
    found.is_valid()
    return facets.count(found, anew=True).total
