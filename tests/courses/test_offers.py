"""One definition of who may enrol: every door that offers an enrolment or a place agrees with the action behind it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Affiliation, BusinessAccount, Title
from courses.actions import enrolments, saved_searches, seats, watch_notices, watches
from courses.actions.audiences import QuotaData, Who
from courses.enums import EnrolmentState as S
from courses.enums import OpenTo
from courses.errors.audience import NamedUnitsOnly, OwnUnitOnly
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course, CourseNature, Enrolment, EnrolmentWatch, Session
from courses.models.typed import Typed
from courses.presenters.participants import preview
from courses.queries import facets
from courses.queries.offers import courses_with_quota_for, offer, offers
from courses.queries.participants import matches
from hours.actions import attendance
from hours.enums import SignKind
from hours.queries.own_attendance import own_sessions
from kit import clock, request_memo
from notices import timed
from notices.models import Notice
from tests.courses.test_audiences import colleague, let
from tests.factories import enrol, make_account, make_course, make_unit, make_user, teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler() -> BusinessAccount:
    return make_account()


def test_an_offer_counts_the_places_that_are_kept_for_the_reader(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=5), None, QuotaData(Who(OpenTo.OWN_UNIT), 3))
    mine, others = offer(course, colleague(course).pk), offer(course, make_user().pk)
    assert (mine.places, mine.kept, mine.elsewhere) == (5, 3, 0)
    assert (others.places, others.kept, others.elsewhere) == (2, 0, 3)
    assert offer(course, 0) == others, "a visitor is judged by nothing"
    only = let(make_course(handler), Who(OpenTo.OWN_UNIT))
    assert offer(only, 0).obstacle is None and not offer(only, make_user().pk).has_place


def test_a_course_has_places_left_for_those_for_whom_they_are_kept(
    handler: BusinessAccount, client: Client
) -> None:
    course = let(make_course(handler, capacity=2), None, QuotaData(Who(OpenTo.OWN_UNIT), 2))
    released = let(make_course(handler, capacity=2), None, QuotaData(Who(OpenTo.OWN_UNIT), 2))
    released.quotas.update(taken=2)
    Course.objects.filter(pk=released.pk).update(seats_taken=2, seats_kept=0)
    person = colleague(course)
    for reader, expected in ((person, [course.pk]), (make_user(unit=make_unit()), [])):
        found = CourseFilter({"places": "1"}, queryset=Course.objects.public(), person=reader.pk)
        assert [row.pk for row in found.qs] == expected == list(found.with_quota_for_reader)
        assert facets.count(found).by_facet["places"]["1"] == len(expected)
        assert ("person" in found.cache_key()) == bool(expected)
    assert not CourseFilter({"places": "1"}, queryset=Course.objects.public()).qs
    client.force_login(person)
    page = client.get(reverse("courses:catalogue"), {"places": "1"}).content.decode()
    assert course.title in page and released.title not in page
    stranger = make_user()
    with CaptureQueriesContext(connection) as captured:
        assert not courses_with_quota_for(stranger.pk)
    assert len(captured) == 1


def test_the_catalogue_names_the_obstacle_in_constant_queries(
    handler: BusinessAccount, client: Client
) -> None:
    whos = (
        Who(OpenTo.OWN_UNIT),
        Who(OpenTo.UNITS, units=[make_unit()]),
        Who(titles=[Title.objects.get(name="主任")]),
    )

    def two_of_each() -> None:
        for who in whos:
            let(make_course(handler), who)
            let(make_course(handler), who, QuotaData(Who(OpenTo.OWN_UNIT), 2))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert OwnUnitOnly().message in client.get(reverse("courses:catalogue")).content.decode()
        return len(captured)

    client.force_login(make_user(unit=make_unit()))
    two_of_each()
    queries()
    few = queries()
    two_of_each()
    assert queries() == few
    pairs = [
        (person, course) for person in (make_user().pk, make_user().pk) for course in Course.objects.all()
    ]
    with request_memo.remembering(), CaptureQueriesContext(connection) as captured:
        assert len(offers(pairs)) == 24
    assert len(captured) <= 7


def test_my_courses_offer_a_place_only_to_one_who_may_enrol(handler: BusinessAccount, client: Client) -> None:
    course = let(make_course(handler, capacity=1, waiting_list=True), Who(OpenTo.OWN_UNIT))
    holder, moved = colleague(course), colleague(course)
    late = clock.at_taipei(course.starts_on)  # type: ignore[arg-type]
    enrol(course, holder)
    waiting = enrol(course, moved)
    Enrolment.objects.filter(course=course, user=holder).update(decided_at=late)
    enrolments.cancel(course=course, by=teacher(holder), at=late)
    [notice] = Notice.objects.filter(kind="place_free")
    accept = reverse("courses:accept", args=[course.code])
    with time_machine.travel(late, tick=False):
        client.force_login(moved)
        assert accept in client.get(reverse("hours:me")).content.decode()
        assert client.get("/api/v1/me/enrolments/").json()["results"][0]["is_offered"] is True
        assert not seats.still_free([notice])
        Affiliation.objects.filter(user=moved).update(unit=make_unit())
        page = client.get(reverse("hours:me")).content.decode()
        assert accept not in page and OwnUnitOnly().message in page
        assert client.get("/api/v1/me/enrolments/").json()["results"][0]["is_offered"] is False
        assert seats.still_free([notice]) == {notice.pk: None}
    waiting.refresh_from_db()
    assert waiting.state == S.WAITLISTED


def test_watches_and_searches_lead_to_courses_in_which_one_may_enrol(handler: BusinessAccount) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    day = tomorrow + timedelta(days=30)
    narrow = let(make_course(handler, day=day, enrol_from=tomorrow, title="窄"), Who(OpenTo.OWN_UNIT))
    # All its places are kept: for a colleague there is one, for others none.
    kept = make_course(handler, day=day, enrol_from=tomorrow, capacity=2, title="留")
    let(kept, None, QuotaData(Who(OpenTo.OWN_UNIT), 2))
    inside, outside = colleague(narrow), make_user(unit=make_unit())
    with pytest.raises(OwnUnitOnly):
        watches.watch_course(by=teacher(outside), course=narrow)
    for person in (inside, outside):
        saved_searches.save(by=teacher(person), name="全部", query=f"unit={handler.unit.code}")
        watches.watch_search(by=teacher(person), search=person.saved_searches.get(), is_on=True)
        watches.watch_course(by=teacher(person), course=kept)
    watches.watch_course(by=teacher(inside), course=narrow)
    Course.objects.update(registered_at=clock.now() + timedelta(hours=1))
    with time_machine.travel(clock.at_taipei(tomorrow) + timedelta(hours=9), tick=False):
        timed.prepare_due()
        told = Notice.objects.filter(kind__in=[watch_notices.OPEN, watch_notices.FOUND])
        assert {(row.kind, row.recipient_id) for row in told} == {
            (watch_notices.OPEN, inside.pk),
            (watch_notices.FOUND, inside.pk),
        }
        assert told.filter(kind=watch_notices.OPEN).count() == 2
        assert EnrolmentWatch.objects.get(person=outside).told_at is None, (
            "the place may be open to all later"
        )
        found = told.get(kind=watch_notices.FOUND)
        assert watch_notices.is_still_found([found])[found.pk] is not None
        Affiliation.objects.filter(user=inside).update(unit=make_unit())
        assert watch_notices.is_still_found([found]) == {found.pk: None}
        opened = list(told.filter(kind=watch_notices.OPEN))
        assert watch_notices.is_open(opened) == {row.pk: None for row in opened}


def test_at_the_door_a_person_outside_the_audience_reads_why(
    handler: BusinessAccount, client: Client
) -> None:
    course = let(make_course(handler, ago=0, capacity=2), Who(OpenTo.OWN_UNIT))
    session = course.sessions.get()
    inside, outside = colleague(course), make_user(unit=make_unit())
    with time_machine.travel(session.starts_at, tick=False):
        for person in (inside, outside):
            attendance.sign(
                session=session, by=teacher(person), kind=SignKind.IN, at=clock.now(), phone=str(person.pk)
            )
        assert [own_sessions(person.pk, [session])[0].may_join for person in (inside, outside)] == [
            True,
            False,
        ]
        client.force_login(outside)
        page = client.get(reverse("hours:sign")).content.decode()
        assert 'value="join"' not in page and OwnUnitOnly().message in page
        course = let(Course.objects.get(pk=course.pk), None)
        Course.objects.filter(pk=course.pk).update(seats_taken=2)
        assert not own_sessions(outside.pk, [Session.objects.get()])[0].may_join
        Enrolment.objects.create(course=course, user=inside, state=S.DECLINED, enrolled_at=clock.now())
        Course.objects.filter(pk=course.pk).update(seats_taken=0)
        again = Session.objects.get()
        assert [own_sessions(person.pk, [again])[0].may_join for person in (inside, outside)] == [False, True]


def test_the_page_offers_no_watch_and_no_similar_course_that_refuses(
    handler: BusinessAccount, client: Client
) -> None:
    day = clock.today() + timedelta(days=20)
    course = let(
        make_course(handler, day=day, enrol_from=clock.today() + timedelta(days=3)),
        Who(OpenTo.UNITS, units=[make_unit()]),
    )
    other = let(make_course(handler, title="只有本校能報名"), Who(OpenTo.OWN_UNIT))
    Course.objects.update(nature=CourseNature.objects.valid().first())
    address = reverse("courses:public", args=[course.code])
    watch = reverse("courses:watch", args=[course.code])
    client.force_login(make_user(unit=make_unit()))
    page = client.get(address).content.decode()
    assert watch not in page and other.title not in page
    assert NamedUnitsOnly().message in client.post(watch, follow=True).content.decode()
    client.force_login(colleague(course))
    page = client.get(address).content.decode()
    assert watch in page and other.title in page


def test_the_preview_of_participants_counts_places_kept_for_them(handler: BusinessAccount) -> None:
    course = let(make_course(handler, capacity=2), None, QuotaData(Who(OpenTo.OWN_UNIT), 2))
    mine = colleague(course)
    found = matches(course, [Typed(mine.email, mine.name, chosen=True)])
    assert preview(course, found).short == 0
    stranger = make_user(unit=make_unit())
    found = matches(course, [Typed(stranger.email, stranger.name)])
    assert preview(course, found).short == 1


def test_the_page_reads_conditions_and_places_of_service_once(
    handler: BusinessAccount, client: Client
) -> None:
    course = let(
        make_course(handler), Who(OpenTo.UNITS, units=[make_unit()]), QuotaData(Who(OpenTo.OWN_UNIT), 2)
    )
    client.force_login(make_user(unit=make_unit()))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("courses:public", args=[course.code]))
    sql = [query["sql"] for query in captured]
    for table in ("courses_quota", "courses_audiencetarget"):
        assert sum(f'FROM "{table}"' in one for one in sql) == 1, table
    assert sum('FROM "accounts_affiliation"' in one and '"title"' in one for one in sql) == 1
