"""Calendars at secret addresses, and the public feeds of the catalogue: who reads what, until when, how often."""

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar

from accounts.actions.identities import Was
from accounts.change_signals import access_ended, identity_changed
from accounts.models import BusinessAccount, User
from audit.models import AuditEvent
from courses.actions import feeds, saved_searches
from courses.enums import CourseState, EnrolmentState
from courses.errors import OnlyUnitCalendar
from courses.models import Course, FeedAddress
from courses.queries import feeds as found
from courses.views import feed_response
from kit import clock
from kit.digests import digest_of
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
PAGE, RSS, ATOM, ICS = "/calendars/", "/catalogue/feed.rss", "/catalogue/feed.atom", "/catalogue/feed.ics"
ATOM_NAME = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def path_of(secret: str) -> str:
    return f"{PAGE}{secret}.ics"


def events(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def test_the_address_is_shown_once_and_read_without_a_log_in() -> None:
    me, course = make_user(), make_course(title="資安研習")
    make_enrolment(course, me, state=EnrolmentState.ADMITTED)
    waiting = make_enrolment(make_course(title="閱讀"), me, state=EnrolmentState.WAITLISTED)
    make_enrolment(make_course(title="取消的"), me, state=EnrolmentState.CANCELLED)
    make_enrolment(make_course(title="別人的"), make_user())
    page = browser(me).post(PAGE, {"of": "person"})
    secret = page.context["new_address"].rpartition("/")[2].removesuffix(".ics")
    assert secret not in browser(me).get(PAGE).content.decode()
    assert FeedAddress.objects.get().digest == digest_of(secret)
    response = Client().get(path_of(secret))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="courses.ics"'
    assert "private" in response["Cache-Control"] and response["X-Robots-Tag"] == "noindex"
    by_title = {str(event["summary"]): event for event in events(response.content)}
    assert set(by_title) == {"資安研習", "閱讀 (備取)"}
    sure = by_title["資安研習"]
    assert sure["uid"].startswith(f"course-{course.pk}-1@") and str(sure["status"]) == "CONFIRMED"
    assert str(by_title["閱讀 (備取)"]["status"]) == "TENTATIVE" and waiting.pk
    assert FeedAddress.objects.get().read_at


def test_a_program_that_has_the_calendar_gets_304_until_it_changes() -> None:
    me, course = make_user(), make_course()
    make_enrolment(course, me)
    path = path_of(feeds.make(by=teacher(me), of_unit=False)[1])
    first = Client().get(path)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    Course.objects.update(title="新名稱", version=2)
    changed = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and events(changed.content)[0]["sequence"] == 2


def test_renewing_and_ending_stop_the_former_address() -> None:
    me = make_user()
    former = feeds.make(by=teacher(me), of_unit=False)[1]
    row, secret = feeds.make(by=teacher(me), of_unit=False)
    assert FeedAddress.objects.count() == 1
    assert Client().get(path_of(former)).status_code == 404
    assert Client().get(path_of(secret)).status_code == 200
    assert browser(make_user()).post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert not feeds.end(by=teacher(make_user()), pk=row.pk)
    browser(me).post(f"{PAGE}{row.pk}/end/")
    assert Client().get(path_of(secret)).status_code == 404
    acts = AuditEvent.objects.filter(action__startswith="feed.").order_by("pk")
    assert list(acts.values_list("action", flat=True)) == ["feed.make", "feed.renew", "feed.end"]
    assert secret not in str(list(acts.values()))


@pytest.fixture
def handler() -> BusinessAccount:
    return make_account()


def test_a_unit_s_calendar_has_its_deadlines_and_ends_with_the_account(handler: BusinessAccount) -> None:
    day = clock.today() + timedelta(days=14)
    make_course(handler, day=day, title="性平", enrol_until=day - timedelta(days=3))
    make_course(title="他校的")
    path = path_of(feeds.make(by=acting(handler), of_unit=True)[1])
    rows = events(Client().get(path).content)
    days = {str(row["summary"]): row.decoded("dtstart") for row in rows}
    assert set(days) == {"性平", "核發時數截止：性平", "報名截止：性平"}
    assert days["報名截止：性平"] == day - timedelta(days=3)
    assert type(days["核發時數截止：性平"]) is date
    BusinessAccount.objects.filter(pk=handler.pk).update(ended_at=clock.now())
    assert Client().get(path).status_code == 404


def test_nobody_without_a_unit_hat_gets_a_unit_s_calendar(handler: BusinessAccount) -> None:
    with pytest.raises(OnlyUnitCalendar):
        feeds.make(by=teacher(handler.user), of_unit=True)
    by = acting(handler)
    BusinessAccount.objects.filter(pk=handler.pk).update(suspended_at=clock.now())
    with pytest.raises(OnlyUnitCalendar):
        feeds.make(by=by, of_unit=True)
    page = browser(make_user()).post(PAGE, {"of": "unit"}, follow=True)
    assert "只有單位的承辦人與主管" in page.content.decode() and not FeedAddress.objects.exists()


def test_who_may_no_longer_log_in_has_no_calendar() -> None:
    me = make_user()
    path = path_of(feeds.make(by=teacher(me), of_unit=False)[1])
    User.objects.filter(pk=me.pk).update(is_active=False)
    assert Client().get(path).status_code == 404
    access_ended.send(sender=User, person=me, why="retired")
    assert not FeedAddress.objects.exists()
    feeds.make(by=teacher(me), of_unit=False)
    former = Was.of(me)
    me.email = "new@x.edu.tw"
    identity_changed.send(sender=User, changed=[former])
    assert not FeedAddress.objects.exists()


def test_reads_are_limited_and_say_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(feeds.make(by=teacher(make_user()), of_unit=False)[1])
    monkeypatch.setattr("courses.views.feeds.MOST_OWN", 2)
    monkeypatch.setattr("courses.views.feeds.MOST_UNKNOWN", 2)
    monkeypatch.setattr("courses.views.public_feeds.MOST_PUBLIC", 2)
    for address, usual in ((path, 200), (path_of("unknown"), 404), (RSS, 200)):
        seen = [Client().get(address) for _ in range(3)]
        assert [response.status_code for response in seen] == [usual, usual, 429]
        assert int(seen[2]["Retry-After"]) > 0 and "過於頻繁" in seen[2].content.decode()
    assert feed_response.MOST_OWN > 2


def test_the_public_feeds_have_what_the_search_finds_and_no_person(handler: BusinessAccount) -> None:
    fields = {"contact_name": "王聯絡", "contact_phone": "08-1234567", "contact_mail": "w@x.edu.tw"}
    course = make_course(handler, title="資安 <研習> & 實作", **fields)
    make_enrolment(course, make_user(name="陳學員"))
    make_course(title="閱讀")
    make_course(title="資安 過去的", ago=10)
    withdrawn = make_course(title="資安 撤回的")
    Course.objects.filter(pk=withdrawn.pk).update(
        state=CourseState.WITHDRAWN,
        withdrawn_at=clock.now(),
        withdrawn_by=handler.user,
        withdrawal_reason="other",
    )
    query = {"q": "資安", "past": "1", "evil": "1"}
    rss, atom, ics = (Client().get(path, query) for path in (RSS, ATOM, ICS))
    items = ElementTree.fromstring(rss.content).findall("channel/item")
    assert [item.findtext("title") for item in items] == [course.title]
    assert items[0].findtext("link") == f"http://testserver/catalogue/{course.code}/"
    assert f'href="http://testserver{RSS}?q=%E8%B3%87%E5%AE%89&amp;past=1" rel="self"' in rss.content.decode()
    entries = ElementTree.fromstring(atom.content).findall(f"{ATOM_NAME}entry")
    assert [entry.findtext(f"{ATOM_NAME}title") for entry in entries] == [course.title]
    assert [str(event["summary"]) for event in events(ics.content)] == [course.title]
    assert rss["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert atom["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert ics["Content-Disposition"] == 'inline; filename="catalogue.ics"'
    for response in (rss, atom, ics):
        assert "public" in response["Cache-Control"]
        text = response.content.decode()
        assert not any(
            word in text for word in ("王聯絡", "08-1234567", "w@x", "陳學員", handler.user.name, "evil")
        )
        same = Client().get(
            response.wsgi_request.get_full_path(), headers={"If-None-Match": response["ETag"]}
        )
        assert same.status_code == 304


def test_a_feed_of_a_search_that_is_none_says_so() -> None:
    assert Client().get(RSS, {"county": "nowhere"}).status_code == 400
    assert Client().post(RSS).status_code == 405


def test_the_feeds_are_bounded_and_cost_the_same_however_long(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for number in range(4):
        make_course(title=f"資安 {number}")
    monkeypatch.setattr(found, "MOST_NEWS", 3)
    monkeypatch.setattr(found, "MOST_FOUND", 3)
    items = ElementTree.fromstring(Client().get(RSS).content).findall("channel/item")
    assert [item.findtext("title") for item in items] == ["資安 3", "資安 2", "資安 1"]
    assert len(events(Client().get(ICS).content)) == 3
    for most in (1, 3):
        monkeypatch.setattr(found, "MOST_FOUND", most)
        with django_assert_num_queries(2):
            assert len(found.next_of(Course.objects.all())) == most


def test_a_reader_finds_the_feeds_of_the_catalogue_and_of_the_own_searches() -> None:
    make_course(title="資安")
    page = Client().get("/catalogue/", {"q": "資安", "page": "1"}).content.decode()
    assert 'type="application/rss+xml"' in page and f'href="{RSS}?q=%E8%B3%87%E5%AE%89"' in page
    me = make_user()
    saved_searches.save(by=teacher(me), name="週末", query="time=weekend")
    assert f'href="{ICS}?time=weekend"' in browser(me).get(PAGE).content.decode()
