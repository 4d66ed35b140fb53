"""A session may last until midnight, which is the end of its own day."""

import re
from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from courses.enums import TimeOfDay
from courses.forms.course import SessionForm
from courses.models import Course
from courses.queries.facets import conditions
from kit import clock
from tests.courses.test_registration_form import fields_of
from tests.factories import make_account, make_course

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 8)
MIDNIGHT = clock.at_taipei(DAY + timedelta(days=1))


def form(starts: str, ends: str) -> SessionForm:
    return SessionForm({"day": DAY.isoformat(), "starts": starts, "ends": ends, "place": ""})


@pytest.mark.parametrize("typed", ["24:00", "00:00", "24:00:00"])
def test_midnight_is_the_end_of_the_day_of_the_session(typed: str) -> None:
    sent = form("19:00", typed)
    assert sent.is_valid(), sent.errors
    said = sent.session()
    assert (said.starts_at, said.ends_at) == (clock.at_taipei(DAY, time(19)), MIDNIGHT)


@pytest.mark.parametrize(("starts", "ends"), [("00:00", "00:00"), ("19:00", "18:59"), ("19:00", "25:00")])
def test_an_end_before_or_at_the_start_stays_refused(starts: str, ends: str) -> None:
    assert not form(starts, ends).is_valid()


def test_a_course_until_midnight_keeps_its_day_through_the_form_and_reads_24_00() -> None:
    handler = make_account()
    course = make_course(handler, day=DAY, state="draft")
    client = Client()
    client.force_login(handler.user)
    path = reverse("courses:edit", args=[course.code]) + "?step=3"
    for ends in ("24:00", "00:00"):
        page = client.get(path).content.decode()
        sent = fields_of(page) | {"sessions-0-starts": "19:00", "sessions-0-ends": ends, "go": "4"}
        assert client.post(path, sent).status_code == 302
        course.refresh_from_db()
        assert (course.sessions.get().ends_at, course.ends_at, course.ends_on) == (MIDNIGHT, MIDNIGHT, DAY)
    again = re.search(r'<input[^>]*name="sessions-0-ends"[^>]*>', client.get(path).content.decode())
    assert again and 'value="00:00"' in again[0]
    shown = client.get(reverse("courses:detail", args=[course.code])).content.decode()
    assert "19:00 – 24:00" in shown


def test_a_course_until_midnight_is_an_evening_course() -> None:
    course = make_course(day=DAY, ends_at=MIDNIGHT)
    evening = conditions(clock.today())["time"][TimeOfDay.EVENING]
    assert list(Course.objects.filter(evening)) == [course]
