"""Many people are put on a course's list at once: chosen, pasted or from a file; each is seen first, admitted and notified."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from courses.actions import participant_look_ups, participants
from courses.actions.participant_look_ups import LOOK_UP, MOST_A_DAY
from courses.enums import EnrolmentState as S
from courses.errors import CourseOver, NotTheHandler, OutOfBounds, WrongState
from courses.errors.participants import NobodyChosen, PlacesShort, TooManyLines, TooManyParticipantLookUps
from courses.forms import participants as participants_form
from courses.imports.participants import read_lines
from courses.models import Course
from courses.models.typed import Typed
from courses.queries.participants import Found
from kit import clock
from kit.tables import ods_bytes
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_colleagues,
    make_course,
    make_enrolment,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db


def add(course: Course, people: list[User], **more: Any) -> participants.Added:
    return participants.add(
        course=course, by=acting(course.handler), people=[person.pk for person in people], **more
    )


def look_up(course: Course, *lines: str) -> list[Any]:
    typed = read_lines("\n".join(lines))
    return participant_look_ups.look_up(course=course, by=acting(course.handler), typed=typed)


def told() -> list[int]:
    rows = Notice.objects.filter(kind="nominated").values_list("recipient_id", flat=True)
    return sorted(pk for pk in rows if pk)


def client_of(course: Course) -> Client:
    client = Client()
    client.force_login(course.handler.user)
    return client


def test_everybody_is_admitted_notified_and_on_record_once_however_often_it_is_sent() -> None:
    course = make_course()
    people = [make_user(unit=course.unit), make_user()]
    waiting = make_enrolment(course, state=S.WAITLISTED)
    cancelled = make_enrolment(course, state=S.CANCELLED)
    everybody = [*people, waiting.user, cancelled.user]
    first, again = add(course, everybody), add(course, everybody)
    assert (len(first.rows), first.already, len(again.rows), again.already) == (4, 0, 0, 4)
    course.refresh_from_db()
    assert course.seats_taken == 4 == course.enrolments.seated().filter(state=S.ADMITTED).count()
    assert told() == sorted(person.pk for person in everybody)
    events = AuditEvent.objects.filter(action="enrolment.added").order_by("id")
    assert [event.before for event in events] == [{}, {}, {"state": S.WAITLISTED}, {"state": S.CANCELLED}]
    assert course.enrolments.get(user=people[0]).unit == course.unit
    notice = Notice.objects.filter(kind="nominated").first()
    assert notice and course.handler.user.name in notice.body and "取消" in notice.body


@pytest.mark.parametrize("first", ["own", "merged"])
def test_a_place_under_a_merged_record_is_the_persons(first: str) -> None:
    """Whichever of the two enrolments is older, and on every database."""
    course, person = make_course(), make_user()
    number = make_account(user=person).number
    more: dict[str, Any] = {"closed_at": clock.now(), "closed_because": "merged", "is_active": False}
    rows = [(person, S.CANCELLED), (make_user(merged_into=person, **more), S.ADMITTED)]
    for user, state in rows if first == "own" else reversed(rows):
        make_enrolment(course, user=user, state=state)
    [match] = look_up(course, number)
    assert (match.found, match.state) == (Found.ENROLLED, S.ADMITTED)
    added = add(course, [person])
    assert (added.rows, added.already) == ([], 1)


def test_more_people_than_places_are_refused_unless_the_places_are_raised_in_the_same_act() -> None:
    course = make_course(capacity=2)
    make_enrolment(course)
    people = [make_user(), make_user(), make_user()]
    with pytest.raises(PlacesShort, match="3.*1|1.*3"):
        add(course, people)
    assert not told() and course.enrolments.count() == 1
    assert add(course, people, more_places=True).places == 4
    course.refresh_from_db()
    assert (course.capacity, course.seats_taken) == (4, 4)
    assert AuditEvent.objects.get(action="course.update").after == {"capacity": 4}
    with pytest.raises(OutOfBounds):
        Course.objects.filter(pk=course.pk).update(capacity=5000, seats_taken=5000)
        add(course, [make_user()], more_places=True)


def test_only_the_handler_adds_and_only_to_a_course_that_goes_on() -> None:
    course, person = make_course(), make_user()
    with pytest.raises(NotTheHandler):
        participants.add(course=course, by=acting(make_account(course.unit)), people=[person.pk])
    with pytest.raises(NobodyChosen):
        add(course, [])
    person.is_active = False
    person.save(update_fields=["is_active"])
    with pytest.raises(NobodyChosen):
        add(course, [person])
    with pytest.raises(CourseOver):
        add(make_course(ago=1), [make_user()])
    closed = make_course(ago=3)
    close(closed)
    with pytest.raises(WrongState):
        add(closed, [make_user()])


def test_each_line_says_what_it_means() -> None:
    course = make_course()
    one = make_user("王小明", unit=course.unit)
    for _twin in range(2):
        make_user("陳怡君", unit=course.unit)
    stranger, left = make_user("林外校", unit=make_unit()), make_user("李離職")
    enrolled = make_enrolment(course).user
    rows = look_up(
        course,
        "王 小明、陳怡君",
        "林外校",
        stranger.email,
        f"林外校 {stranger.email}",
        left.name,
        enrolled.email,
        one.email,
    )
    assert [row.found for row in rows] == [
        Found.ONE, Found.SEVERAL, Found.NOBODY, Found.ONE, Found.REPEATED, Found.NOBODY, Found.ENROLLED, Found.REPEATED,
    ]  # fmt: skip
    assert rows[0].known == {one.pk} and not rows[3].known and rows[4].known == {stranger.pk}
    assert AuditEvent.objects.filter(action=LOOK_UP, subjects__person_id=stranger.pk).count() == 1


def test_people_of_other_units_stay_masked_and_thirty_a_day_are_looked_up() -> None:
    course = make_course(capacity=100)
    stranger = make_user("歐陽外校", unit=make_unit())
    client = client_of(course)
    page = client.post(reverse("courses:participants", args=[course.code]), {"lines": stranger.email})
    assert "歐陽外校" not in page.content.decode() and "歐○○校" in page.content.decode()
    own = make_colleagues(course.unit, 40)
    look_up(course, *(person.email for person in own))
    look_up(course, *(f"nobody{n}@x.example" for n in range(MOST_A_DAY - 1)))
    with pytest.raises(TooManyParticipantLookUps):
        look_up(course, "one-more@x.example")
    assert AuditEvent.objects.filter(action=LOOK_UP).latest("id").after == {"refused": 1, "counted": 0}
    assert look_up(course, f"歐陽外校 {stranger.email}", "查無此人")[0].found == Found.ONE
    with pytest.raises(TooManyLines):
        look_up(course, *(f"n{n}@x.example" for n in range(501)))


def test_the_preview_leads_to_the_list_and_a_forged_person_does_not() -> None:
    course = make_course(capacity=1)
    colleague, other = make_user("張本校", unit=course.unit), make_user("趙本校", unit=course.unit)
    client, url = client_of(course), reverse("courses:participants", args=[course.code])
    table = ods_bytes(["姓名", "電子郵件"], [["趙本校", other.email], ["查無此人", ""]])
    page = client.post(
        url, {"staff": colleague.pk, "file": SimpleUploadedFile("people.ods", table)}
    ).content.decode()
    tokens = re.findall(r'name="person"\s+value="([^"]+)"', page)
    assert len(tokens) == 2 and "查無" in page and 'name="more_places"' in page
    assert colleague.email not in page and other.email in page, "only what the handler wrote is repeated"
    foreign = make_course(make_account())
    other_token = client_of(foreign).post(
        reverse("courses:participants", args=[foreign.code]), {"lines": make_user().email}
    )
    forged = re.findall(r'name="person"\s+value="([^"]+)"', other_token.content.decode())
    client.post(url, {"act": "add", "person": [*forged, "1:x", str(other.pk)]})
    assert not course.enrolments.exists()
    client.post(url, {"act": "add", "person": tokens})
    assert not course.enrolments.exists()
    listed = client.post(url, {"act": "add", "person": tokens, "more_places": "yes"}, follow=True)
    assert set(course.enrolments.values_list("user", flat=True)) == {colleague.pk, other.pk}
    assert "張本校" in listed.content.decode()


def test_the_people_of_an_earlier_course_come_along_and_a_bad_file_has_a_sentence() -> None:
    course = make_course()
    earlier = make_course(course.handler, ago=9)
    come = make_enrolment(earlier).user
    make_enrolment(earlier, state=S.CANCELLED)
    client, url = client_of(course), reverse("courses:participants", args=[course.code])
    page = client.post(url, {"earlier": earlier.code}).content.decode()
    assert come.name in page and page.count('name="person"') == 1 and come.email not in page
    stranger = make_course(ago=9)
    assert "is-invalid" in client.post(url, {"earlier": stranger.code}).content.decode()
    for content, said in (("部門,備註\n教務,x\n", "姓名"), ("\0\1\2", "")):
        page = client.post(url, {"file": SimpleUploadedFile("x.csv", content.encode())}).content.decode()
        assert "is-invalid" in page and said in page
    assert "is-invalid" not in client.post(url, {}).content.decode()


def test_who_cannot_come_along_from_an_earlier_course_is_a_row_with_the_reason() -> None:
    course = make_course()
    earlier = make_course(course.handler, ago=9)
    come = make_enrolment(earlier).user
    outside, closed = make_user(name="林校外"), make_user(name="陳退休")
    for person, facts in (
        (outside, {"is_guest": True}),
        (closed, {"closed_at": clock.now(), "closed_because": "retired"}),
    ):
        make_enrolment(earlier, person)
        User.objects.filter(pk=person.pk).update(is_active=False, **facts)
    client, url = client_of(course), reverse("courses:participants", args=[course.code])
    page = client.post(url, {"earlier": earlier.code}).content.decode()
    assert come.name in page and page.count('name="person"') == 1
    assert re.search(r"林校外.*?未帶入：校外人士", page, re.S)
    assert re.search(r"陳退休.*?未帶入：此人", page, re.S)


def test_an_older_course_than_the_list_has_is_named_by_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course()
    courses = [make_course(course.handler, ago=ago) for ago in (5, 6, 7)]
    people = [make_enrolment(row).user for row in courses]
    client, url = client_of(course), reverse("courses:participants", args=[course.code])
    assert 'name="older"' not in client.get(url).content.decode()
    monkeypatch.setattr(participants_form, "LISTED", 2)
    page = client.get(url).content.decode()
    assert 'name="older"' in page and courses[2].code not in page
    assert people[2].name in client.post(url, {"older": courses[2].code}).content.decode()
    assert "is-invalid" in client.post(url, {"older": make_course(ago=9).code}).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_people() -> None:
    counts = []
    for number in (2, 60):
        course = make_course(capacity=100)
        people = make_colleagues(course.unit, number)
        with CaptureQueriesContext(connection) as asked:
            look_up(course, *(person.name for person in people))
            add(course, people)
        counts.append(len(asked))
    # SQLite takes so many values in a statement: the sixty are written in one piece more.
    assert counts[1] - counts[0] <= 1


def test_pasted_lines_are_read_as_people() -> None:
    assert read_lines("王小明、李大華\n林美 lin@x.example\n\n A123456789 ") == [
        Typed("王小明"), Typed("李大華"), Typed("lin@x.example", "林美"), Typed("A123456789"),
    ]  # fmt: skip
