"""What the catalogue and the page of a course keep: correct after each change, for each reader and language."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from courses.actions import withdrawal
from courses.actions.audiences import QuotaData, Who
from courses.enums import EnrolmentState as S
from courses.enums import OpenTo
from courses.models import Course, Enrolment, Instructor, Stage, Tag, YearlyPolicy
from courses.queries import references
from kit import clock
from tests.courses.test_audiences import let
from tests.factories import acting, make_account, make_course, make_enrolment, make_unit, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/catalogue/"


def text_of(client: Client, path: str, language: str = "zh-hant") -> str:
    """Return the page without the tokens of its forms, which are others each time."""
    page = client.get(path, headers={"accept-language": language}).content.decode()
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page)


def page_of(course: Course) -> str:
    return reverse("courses:public", args=[course.code])


def statements(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return [query["sql"] for query in captured.captured_queries]


def test_a_visitor_who_opens_the_catalogue_again_costs_no_statement(client: Client) -> None:
    make_course()
    client.get(PAGE)
    assert not statements(client, PAGE)


def _withdraw(course: Course) -> None:
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="registered_twice")


CHANGES: list[tuple[str, Callable[[Course], object]]] = [
    ("title", lambda c: Course.objects.filter(pk=c.pk).update(title="改過的名稱")),
    ("place left", lambda c: Course.objects.filter(pk=c.pk).update(capacity=7)),
    ("withdrawn", _withdraw),
    ("unit", lambda c: type(c.unit).objects.filter(pk=c.unit_id).update(name="改名國小")),
    ("tag", lambda c: c.tags.add(Tag.objects.get_or_create(code="zz", name="新標籤")[0])),
    ("waiting", lambda c: make_enrolment(c, state=S.WAITLISTED)),
    ("another course", lambda c: make_course(c.handler, title="另一門課")),
]


@pytest.mark.parametrize(("change"), [row[1] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_the_catalogue_follows_a_change_at_once(client: Client, change: Callable[[Course], object]) -> None:
    course = make_course(capacity=1, seats_taken=1, title="原來的名稱")
    before = text_of(client, PAGE)
    assert text_of(client, PAGE) == before
    change(course)
    references.forget()
    after = text_of(client, PAGE)
    assert after != before
    # The same as a page of which nothing was kept.
    cache.clear()
    assert text_of(client, PAGE) == after


def test_the_catalogue_is_kept_by_language_and_choice(client: Client) -> None:
    make_course(title="獨特名稱", mode="online")
    chinese, english = text_of(client, PAGE), text_of(client, PAGE, "en")
    assert "個名額" in chinese and "個名額" not in english
    assert "places left" in english or "place left" in english
    assert text_of(client, PAGE) == chinese
    assert "獨特名稱" not in text_of(client, PAGE + "?mode=onsite")


def test_each_reader_sees_the_own_enrolment_and_a_visitor_none(client: Client) -> None:
    course = make_course()
    mine, other = make_user(), make_user()
    make_enrolment(course, mine)
    text_of(client, PAGE)
    for person, sees in ((mine, True), (other, False), (mine, True)):
        reader = Client()
        reader.force_login(person)
        assert ('class="mine"' in text_of(reader, PAGE)) is sees
    assert 'class="mine"' not in text_of(client, PAGE)


def test_a_person_who_opens_the_catalogue_again_reads_the_own_enrolments_only(client: Client) -> None:
    for _ in range(3):
        make_course()
    client.force_login(make_user())
    client.get(PAGE)
    again = statements(client, PAGE)
    assert not [sql for sql in again if 'FROM "courses_course"' in sql]
    assert len([sql for sql in again if 'FROM "courses_enrolment"' in sql]) == 1


def test_the_cards_of_each_reader_follow_what_changes_for_the_reader(client: Client) -> None:
    unit = make_unit()
    course, open_one = make_course(make_account(unit), capacity=3), make_course(title="人人可報")
    colleague, stranger = make_user(unit=unit), make_user(unit=make_unit())

    def card(person: User | None) -> str:
        reader = Client()
        if person:
            reader.force_login(person)
        text = text_of(reader, PAGE)
        assert open_one.title in text
        return next(part for part in text.split('<li class="course">') if course.title in part)

    alike = card(None)
    assert card(colleague) == alike == card(stranger)
    mine = make_enrolment(course, stranger, state=S.WAITLISTED)
    assert "您的報名：備取" in card(stranger) and 'class="mine"' not in card(colleague)
    Enrolment.objects.filter(pk=mine.pk).update(state=S.CANCELLED)
    assert 'class="mine"' not in card(stranger)
    let(course, Who(OpenTo.OWN_UNIT))
    restricted = card(None)
    assert restricted != alike
    assert card(colleague) == restricted != card(stranger)
    let(course, None, QuotaData(Who(OpenTo.OWN_UNIT), 2))
    assert card(colleague) not in (card(stranger), restricted)


def test_what_may_be_enrolled_in_depends_on_the_reader(client: Client) -> None:
    """A similar course that is open to its own unit is shown to those who serve there."""
    unit, elsewhere = make_unit(), make_unit()
    handler = make_account(unit)
    day = clock.today() + timedelta(days=9)
    course, alike = make_course(handler, day=day), make_course(handler, day=day, title="限本校的課")
    tag = Tag.objects.get_or_create(code="zz", name="同一標籤")[0]
    for row in (course, alike):
        row.tags.add(tag)
    Course.objects.filter(pk=alike.pk).update(open_to=OpenTo.OWN_UNIT)
    for home, sees in ((elsewhere, False), (unit, True), (elsewhere, False)):
        reader = Client()
        reader.force_login(make_user(unit=home))
        assert ("限本校的課" in text_of(reader, page_of(course))) is sees


def test_the_page_of_a_course_follows_a_change_of_its_parts_at_once(client: Client) -> None:
    course = make_course(title="原來的課")
    stage = Stage.objects.get_or_create(code="zz", defaults={"name": "某階段"})[0]
    tag = Tag.objects.get_or_create(code="zz", name="關於甲")[0]
    path = page_of(course)
    changes: list[tuple[str, Callable[[], object]]] = [
        ("王講師", lambda: Instructor.objects.create(course=course, name="王講師")),
        ("李講師", lambda: Instructor.objects.filter(course=course).update(name="李講師")),
        ("某階段", lambda: course.stages.add(stage)),
        ("關於甲", lambda: course.tags.add(tag)),
        ("關於乙", lambda: Tag.objects.filter(pk=tag.pk).update(name="關於乙")),
        ("同類的課", lambda: make_course(course.handler, title="同類的課").tags.add(tag)),
    ]
    for word, change in changes:
        assert word not in text_of(client, path), word
        change()
        assert word in text_of(client, path), word
    _withdraw(Course.objects.get(title="同類的課"))
    assert "同類的課" not in text_of(client, path)
    _withdraw(course)
    assert "王講師" not in text_of(client, path)


def test_places_on_the_page_of_a_course_are_those_of_now(client: Client) -> None:
    course = make_course(capacity=2)
    text_of(client, page_of(course))
    Enrolment.objects.all().delete()
    Course.objects.filter(pk=course.pk).update(seats_taken=2)
    assert "額滿" in text_of(client, page_of(course))


def test_a_new_policy_counts_at_once() -> None:
    year = clock.this_year()
    assert YearlyPolicy.objects.in_force(year).unit_red_at == 5
    YearlyPolicy.objects.create(year=year, unit_red_at=7)
    assert YearlyPolicy.objects.in_force(year).unit_red_at == 7
    YearlyPolicy.objects.filter(year=year).update(unit_red_at=8)
    assert YearlyPolicy.objects.in_force(year).unit_red_at == 8
