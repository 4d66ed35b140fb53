from courses.actions import lights
from courses.filters import CourseFilter
from courses.models import Course
from courses.queries import facets
from inservice import clock
from inservice.celery import app


@app.task
def refresh_lights() -> dict[str, int | float]:
    """Recount every unit's light of the running and the past year (whose courses may be closed until 31 March).

    Safe to run twice and at once: rows are locked, and a run that dies changes nothing.
    """
    year = clock.this_year()
    lights.refresh(year=year - 1)
    return lights.refresh(year=year).as_dict()


@app.task
def count_catalogue() -> int:
    """Count the facets of the catalogue as everybody opens it, so that nobody waits for it. Safe to run twice; a crash leaves the old ones."""
    found = CourseFilter({}, queryset=Course.objects.public())
    found.is_valid()
    return facets.count(found, anew=True).total
