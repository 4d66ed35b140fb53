"""Announcements: who publishes, who reads, for how long; one cheap query a page."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import County
from audit.models import AuditEvent
from bulletin.actions import announcements
from bulletin.errors import AlreadyTakenBack, EndsBeforeItBegins, MayNotPublish, VisitorsOfACounty
from bulletin.models import Announcement, Dismissal
from bulletin.queries.announcements import shown_to
from kit import clock
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
TEXT = "報名系統 12 月 5 日停機維護。"


def publish(by: Actor | None = None, county: County | None = None, **fields: Any) -> Announcement:
    day = clock.today()
    facts = {"text": TEXT, "readers": "members", "first_day": day, "last_day": day} | fields
    row = announcements.publish(by=by or acting(make_operator()), county=county, **facts)
    cache.clear()
    return row


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_officer_publishes_for_the_own_county_only() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    by = acting(make_officer(home))
    assert publish(by, home).county == home
    for county in (far, None):
        with pytest.raises(MayNotPublish):
            publish(by, county)
    for other in (acting(make_lead()), acting(make_account()), teacher(make_user())):
        with pytest.raises(MayNotPublish):
            publish(other, home)
    assert Announcement.objects.count() == 1


def test_an_officer_changes_nothing_of_another_county_and_gives_nothing_away() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    foreign, own = publish(None, far), publish(None, home)
    by, day = acting(make_officer(home)), clock.today()
    facts: dict[str, Any] = {"text": "x", "readers": "leads", "first_day": day, "last_day": day}
    for row, county in ((foreign, home), (own, far), (own, None)):
        with pytest.raises(MayNotPublish):
            announcements.change(announcement=row, by=by, county=county, **facts)
    with pytest.raises(MayNotPublish):
        announcements.end(announcement=foreign, by=by)
    assert announcements.change(announcement=own, by=by, county=home, **facts).text == "x"


def test_days_are_in_order_and_not_over() -> None:
    day = clock.today()
    for first, last in ((day, day - timedelta(1)), (day - timedelta(9), day - timedelta(1))):
        with pytest.raises(EndsBeforeItBegins):
            publish(first_day=first, last_day=last)
    publish(first_day=day - timedelta(9), last_day=day)


def test_a_visitor_has_no_county() -> None:
    with pytest.raises(VisitorsOfACounty):
        publish(None, make_county(), readers="everybody")
    row, by = publish(), acting(make_operator())
    with pytest.raises(VisitorsOfACounty):
        announcements.change(
            announcement=row,
            by=by,
            text="x",
            readers="everybody",
            county=make_county(),
            first_day=clock.today(),
            last_day=clock.today(),
        )


@pytest.mark.parametrize(
    ("readers", "read_by"),
    [
        ("everybody", "visitor teacher handler lead officer"),
        ("members", "teacher handler lead officer"),
        ("handlers", "handler lead"),
        ("leads", "lead"),
    ],
)
def test_a_line_is_for_the_hats_it_names(readers: str, read_by: str) -> None:
    unit = make_unit()
    people = {
        "visitor": None,
        "teacher": teacher(make_user(unit=unit)),
        "handler": acting(make_account(unit)),
        "lead": acting(make_lead(unit)),
        "officer": acting(make_officer(unit.county)),
    }
    publish(readers=readers)
    assert " ".join(name for name, by in people.items() if shown_to(by)) == read_by


def test_a_county_is_that_of_the_hat_or_of_the_places_of_service() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    publish(None, home)
    inside = [
        teacher(make_user(unit=make_unit(county=home))),
        acting(make_account(make_unit(county=home))),
        acting(make_officer(home)),
    ]
    outside = [
        None,
        teacher(make_user(unit=make_unit(county=far))),
        acting(make_officer(far)),
    ]
    assert all(shown_to(by) for by in inside) and not any(shown_to(by) for by in outside)


def test_a_line_is_shown_from_its_first_day_to_its_last() -> None:
    day, by = clock.today(), teacher(make_user())
    publish(first_day=day + timedelta(1), last_day=day + timedelta(2))
    seen = []
    for days in range(4):
        with time_machine.travel(clock.now() + timedelta(days)):
            seen.append(bool(shown_to(by)))
    assert seen == [False, True, True, False]


def test_what_was_taken_back_is_shown_no_more_and_not_changed() -> None:
    row, by = publish(), acting(make_operator())
    announcements.end(announcement=row, by=by)
    cache.clear()
    assert not shown_to(by)
    with pytest.raises(AlreadyTakenBack):
        announcements.end(announcement=row, by=by)
    with pytest.raises(AlreadyTakenBack):
        announcements.change(
            announcement=row,
            by=by,
            text="x",
            readers="leads",
            county=None,
            first_day=clock.today(),
            last_day=clock.today(),
        )


def test_a_change_is_on_every_page_at_once(django_capture_on_commit_callbacks: Any) -> None:
    by, reader = acting(make_operator()), teacher(make_user())
    assert not shown_to(reader)
    with django_capture_on_commit_callbacks(execute=True):
        day = clock.today()
        row = announcements.publish(
            by=by, text=TEXT, readers="members", county=None, first_day=day, last_day=day
        )
    assert shown_to(reader) == [row]
    with django_capture_on_commit_callbacks(execute=True):
        announcements.end(announcement=row, by=by)
    assert not shown_to(reader)


def test_the_line_is_on_top_until_it_is_dismissed_and_stays_in_the_inbox() -> None:
    row, person = publish(), make_user()
    client = browser(person)
    inbox = reverse("notices:inbox")
    assert client.get(inbox).content.decode().count(TEXT) == 3  # line, name of its button, list
    answer = client.post(reverse("bulletin:dismiss", args=[row.pk]), {"next": inbox})
    assert answer["Location"] == inbox
    client.post(reverse("bulletin:dismiss", args=[row.pk]), {"next": "https://elsewhere.example/"})
    assert Dismissal.objects.count() == 1
    assert client.get(inbox).content.decode().count(TEXT) == 1
    assert client.get(reverse("bulletin:announcements")).content.decode().count(TEXT) == 1
    assert TEXT in browser(make_user()).get(reverse("hours:me")).content.decode()


def test_dismissing_leads_back_to_this_site_only() -> None:
    row = publish()
    address = reverse("bulletin:dismiss", args=[row.pk])
    answer = browser(make_user()).post(address, {"next": "https://elsewhere.example/"})
    assert answer["Location"] == reverse("bulletin:announcements")


def test_further_lines_are_counted_and_linked() -> None:
    by = acting(make_operator())
    for number in range(5):
        publish(by, text=f"第{number}則")
    page = browser(make_user()).get(reverse("hours:me")).content.decode()
    assert page.count("/dismiss/") == 3 and "另有 2 則公告" in page


@pytest.mark.parametrize("number", [0, 1, 50])
def test_a_page_runs_one_query_more_where_something_is_announced(number: int) -> None:
    by, client = acting(make_operator()), browser(make_user())
    for _ in range(number):
        publish(by)
    client.get(reverse("notices:settings"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("notices:settings"))
    ours = [q for q in queries.captured_queries if "bulletin_" in q["sql"]]
    assert len(ours) == (1 if number else 0)


def test_a_visitor_sees_it_without_a_query_and_without_a_button() -> None:
    publish(readers="everybody")
    client, address = Client(), reverse("courses:catalogue")
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()
    assert TEXT in page and "/dismiss/" not in page
    assert not [q for q in queries.captured_queries if "bulletin_" in q["sql"]]


def test_the_page_shows_the_line_before_it_is_published() -> None:
    operator = make_operator()
    client = browser(operator.user)
    day = clock.today().isoformat()
    facts = {"text": TEXT, "readers": "members", "county": "", "first_day": day, "last_day": day}
    address = reverse("bulletin:add_announcement")
    page = client.post(address, {**facts, "preview": "1"}).content.decode()
    assert page.count(TEXT) == 2 and not Announcement.objects.exists()
    assert client.post(address, facts)["Location"] == reverse("bulletin:kept_announcements")
    row = Announcement.objects.get()
    assert AuditEvent.objects.get(action="announcement.publish").after["text"] == TEXT
    facts["seen"] = announcements.mark(row)
    page = client.post(reverse("bulletin:edit_announcement", args=[row.pk]), {**facts, "text": ""})
    assert page.status_code == 200
    client.post(reverse("bulletin:edit_announcement", args=[row.pk]), {**facts, "text": "改期"})
    assert TEXT not in client.get(reverse("bulletin:kept_announcements")).content.decode()
    client.post(reverse("bulletin:end_announcement", args=[row.pk]))
    row.refresh_from_db()
    assert row.text == "改期" and row.ended_at


def test_an_officer_has_no_choice_of_county_and_no_visitors() -> None:
    officer = make_officer()
    client = browser(officer.user)
    address, day = reverse("bulletin:add_announcement"), clock.today().isoformat()
    assert 'name="county"' not in client.get(address).content.decode()
    facts = {"text": TEXT, "first_day": day, "last_day": day, "county": make_county("花蓮縣").pk}
    assert client.post(address, {**facts, "readers": "everybody"}).status_code == 200
    client.post(address, {**facts, "readers": "members"})
    assert Announcement.objects.get().county == officer.unit.county


def test_a_page_from_before_does_not_overwrite_a_line() -> None:
    row, operator, day = publish(), make_operator(), clock.today()
    page = browser(operator.user)
    path = reverse("bulletin:edit_announcement", args=[row.pk])
    seen = page.get(path).context["form"]["seen"].value()
    facts: dict[str, Any] = {"text": "停機改到週日", "readers": "members", "county": None}
    announcements.change(
        announcement=row, by=acting(operator), first_day=day, last_day=day, seen=seen, **facts
    )
    sent = {"text": "x", "readers": "members", "first_day": day, "last_day": day, "seen": seen}
    assert page.post(path, sent).status_code == 200
    row.refresh_from_db()
    assert row.text == "停機改到週日"
