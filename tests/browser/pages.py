"""Which pages a hat can look at, in which state of the world: drawn from the table of rights, so that no page is forgotten."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from playwright.sync_api import Error

from courses.models import Course
from kit import rights
from tests import kept
from tests.factories import (
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    reference_lists,
)
from tests.security import matrix
from tests.security.world import World, build

# Drawn by Django's admin and by Swagger UI, which the project ships as they are.
OTHERS = ("admin:", "api:")
LONG_TITLE = "十二年國民基本教育素養導向課程設計與跨領域共備工作坊暨成果發表" * 4
LONG_NAME = "Kapitilan-Ljaljeqelan-Pasasauv-Tjivuluan-Kazangiljan"


def empty() -> World:
    """People and units; nothing has happened yet."""
    reference_lists()
    home = make_county("屏東縣")
    unit = make_unit("134526", county=home)
    accounts = {
        "handler": make_account(unit),
        "lead": make_lead(unit),
        "roster": make_account(unit, role="roster"),
        "county": make_officer(home),
        "operator": make_operator(),
    }
    people = {role: account.user for role, account in accounts.items()}
    return World({**people, "teacher": make_user(unit=unit)}, accounts)


def full() -> World:
    reference_lists()
    return build()


def long() -> World:
    """Names and titles as long as the fields allow, and more rows than a page holds."""
    world = full()
    account, course = world.accounts["handler"], world.things["course"]["own"]
    Course.objects.filter(pk=course.pk).update(capacity=100)
    for number in range(55):
        make_course(account, ago=number * 2, title=f"{number}{LONG_TITLE}"[:120])
        make_enrolment(course, make_user(LONG_NAME, unit=account.unit))
    Course.objects.update(
        title=LONG_TITLE[:120], place=LONG_TITLE[:200], approval_number="屏府教學字第11207522100號" * 3
    )
    account.unit.name = "國立屏東科技大學附設高級工業職業學校附設國民中學進修部學校財團法人"
    account.unit.save(update_fields=["name"])
    teacher = world.people["teacher"]  # the names of holders change by request only
    teacher.name = LONG_NAME
    teacher.save(update_fields=["name"])
    return world


STATES = {"empty": empty, "full": full, "long": long}


def world(state: str) -> World:
    return kept.state(state, STATES[state])


def looks(world: World, role: str) -> Iterator[tuple[str, str]]:
    """Return (route, path) of every GET of the role in this world; not all of it is a page (`opens`)."""
    for route, parts in sorted(matrix.routes().items()):
        right = rights.right_of(route)
        kind = matrix.kind_of(route, parts)
        reach = matrix.reach(right.get, role) if right else None
        if route.startswith(OTHERS) or reach is None:
            continue
        if kind and (kind not in world.things or "own" not in reach):
            continue
        yield route, matrix.address(world, route, parts, role, "own")


def of(world: World, role: str) -> Iterator[tuple[str, str, str]]:
    """Yield (route, path, HTML) of every page that the role can look at, as the test client gets it."""
    client = world.client(role)
    for route, path in list(looks(world, role)):
        answer = client.get(path)
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            yield route, path, b"".join(answer).decode()


def opens(page: Any, url: str) -> bool:
    """Go to an address; whether it is a page of HTML that was not reached by a redirect."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    is_page = answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html")
    return is_page and answer.request.redirected_from is None


def wear(context: Any, world: World, role: str, site: str) -> None:
    """Log the browser in as the role, past the second step, without the log-in page."""
    if role == "visitor":
        return
    key = world.client(role).session.session_key
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site}])
