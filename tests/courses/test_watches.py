"""Notices that people asked for: enrolment opens, and new courses of a saved search; once, and never of what is full or over."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import BusinessAccount, User
from courses.actions import saved_searches, watch_notices, watches
from courses.errors import NothingToWatch, TooManyWatches
from courses.models import Course, EnrolmentWatch, SavedSearch
from kit import clock
from notices import mail_preferences, outbox, timed
from notices.enums import Category
from notices.models import Notice
from tests.factories import make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
# A Tuesday to a Saturday; the clock of the tests begins on Tuesday at nine.
TUESDAY = date(2026, 11, 24)
DAY = timedelta(days=1)
WEDNESDAY, THURSDAY, SATURDAY = TUESDAY + DAY, TUESDAY + 2 * DAY, TUESDAY + 4 * DAY
MONDAY = TUESDAY + 6 * DAY


def at(day: date, hour: int = 8) -> datetime:
    return clock.at_taipei(day, time(hour))


@pytest.fixture
def me() -> User:
    return make_user()


@pytest.fixture
def handler() -> BusinessAccount:
    return make_account()


def soon(handler: BusinessAccount, day: date = WEDNESDAY, **fields: Any) -> Course:
    return make_course(handler, day=TUESDAY + 30 * DAY, enrol_from=day, **fields)


def registered(handler: BusinessAccount, title: str, moment: datetime, **fields: Any) -> Course:
    course = make_course(handler, day=TUESDAY + 30 * DAY, title=title, **fields)
    Course.objects.filter(pk=course.pk).update(registered_at=moment)
    return course


def told(moment: datetime, kind: str) -> list[Notice]:
    before = set(Notice.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        timed.prepare_due()
    return list(Notice.objects.filter(kind=kind).exclude(pk__in=before).order_by("pk"))


def test_the_opening_of_enrolment_is_told_once_on_a_working_day(me: User, handler: BusinessAccount) -> None:
    course, later = soon(handler, title="資安"), soon(handler, SATURDAY)
    for each in (course, later):
        watches.watch_course(by=teacher(me), course=each)
    watches.watch_course(by=teacher(me), course=course)
    assert EnrolmentWatch.objects.count() == 2
    assert told(at(TUESDAY, 10), watch_notices.OPEN) == []
    (row,) = told(at(WEDNESDAY), watch_notices.OPEN)
    assert (row.recipient, row.path) == (me, f"/catalogue/{course.code}/")
    assert "資安" in row.subject and row.category == Category.WATCHES
    assert told(at(THURSDAY), watch_notices.OPEN) == []
    # Saturday's is told on Monday.
    assert told(at(SATURDAY), watch_notices.OPEN) == []
    assert [one.path for one in told(at(MONDAY), watch_notices.OPEN)] == [f"/catalogue/{later.code}/"]


def test_nothing_is_told_of_a_course_that_is_full_or_one_s_own(me: User, handler: BusinessAccount) -> None:
    full, mine, gone, stopped = (soon(handler, capacity=1) for _ in range(4))
    for course in (full, mine, gone, stopped):
        watches.watch_course(by=teacher(me), course=course)
    make_enrolment(full)
    make_enrolment(mine, me, state="waitlisted")
    Course.objects.filter(pk=gone.pk).update(
        state="withdrawn", withdrawn_at=clock.now(), withdrawn_by=handler.user, withdrawal_reason="other"
    )
    assert watches.stop_course(by=teacher(me), course=stopped)
    assert not watches.stop_course(by=teacher(me), course=stopped)
    assert told(at(WEDNESDAY), watch_notices.OPEN) == []
    # A place that becomes free later is told.
    full.enrolments.all().delete()
    Course.objects.filter(pk=full.pk).update(seats_taken=0)
    assert len(told(at(THURSDAY), watch_notices.OPEN)) == 1


def test_mail_of_an_opening_is_dropped_when_the_places_are_gone(
    me: User, handler: BusinessAccount, mailoutbox: list[Any]
) -> None:
    course = soon(handler, capacity=1)
    watches.watch_course(by=teacher(me), course=course)
    assert told(at(WEDNESDAY), watch_notices.OPEN)
    Course.objects.filter(pk=course.pk).update(seats_taken=1)
    with time_machine.travel(at(WEDNESDAY, 9)):
        outbox.drain_all()
    assert not mailoutbox


def test_what_is_open_or_over_cannot_be_watched_and_twenty_are_the_most(
    me: User, handler: BusinessAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for course in (make_course(handler), make_course(handler, ago=3), soon(handler, TUESDAY)):
        with pytest.raises(NothingToWatch):
            watches.watch_course(by=teacher(me), course=course)
    monkeypatch.setattr(watches, "MOST", 1)
    watches.watch_course(by=teacher(me), course=soon(handler))
    with pytest.raises(TooManyWatches):
        watches.watch_course(by=teacher(me), course=soon(handler))
    watches.watch_course(by=teacher(make_user()), course=soon(handler))


@pytest.fixture
def search(me: User) -> SavedSearch:
    row = saved_searches.save(by=teacher(me), name="資安的", query="q=資安")
    assert watches.watch_search(by=teacher(me), search=row, is_on=True)
    assert not watches.watch_search(by=teacher(me), search=row, is_on=True)
    return row


def test_a_digest_names_each_new_course_once_a_search(
    me: User, handler: BusinessAccount, search: SavedSearch
) -> None:
    second = saved_searches.save(by=teacher(me), name="全部", query="")
    watches.watch_search(by=teacher(me), search=second, is_on=True)
    unwatched = saved_searches.save(by=teacher(make_user()), name="全部", query="")
    registered(handler, "資安舊的", at(TUESDAY, 7))
    new = registered(handler, "資安新的", at(TUESDAY, 12))
    registered(handler, "閱讀", at(TUESDAY, 13))
    (row,) = told(at(WEDNESDAY), watch_notices.FOUND)
    assert row.recipient == me and unwatched.owner != me
    assert row.body.count("資安新的") == 2 and row.body.count("閱讀") == 1 and "資安舊的" not in row.body
    assert f"/c/{new.code}/" in row.body
    assert told(at(THURSDAY), watch_notices.FOUND) == []
    registered(handler, "資安更新的", at(THURSDAY, 9))
    # Thursday's and the weekend's are told on Friday and Monday.
    (friday,) = told(at(THURSDAY + DAY), watch_notices.FOUND)
    assert "資安更新的" in friday.body and "資安新的" not in friday.body


def test_a_digest_leaves_out_what_is_full_over_withdrawn_or_one_s_own(
    me: User, handler: BusinessAccount, search: SavedSearch, mailoutbox: list[Any]
) -> None:
    full = registered(handler, "資安額滿", at(TUESDAY, 12), capacity=1)
    Course.objects.filter(pk=full.pk).update(seats_taken=1)
    shut = registered(handler, "資安截止", at(TUESDAY, 12))
    Course.objects.filter(pk=shut.pk).update(enrol_until=TUESDAY)
    mine = registered(handler, "資安我的", at(TUESDAY, 12))
    make_enrolment(mine, me)
    assert told(at(WEDNESDAY), watch_notices.FOUND) == []
    left, gone = (registered(handler, title, at(WEDNESDAY, 12)) for title in ("資安留下", "資安撤回"))
    (row,) = told(at(THURSDAY), watch_notices.FOUND)
    assert "資安撤回" in row.body
    Course.objects.filter(pk=gone.pk).update(
        state="withdrawn", withdrawn_at=clock.now(), withdrawn_by=handler.user, withdrawal_reason="other"
    )
    with time_machine.travel(at(THURSDAY, 9)):
        outbox.drain_all()
    (mail,) = mailoutbox
    assert "資安留下" in mail.body and "資安撤回" not in mail.body and left.pk
    # The way out needs no log-in; GET asks only.
    way_out = f"/notices/mail/{mail_preferences.token_for(me.pk, Category.WATCHES)}/"
    assert "/notices/mail/" in mail.body and Client().get(way_out).status_code == 200
    assert Category.WATCHES not in mail_preferences.switched_off(me.pk)
    Client().post(way_out)
    assert Category.WATCHES in mail_preferences.switched_off(me.pk)


def test_a_search_that_is_no_longer_watched_sends_no_mail(
    me: User, handler: BusinessAccount, search: SavedSearch, mailoutbox: list[Any]
) -> None:
    registered(handler, "資安", at(TUESDAY, 12))
    assert told(at(WEDNESDAY), watch_notices.FOUND)
    assert watches.watch_search(by=teacher(me), search=search, is_on=False)
    with time_machine.travel(at(WEDNESDAY, 9)):
        outbox.drain_all()
    assert not mailoutbox
    registered(handler, "資安二", at(WEDNESDAY, 12))
    assert told(at(THURSDAY), watch_notices.FOUND) == []


def test_a_long_digest_says_how_many_more(
    me: User, handler: BusinessAccount, search: SavedSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_notices, "LINES", 1)
    for number in range(3):
        registered(handler, f"資安{number}", at(TUESDAY, 12))
    (row,) = told(at(WEDNESDAY), watch_notices.FOUND)
    assert "另有 2 場" in row.body and len(row.refs) == 3


def test_a_batch_costs_the_same_for_one_person_and_for_many(
    handler: BusinessAccount,
) -> None:
    registered(handler, "資安", at(TUESDAY, 12))
    counts = []
    for people in (1, 5):
        for _ in range(people):
            row = saved_searches.save(by=teacher(make_user()), name="a", query="q=資安")
            watches.watch_search(by=teacher(row.owner), search=row, is_on=True)
        with time_machine.travel(at(WEDNESDAY), tick=False):
            with CaptureQueriesContext(connection) as seen:
                assert watch_notices.found_batch(WEDNESDAY, 0).notices
            counts.append(len(seen))
        SavedSearch.objects.update(told_until=None)
    assert counts[0] == counts[1]


def test_openings_cost_the_same_for_one_course_with_a_second_handler_and_for_many(
    me: User, handler: BusinessAccount
) -> None:
    counts = []
    for courses in (1, 4):
        for _ in range(courses):
            course = soon(handler)
            course.co_handler = make_account(unit=handler.unit)
            course.save(update_fields=["co_handler"])
            watches.watch_course(by=teacher(me), course=course)
        with time_machine.travel(at(WEDNESDAY), tick=False):
            with CaptureQueriesContext(connection) as seen:
                assert len(watch_notices.open_batch(WEDNESDAY, 0).notices) == courses
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_pages_offer_it_and_take_it_back(me: User, handler: BusinessAccount) -> None:
    course, client = soon(handler), Client()
    client.force_login(me)
    page, watch = f"/catalogue/{course.code}/", f"/catalogue/{course.code}/watch/"
    assert "開放報名時通知我" not in Client().get(page).content.decode()
    assert "開放報名時通知我" in client.get(page).content.decode()
    assert "開放報名時會通知您" in client.post(watch, follow=True).content.decode()
    assert course.title in client.get("/watches/").content.decode()
    client.post(watch, {"stop": "1", "next": "/watches/"})
    assert not EnrolmentWatch.objects.exists()
    assert (
        "報名已開放"
        in client.post(f"/catalogue/{make_course(handler).code}/watch/", follow=True).content.decode()
    )
    row = saved_searches.save(by=teacher(me), name="a", query="")
    path = f"/catalogue/searches/{row.pk}/watch/"
    assert "有新研習時會通知您" in client.post(path, follow=True).content.decode()
    assert "不再通知「a」" in client.post(path, {"stop": "1"}, follow=True).content.decode()
    other = saved_searches.save(by=teacher(make_user()), name="a", query="")
    assert client.post(f"/catalogue/searches/{other.pk}/watch/").status_code == 404
