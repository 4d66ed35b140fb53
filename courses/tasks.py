from courses.actions import calendar_watch, lights
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course, UnitLight
from courses.queries import facets
from courses.queries.lights import years_shown
from kit import clock
from kit.celery_app import app


@app.task
def refresh_lights() -> dict[str, int | float]:
    """Recount every unit's light of each ROC year that a page shows, the running one first; return what became of that one.

    An act recounts its own courses' years; this heals whatever else has changed, and lets deadlines pass. Safe to run twice and at
    once: rows are locked, and a run that dies changes nothing.
    """
    first, *earlier = years_shown(clock.this_year())
    summary = lights.refresh(year=first)
    for year in earlier:
        if UnitLight.objects.filter(year=year).exists() or year == first - 1:
            lights.refresh(year=year)
    return summary.as_dict()


@app.task
def watch_calendar() -> int:
    """Tell the operators of a missing work calendar, each once a year. Safe to run twice."""
    return calendar_watch.watch()


@app.task
def count_catalogue() -> int:
    """Count the facets of the catalogue as everybody opens it, so that nobody waits for it. Safe to run twice; a crash leaves the old ones."""
    found = CourseFilter({}, queryset=Course.objects.public())
    found.is_valid()
    return facets.count(found, anew=True).total
