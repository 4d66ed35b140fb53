"""講師 and 工作人員 who are named before the course is closed: they take no place, and sheets, lists and notices know them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import guests, merging
from accounts.actions.guests import GuestFacts
from accounts.models import User
from audit.models import AuditEvent, AuditSubject
from checks.invariants import RULES
from courses.actions import admissions, enrolments, helpers, participants, same_day_enrolment, withdrawal
from courses.enums import EnrolmentState as S
from courses.enums import Participation as P
from courses.errors import NotTheHandler, WrongState
from courses.errors.participants import (
    HelperAdded,
    HelperEnrolled,
    HelperGone,
    NamedAsHelper,
    NobodyChosen,
    NotAHelper,
)
from courses.models import Course, CourseHelper, Enrolment, Session
from courses.presenters.sign_in_sheets import sign_in_sheets
from courses.queries.enrolment_facts import enrolment_facts, enrolment_facts_by_queryset
from courses.queries.helpers import helpers_of
from courses.queries.sign_in_sheets import SheetChoices
from hours.actions import attendance, drafts
from hours.actions.closing import close_course
from hours.forms import closing as sheets
from hours.models import HourCredit, Sheet
from hours.queries.own_attendance import open_sessions
from hours.queries.session_list import Counts, counts_of, session_list
from hours.queries.sign_codes import own_code_of
from kit import clock
from notices.models import Notice
from tests.courses.test_changes import change
from tests.courses.test_suspensions import announced, held
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_operator,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
STEP = Decimal("0.5")


def named(course: Course, *people: User, part: str = P.LECTURER) -> list[CourseHelper]:
    chosen = [person.pk for person in people]
    return helpers.name(course=course, by=acting(course.handler), people=chosen, part=part)


def told(kind: str, person: User) -> str:
    """The text of the person's latest notice of a kind."""
    return Notice.objects.filter(kind=kind, recipient=person).latest("pk").body


def test_naming_takes_no_place_notifies_once_and_changes_the_kind() -> None:
    course, person, other = make_course(capacity=1), make_user(), make_user()
    assert len(named(course, person, other)) == 2
    assert not named(course, person)
    named(course, person, part=P.STAFF)
    course.refresh_from_db()
    assert course.seats_taken == 0 and not Enrolment.objects.exists()
    assert [(row.user, row.participation) for row in helpers_of(course)] == [
        (other, "lecturer"),
        (person, "staff"),
    ]
    assert Notice.objects.filter(kind="helper_named", recipient=person).count() == 2
    assert "列為" in told("helper_named", person) and "工作人員" in told("helper_named", person)
    event = AuditEvent.objects.filter(action="helper.named").first()
    assert event and event.after == {"people": 2, "participation": "lecturer"}


def test_who_may_be_named_and_by_whom() -> None:
    course = make_course()
    row, person = make_enrolment(course, state=S.WAITLISTED), make_user()
    with pytest.raises(HelperEnrolled, match=row.user.name):
        named(course, person, row.user)
    with pytest.raises(NotAHelper):
        named(course, person, part=P.PARTICIPANT)
    with pytest.raises(NobodyChosen):
        named(course, make_user(is_active=False))
    with pytest.raises(NotTheHandler):
        helpers.name(course=course, by=acting(make_account(course.unit)), people=[person.pk], part=P.STAFF)
    with pytest.raises(WrongState):
        named(make_course(state="draft"), person)
    with pytest.raises(HelperGone):
        helpers.take_off(course=course, by=acting(course.handler), person=person.pk)
    assert not CourseHelper.objects.exists()
    named(course, person)
    with pytest.raises(NotTheHandler):
        helpers.take_off(course=course, by=acting(make_account(course.unit)), person=person.pk)
    helpers.take_off(course=course, by=acting(course.handler), person=person.pk)
    assert not CourseHelper.objects.exists() and "移除" in told("helper_named", person)
    assert AuditEvent.objects.filter(action="helper.taken_off").count() == 1


def test_who_is_named_does_not_enrol_by_any_way() -> None:
    course, person, second = make_course(), make_user(), make_user()
    named(course, second)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    facts = (course.code, person.pk, clock.today())
    found = enrolment_facts(*facts)
    assert found and found.is_helper and found == enrolment_facts_by_queryset(*facts)
    with pytest.raises(NamedAsHelper, match="講師"):
        enrolments.enrol(code=course.code, by=teacher(person))
    with pytest.raises(NamedAsHelper):
        same_day_enrolment.enrol_on_the_spot(course=course, by=teacher(person))
    with pytest.raises(HelperAdded):
        participants.add(course=course, by=acting(course.handler), people=[person.pk])
    assert [row.user for row in helpers_of(course)] == [person]
    helpers.take_off(course=course, by=acting(course.handler), person=person.pk)
    assert enrolments.enrol(code=course.code, by=teacher(person)).state == S.ADMITTED


def test_both_records_of_a_person_change_their_kind() -> None:
    course, person, second = make_course(), make_user(), make_user()
    named(course, person)
    named(course, second)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    assert len(named(course, person, part=P.STAFF)) == 1
    assert [(row.user, row.participation) for row in helpers_of(course)] == [(person, "staff")]
    assert not named(course, person, part=P.STAFF), "nothing is left to change"


def test_who_was_declined_and_is_named_is_not_admitted() -> None:
    """The refusal to name a person who is enrolled says: decline first."""
    course, second = make_course(), make_user()
    row = make_enrolment(course, state=S.DECLINED)
    named(course, second)
    merging.merge(person=row.user, second=second, by=acting(make_operator()), reason="同一人")
    decision: dict[str, Any] = {"course": course, "by": acting(course.handler), "enrolment_ids": [row.pk]}
    with pytest.raises(HelperAdded, match=row.user.name):
        admissions.admit(**decision)
    helpers.take_off(course=course, by=acting(course.handler), person=row.user_id)
    assert [done.pk for done in admissions.admit(**decision)] == [row.pk]


def test_the_page_names_colleagues_and_people_from_outside_and_takes_them_off(client: Client) -> None:
    course = make_course()
    colleague, *_twins = (make_user(name, course.unit) for name in ("高組長", "同名", "同名"))
    url = reverse("courses:helpers", args=[course.code])
    client.force_login(course.handler.user)
    assert "尚未列入任何人" in client.get(url).content.decode()
    form = {"participation": "lecturer", "lines": "高組長", "guest_name": "林外聘", "guest_unit": "某某大學"}
    assert "請先勾選" in client.post(url, form | {"lines": "", "guest_name": ""}).content.decode()
    for lines, words in (("查無此人", "查無"), ("同名", "本單位有多位"), ("A123456789", "A12345****")):
        wrong = client.post(url, form | {"lines": lines}).content.decode()
        assert words in wrong and "A123456789" not in wrong and not CourseHelper.objects.exists()
    assert "請填寫" in client.post(url, form | {"guest_unit": ""}).content.decode()
    enrolled = make_enrolment(course).user
    assert "已報名" in client.post(url, form | {"lines": enrolled.email}).content.decode()
    assert not User.objects.filter(name="林外聘").exists(), "all or none"
    page = client.post(url, form, follow=True).content.decode()
    assert "高組長" in page and "某某大學" in page and "已列入 2 人" in page
    assert client.post(url, form | {"lines": "", "guest_name": ""}).status_code == 200
    page = client.post(url, {"take_off": colleague.pk}, follow=True).content.decode()
    assert "已自名單移除" in page and [row.user.name for row in helpers_of(course)] == ["林外聘"]
    assert "已不在" in client.post(url, {"take_off": "x"}, follow=True).content.decode()
    client.force_login(make_account(course.unit).user)
    page = client.get(url).content.decode()
    outside = {"participation": "staff", "guest_name": "曾外聘", "guest_unit": "某某大學"}
    assert (
        NotTheHandler(handler=course.handler.user.name).message in client.post(url, outside).content.decode()
    )
    assert not User.objects.filter(name="曾外聘").exists()
    assert "林外聘" in page and 'name="take_off"' not in page and 'name="lines"' not in page


def test_changes_postponements_and_withdrawals_are_told_to_them() -> None:
    course, person = held(), make_user()
    named(course, person)
    change(course, place="二樓視聽教室")
    assert "您擔任講師" in told("course_changed", person) and "二樓視聽教室" in told("course_changed", person)
    announced()
    assert "您為該課程講師或工作人員" in told("course_postponed", person)
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    assert "您的報名" not in told("course_withdrawn", person) and not CourseHelper.objects.exists()


def test_they_are_on_the_sign_in_sheet_below_the_participants() -> None:
    course = make_course()
    colleague = make_user("高組長", course.unit)
    make_enrolment(course, make_user("王老師", course.unit))
    facts = GuestFacts("林外聘", "某某大學")
    guest = guests.enter(unit=course.unit, facts=facts, by=acting(course.handler))
    named(course, guest)
    named(course, colleague, part=P.STAFF)
    [sheet] = sign_in_sheets(course, course.sessions.all(), SheetChoices(blanks=1))
    assert [row[0] for row in sheet.rows] == ["1", "2", "3", "4"]
    assert [(row[1], row[3], row[-1]) for row in sheet.rows[:3]] == [
        ("", "王老師", ""),
        ("某某大學", "林外聘", "講師"),
        ("", "高組長", "工作人員"),
    ]
    assert sheet.count == "應到 1 人　實到＿＿＿＿人　講師及工作人員 2 人"


def running() -> tuple[Course, Session]:
    course = make_course(day=clock.today())
    session = course.sessions.get()
    session.starts_at = clock.now() - timedelta(minutes=5)
    session.save()
    return course, session


def test_they_sign_in_and_are_counted_apart(client: Client) -> None:
    course, session = running()
    make_enrolment(course)
    person, second, helper = make_user(), make_user(), make_user()
    named(course, second)
    named(course, helper, part=P.STAFF)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    [own] = open_sessions(person.pk, clock.now())
    assert own.is_helper and not own.is_listed and own.offer is None
    attendance.sign(session=session, kind="in", by=Actor(person), at=clock.now())
    code = own_code_of(helper.pk, session.pk, clock.now())
    attendance.sign_by_own_code(session=session, by=acting(course.handler), code=code, kind="in")
    found = session_list(course, session)
    assert (found.expected, found.came, found.noteworthy) == (1, 0, [])
    assert [(row.person, row.part, row.came is not None) for row in found.rows[1:]] == [
        (person, "lecturer", True),
        (helper, "staff", True),
    ]
    assert counts_of(course, session) == Counts(1, 0, 0)
    client.force_login(course.handler.user)
    page = client.get(reverse("hours:attendance", args=[course.code])).content.decode()
    assert "講師" in page and "不在名單上" not in page
    client.force_login(person)
    page = client.get(reverse("hours:sign")).content.decode()
    assert "您是本課程的講師或工作人員" in page and "您不在本課程名單上" not in page


def over() -> tuple[Course, User, User]:
    """A course that is over, with a participant, its lecturer and its member of staff."""
    course, lecturer, helper = make_course(ago=2), make_user(), make_user()
    make_enrolment(course)
    named(course, lecturer)
    named(course, helper, part=P.STAFF)
    return course, lecturer, helper


def test_the_closing_sheet_is_prefilled_with_them_and_empties_the_list(client: Client) -> None:
    course, lecturer, helper = over()
    page = sheets.fresh(course, STEP)
    assert [(row.person, row.part, row.typed) for row in page.helpers] == [
        (lecturer, "lecturer", "3"),
        (helper, "staff", "3"),
    ]
    assert page.is_ready and not page.walk_ins
    close_course(course=course, by=acting(course.handler), sheet=page.sheet)
    assert HourCredit.objects.get(user=lecturer).participation == P.LECTURER
    assert not CourseHelper.objects.exists() and not any(rule() for rule in RULES.values())
    # The evidence of a closed course still has them.
    course.refresh_from_db()
    [sheet] = sign_in_sheets(course, course.sessions.all(), SheetChoices(blanks=0))
    assert {row[-1] for row in sheet.rows} >= {"講師", "工作人員"}
    # Each of them finds who looked.
    client.force_login(course.handler.user)
    url = reverse("courses:sign_in_sheets", args=[course.code])
    sent = {"as": "print", "order": "unit", "blanks": "0"}
    assert lecturer.name in client.get(url, sent).content.decode()
    seen = AuditSubject.objects.filter(event__action="read.people")
    assert {lecturer.pk, helper.pk} <= set(seen.values_list("person_id", flat=True))


def test_a_draft_gets_who_was_named_since_and_keeps_who_was_taken_off() -> None:
    course, lecturer, _helper = over()
    by, page = acting(course.handler), sheets.fresh(course, STEP)
    taken = [one for one in page.sheet.walk_ins if one.who == lecturer.pk]
    kept = Sheet("k", page.sheet.marks, taken)
    draft = drafts.save(course=course, by=by, sheet=kept, base=0, page="k")
    assert [row.person for row in sheets.restored(course, STEP, draft).helpers] == [lecturer]
    late = make_user()
    named(course, late, part=P.STAFF)
    again = sheets.restored(course, STEP, draft)
    assert [row.person for row in again.helpers] == [lecturer, late]
    assert [one.who for one in again.sheet.walk_ins] == [lecturer.pk, late.pk]


def test_who_enrolled_under_another_record_is_on_the_sheet_once() -> None:
    course, lecturer, _helper = over()
    row = make_enrolment(course)
    merging.merge(person=lecturer, second=row.user, by=acting(make_operator()), reason="同一人")
    page = sheets.fresh(course, STEP)
    assert len(page.rows) == 2 and lecturer not in [one.person for one in page.helpers]


def test_an_invariant_finds_who_is_named_for_a_closed_course() -> None:
    rule: Any = RULES["lecturers and staff are named in advance for registered courses only"]
    course = make_course(ago=2)
    close(course)
    CourseHelper.objects.create(course=course, user=make_user(), participation=P.STAFF, named_at=clock.now())
    assert rule() == 1


def test_a_helper_who_is_enrolled_by_another_record_is_one_participant() -> None:
    course, session = running()
    person, second = make_user(), make_user()
    named(course, person)
    make_enrolment(course, second)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    attendance.sign(session=session, kind="in", by=Actor(person), at=clock.now())
    [row] = session_list(course, session).rows
    assert (row.person, row.part, row.came is not None) == (second, "", True)
    assert counts_of(course, session) == Counts(1, 1, 0)
