"""A person with a merged record: watches, digests, feeds and kept searches of both are the person's, and what one record is in is known to the other."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.acting import Actor
from accounts.actions import merging
from accounts.models import BusinessAccount, User
from courses.actions import feeds, saved_searches, watch_notices, watches
from courses.errors import SearchNameTaken, TooManySearches, TooManyWatches
from courses.models import Course, EnrolmentWatch, SavedSearch
from courses.queries.participants import people_of
from courses.queries.watches import waiting_watches
from kit import clock
from notices import mail_preferences, outbox
from notices.enums import Category
from notices.models import Notice
from tests.courses.test_watches import TUESDAY, WEDNESDAY, at, registered, soon, told
from tests.factories import acting, make_account, make_enrolment, make_operator, make_user, teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler() -> BusinessAccount:
    return make_account()


@pytest.fixture
def me() -> User:
    return make_user()


@pytest.fixture
def second() -> User:
    return make_user()


@pytest.fixture
def by() -> Actor:
    return acting(make_operator())


def merge(me: User, second: User, by: Actor) -> None:
    merging.merge(person=me, second=second, by=by, reason="同一人")
    second.refresh_from_db()


def kept(person: User, name: str, query: str = "q=資安") -> SavedSearch:
    row = saved_searches.save(by=teacher(person), name=name, query=query)
    watches.watch_search(by=teacher(person), search=row, is_on=True)
    return row


def test_a_watch_of_the_second_record_is_told_to_the_person(
    me: User, second: User, handler: BusinessAccount, by: Actor, mailoutbox: list[Any]
) -> None:
    course = soon(handler)
    watches.watch_course(by=teacher(second), course=course)
    merge(me, second, by)
    (row,) = told(at(WEDNESDAY), watch_notices.OPEN)
    assert row.recipient == me
    with time_machine.travel(at(WEDNESDAY, 9)):
        outbox.drain_all()
    assert [mail.to for mail in mailoutbox if "資安" in mail.subject or course.title in mail.subject] == [
        [me.email]
    ]


def test_a_course_that_both_records_watch_is_told_once(
    me: User, second: User, handler: BusinessAccount, by: Actor
) -> None:
    course = soon(handler)
    for person in (me, second):
        watches.watch_course(by=teacher(person), course=course)
    merge(me, second, by)
    assert waiting_watches(me.pk).count() == 1
    assert len(told(at(WEDNESDAY), watch_notices.OPEN)) == 1
    assert not EnrolmentWatch.objects.filter(told_at=None).exists()


def test_nothing_is_told_of_a_course_in_which_the_other_record_is(
    me: User, second: User, handler: BusinessAccount, by: Actor
) -> None:
    first, other = soon(handler), soon(handler)
    watches.watch_course(by=teacher(me), course=first)
    make_enrolment(first, second)
    watches.watch_course(by=teacher(second), course=other)
    make_enrolment(other, me)
    kept(me, "a")
    kept(second, "b")
    new = registered(handler, "資安新的", at(TUESDAY, 12))
    make_enrolment(new, second)
    merge(me, second, by)
    assert told(at(WEDNESDAY), watch_notices.OPEN) == []
    assert not Notice.objects.filter(kind=watch_notices.FOUND).exists()


def test_one_digest_names_what_the_searches_of_both_records_find(
    me: User, second: User, handler: BusinessAccount, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_notices, "OWNERS_AT_ONCE", 1)
    kept(me, "我的")
    kept(second, "另一筆", "q=閱讀")
    merge(me, second, by)
    registered(handler, "資安新的", at(TUESDAY, 12))
    registered(handler, "閱讀新的", at(TUESDAY, 12))
    (row,) = told(at(WEDNESDAY), watch_notices.FOUND)
    assert row.recipient == me and "資安新的" in row.body and "閱讀新的" in row.body


def test_a_digest_that_waits_names_what_the_second_record_finds(
    me: User, second: User, handler: BusinessAccount, by: Actor, mailoutbox: list[Any]
) -> None:
    kept(second, "另一筆")
    merge(me, second, by)
    left, taken = (registered(handler, title, at(TUESDAY, 12)) for title in ("資安留下", "資安參加"))
    assert told(at(WEDNESDAY), watch_notices.FOUND)
    make_enrolment(taken, me)
    with time_machine.travel(at(WEDNESDAY, 9)):
        outbox.drain_all()
    (mail,) = [mail for mail in mailoutbox if "資安留下" in mail.body]
    assert mail.to == [me.email] and "資安參加" not in mail.body and left.pk


def test_the_person_sees_and_ends_what_the_second_record_asked_for(
    client: Client, me: User, second: User, handler: BusinessAccount, by: Actor
) -> None:
    course, search = soon(handler), kept(second, "另一筆")
    watches.watch_course(by=teacher(second), course=course)
    merge(me, second, by)
    client.force_login(me)
    for route in ("courses:watches", "courses:feeds", "courses:catalogue"):
        assert "另一筆" in client.get(reverse(route)).content.decode(), route
    assert course.title in client.get(reverse("courses:watches")).content.decode()
    page = client.get(reverse("courses:public", args=[course.code])).content.decode()
    assert "開放報名時通知我" not in page
    client.post(f"/catalogue/{course.code}/watch/", {"stop": "1"})
    client.post(f"/catalogue/searches/{search.pk}/watch/", {"stop": "1"})
    search.refresh_from_db()
    assert not EnrolmentWatch.objects.exists() and search.watched_at is None
    client.post(reverse("courses:remove_search", args=[search.pk]))
    assert not SavedSearch.objects.exists()


def test_both_records_share_the_bounds_and_the_names(
    me: User, second: User, handler: BusinessAccount, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(second, "另一筆")
    course = soon(handler)
    watches.watch_course(by=teacher(second), course=course)
    merge(me, second, by)
    known = watches.watch_course(by=teacher(me), course=course)
    assert known.person == second
    with pytest.raises(SearchNameTaken):
        kept(me, "另一筆")
    monkeypatch.setattr(watches, "MOST", 1)
    monkeypatch.setattr(saved_searches, "MOST", 1)
    with pytest.raises(TooManyWatches):
        watches.watch_course(by=teacher(me), course=soon(handler))
    with pytest.raises(TooManySearches):
        kept(me, "新的")


def test_a_calendar_has_the_courses_of_both_records_each_once(
    client: Client, me: User, second: User, handler: BusinessAccount, by: Actor
) -> None:
    both, of_second = (registered(handler, title, clock.now()) for title in ("都有", "另一筆"))
    for course, person in ((both, me), (both, second), (of_second, second)):
        make_enrolment(course, person)
    merge(me, second, by)
    _row, secret = feeds.make(by=teacher(me), of_unit=False)
    body = client.get(f"/calendars/{secret}.ics").getvalue()
    names = sorted(str(event["SUMMARY"]) for event in Calendar.from_ical(body).walk("VEVENT"))
    assert len(names) == 2 and "另一筆" in names[0] and "都有" in names[1]


def test_e_mail_of_the_second_record_follows_the_wish_of_the_person(
    me: User, second: User, by: Actor
) -> None:
    """The second record's own settings cannot be changed any more."""
    for person, by_mail in ((second, False), (me, True)):
        mail_preferences.set_mail(person_id=person.pk, category=Category.ENROLMENT, by_mail=by_mail)
    merge(me, second, by)
    facts = {"course": "a", "code": "1", "starts_on": date(2026, 12, 1), "note": ""}
    (row,) = outbox.write_rows([outbox.NewNotice("declined", second, "enrolment:1", event=1, context=facts)])
    assert row.by_mail
    mail_preferences.set_mail(person_id=me.pk, category=Category.ENROLMENT, by_mail=False)
    (row,) = outbox.write_rows([outbox.NewNotice("declined", second, "enrolment:2", event=1, context=facts)])
    assert not row.by_mail


def test_people_of_an_earlier_course_are_those_behind_merged_records(
    me: User, second: User, handler: BusinessAccount, by: Actor
) -> None:
    course: Course = registered(handler, "之前的", clock.now() - timedelta(days=1))
    other = make_user()
    for person in (me, second, other):
        make_enrolment(course, person)
    merge(me, second, by)
    assert set(people_of(course)) == {me, other} and len(people_of(course)) == 2
