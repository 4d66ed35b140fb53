"""The pages that are measured, each as the person who opens it: the same people and courses in every set."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import BusinessAccount, User
from bench.sizes import HOME
from bench.words import WORD
from courses.models import Course, Enrolment

YARDSTICK_UNIT = 1
MOST_QUERIES = 12
# The closing page names, besides, the lecturers and staff (docs/adr/0042).
MORE_QUERIES = {"closing_page": 1}


@dataclass(frozen=True)
class Page:
    name: str
    path: Callable[[], str]
    person: Callable[[], User | None] = lambda: None


def ended_course() -> Course:
    """The yardstick school's fullest course that waits for its hours."""
    rows = Course.objects.of_unit(YARDSTICK_UNIT).closable().annotate(people=Count("enrolments"))
    return rows.select_related("handler__user").order_by("-people", "id")[0]


def coming_course() -> Course:
    rows = Course.objects.of_unit(YARDSTICK_UNIT).unclosed().filter(seats_taken__gt=0)
    return rows.order_by("-starts_on", "id")[0]


def clerk() -> User:
    return ended_course().handler.user


def teacher() -> User:
    """Of the yardstick school's teachers without a business account the one with most enrolments."""
    rows = Enrolment.objects.filter(
        course__unit=YARDSTICK_UNIT, user__business_accounts=None, user_id__lte=300
    )
    busiest = rows.order_by().values_list("user_id").annotate(n=Count("pk")).order_by("-n", "user_id")[0]
    return User.objects.get(pk=busiest[0])


def officer() -> User:
    account = BusinessAccount.objects.filter(role=Role.COUNTY_OFFICER, unit__county__name=HOME)
    return account.order_by("pk")[0].user


PAGES = [
    Page("clerk_home", lambda: reverse("courses:unit_home"), clerk),
    Page("unit_courses", lambda: reverse("courses:unit_courses"), clerk),
    Page("closing_page", lambda: reverse("hours:close", args=[ended_course().code]), clerk),
    Page("catalogue", lambda: reverse("courses:catalogue")),
    # Past courses too, so that the smallest set has a full page of results as well.
    Page("catalogue_search", lambda: f"{reverse('courses:catalogue')}?q={WORD}&past=on", teacher),
    Page("teacher_home", lambda: reverse("hours:me"), teacher),
    Page("county_overview", lambda: reverse("courses:county"), officer),
    Page("staff_list", lambda: reverse("accounts:staff_of", args=[YARDSTICK_UNIT]), officer),
    Page("unit_page", lambda: reverse("courses:county_unit", args=[YARDSTICK_UNIT]), officer),
    Page("public_course", lambda: reverse("courses:public", args=[coming_course().code])),
]


def database_busy() -> float:
    """Seconds of processor that the connection's own PostgreSQL process has taken so far, to a hundredth."""
    connection.ensure_connection()
    return float(sum(psutil.Process(connection.connection.info.backend_pid).cpu_times()[:2]))


class Visit:
    """One page opened again and again by one person."""

    def __init__(self, page: Page) -> None:
        self.client, self.path = Client(), page.path()
        if (person := page.person()) is not None:
            self.client.force_login(person)
        # The first visits start the session's clocks, note who was looked at and fill the template cache.
        for _ in range(3):
            self.open()

    def open(self) -> None:
        response = self.client.get(self.path)
        assert response.status_code == 200, (self.path, response.status_code)

    def busy(self) -> float:
        """Seconds of processor of one visit in this process."""
        started = time.process_time()
        self.open()
        return time.process_time() - started

    def statements(self) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            self.open()
        return [query["sql"] for query in captured.captured_queries]
