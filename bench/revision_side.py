"""One side of `bench/compare`: a checkout of some revision opens its pages and reports the processor time.

    python revision_side.py FOLDER    with the checkout as the working directory; FOLDER holds its cluster

Runs in the checkout of another revision too, so it uses nothing of `bench` that is newer than 084da67. Reads a line
"PAGE VISITS" at a time and writes the milliseconds of each visit as JSON; an empty line ends it.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

SIZE = "school"
# As a browser sends it: the page is compressed.
BROWSER = {"HTTP_ACCEPT_ENCODING": "gzip", "HTTP_ACCEPT_LANGUAGE": "zh-TW"}


def main(folder: Path) -> None:
    sys.path.insert(0, os.getcwd())
    from bench import cluster

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "inservice.settings",
        "VAR_DIR": str(folder / "var"),
        "ALLOW_LOCAL_SECRET": "1",
        "MFA_REQUIRED": "false",
        "LOG_FORMAT": "line",
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "ALLOWED_HOSTS": "testserver",
    }
    with cluster.cluster(folder) as uri:
        os.environ["DATABASE_URL"] = cluster.address_of(uri, f"bench_{SIZE}")
        import inservice.wsgi  # noqa: F401 - loads every view, as a web process does

        gc.collect()
        gc.freeze()
        visits = _visits()
        print(json.dumps(sorted(visits)), flush=True)
        for line in sys.stdin:
            if not line.strip():
                return
            name, number = line.split()
            print(json.dumps([visits[name]() for _ in range(int(number))]), flush=True)


def _visits() -> dict[str, Callable[[], float]]:
    """Return what opens each page and tells the milliseconds, by its name."""
    from django.db.models import Count, F
    from django.urls import reverse

    from bench import pages
    from courses.models import Course

    clerk, teacher = pages.clerk(), pages.teacher()
    courses = Course.objects.of_unit(1)
    # One with free places that can still be cancelled, and which the teacher has not chosen yet.
    rows = courses.unclosed().open_for_enrolment().exclude(enrolments__user=teacher)
    rows = rows.filter(starts_on__gt=date.today() + timedelta(10), seats_taken__lt=F("capacity"))
    free = rows.filter(admission="automatic").order_by("starts_on", "id")[0]
    # The one to close whose number of people is nearest to forty.
    rows = courses.closable().annotate(people=Count("enrolments")).order_by("pk")
    of_forty = min(rows, key=lambda row: (abs(row.people - 40), row.pk))
    course, catalogue = reverse("courses:public", args=[free.code]), reverse("courses:catalogue")
    return {
        "log-in": _page(reverse("account_login")),
        "catalogue": _page(catalogue),
        "catalogue-in": _page(catalogue, teacher),
        "course": _page(course),
        "course-in": _page(course, teacher),
        "teacher-home": _page(reverse("hours:me"), teacher),
        "clerk-home": _page(reverse("courses:unit_home"), clerk),
        "unit-courses": _page(reverse("courses:unit_courses"), clerk),
        "closing-40": _page(reverse("hours:close", args=[of_forty.code]), clerk),
        "enrolling": _enrolling(free, teacher),
    }


def _client(person: Any = None) -> Any:
    from django.test import Client

    client = Client(**BROWSER)
    if person is not None:
        client.force_login(person)
    return client


def _milliseconds(visit: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor time of a visit, and what it returned."""
    began = time.process_time()
    found = visit()
    return round((time.process_time() - began) * 1000, 3), found


def _page(path: str, person: Any = None) -> Callable[[], float]:
    client = _client(person)

    def visit() -> float:
        taken, response = _milliseconds(lambda: client.get(path))
        assert response.status_code == 200, (path, response.status_code)
        return taken

    return visit


def _enrolling(course: Any, person: Any) -> Callable[[], float]:
    """Look at the course, enrol, see the page that confirms it; cancelling it afterwards is not measured."""
    from django.urls import reverse

    client = _client(person)
    names = ("public", "enrol", "cancel")
    page, enrol, cancel = (reverse(f"courses:{name}", args=[course.code]) for name in names)

    def visit() -> float:
        taken, responses = _milliseconds(lambda: [client.get(page), client.post(enrol), client.get(page)])
        codes, mine = [response.status_code for response in responses], course.enrolments.get(user=person)
        assert codes == [200, 302, 200] and mine.state == "admitted", (codes, mine.state)
        assert client.post(cancel).status_code == 302
        return taken

    return visit


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
