"""A teacher reports a missed sign; the organiser decides, and the closing sheet shows what is open."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from courses.actions import helpers
from courses.enums import Participation
from courses.errors import NotTheHandler, WrongState
from courses.models import Course
from courses.queries.hour_steps import hour_step
from hours.actions import attendance, missed_signs
from hours.actions.attendance import HandSign
from hours.errors import NothingMissed, ReportDecided, ReportOpen
from hours.forms import closing as sheets
from hours.models import Attendance, ClosingDraft, MissedSign
from kit import clock
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
TEXT = "手機沒電，座位在第二排。"


@pytest.fixture
def course() -> Course:
    """A course of yesterday; one person signed in and out."""
    made = make_course(ago=1)
    row = make_enrolment(made, make_user("有簽"))
    session = made.sessions.select_related("course").get()
    signs = [HandSign(row.user_id, kind) for kind in ("in", "out")]
    attendance.sign_by_hand(session=session, by=acting(made.handler), signs=signs)
    return made


def report(course: Course, person: object, text: str = TEXT) -> MissedSign:
    session = course.sessions.select_related("course").get()
    return missed_signs.report(session=session, by=teacher(person), text=text)  # type: ignore[arg-type]  # a person


def test_a_report_reaches_the_organiser_and_the_sheet(course: Course, client: Client) -> None:
    row = make_enrolment(course, make_user("沒簽"))
    client.force_login(row.user)
    page = client.get(reverse("hours:sign"))
    [gap] = page.context["gaps"]
    sent = client.post(reverse("hours:sign"), {"act": "report", "session": gap.pk, "text": TEXT}, follow=True)
    assert not sent.context["gaps"] and TEXT in sent.content.decode()
    shown = {r.name: r.evidence for r in sheets.fresh(course, hour_step(course)).everybody}
    assert shown["有簽"] == () and TEXT in shown["沒簽"][-1]
    client.force_login(course.handler.user)
    listed = client.get(reverse("hours:attendance", args=[course.code]))
    assert TEXT in listed.content.decode()
    made = MissedSign.objects.get()
    client.post(reverse("hours:attendance", args=[course.code]), {"accept": made.pk})
    assert Attendance.objects.valid().filter(user=row.user).count() == 2
    assert [r.evidence for r in sheets.fresh(course, hour_step(course)).everybody] == [(), ()]
    assert AuditEvent.objects.filter(action="missed_sign.decide").count() == 1


def test_what_is_not_missed_is_refused(course: Course) -> None:
    row, signed = make_enrolment(course), course.enrolments.get(user__name="有簽")
    for person, text in ((make_user(), TEXT), (signed.user, TEXT), (row.user, "  ")):
        with pytest.raises(NothingMissed):
            report(course, person, text)
    ahead = make_course()
    with pytest.raises(NothingMissed):
        report(ahead, make_enrolment(ahead).user)
    report(course, row.user)
    with pytest.raises(ReportOpen):
        report(course, row.user)


def test_a_report_is_decided_once_by_those_in_charge(course: Course) -> None:
    row = make_enrolment(course)
    made = report(course, row.user)
    with pytest.raises(NotTheHandler):
        missed_signs.decide(report=made, by=acting(make_account(course.unit)), accept=True)
    missed_signs.decide(report=made, by=acting(course.handler), accept=False)
    with pytest.raises(ReportDecided):
        missed_signs.decide(report=made, by=acting(course.handler), accept=True)
    assert not Attendance.objects.filter(user=row.user).exists() and report(course, row.user)


def test_closing_ends_what_is_open(course: Course) -> None:
    made = report(course, make_enrolment(course).user)
    close(course)
    made.refresh_from_db()
    assert made.state == "closed" and made.decided_by == course.handler.user
    with pytest.raises(WrongState):
        missed_signs.decide(report=made, by=acting(course.handler), accept=True)
    with pytest.raises(WrongState):
        report(course, make_user())


def test_a_lecturer_who_is_named_reports_and_is_shown_on_the_sheet(course: Course, client: Client) -> None:
    [named] = helpers.name(
        course=course, by=acting(course.handler), people=[make_user("講師").pk], part=Participation.LECTURER
    )
    client.force_login(named.user)
    [gap] = client.get(reverse("hours:sign")).context["gaps"]
    client.post(reverse("hours:sign"), {"act": "report", "session": gap.pk, "text": TEXT})
    page = sheets.fresh(course, hour_step(course))
    draft = ClosingDraft(course=course, saved_at=clock.now(), **page.sheet.as_json())
    again = sheets.restored(course, hour_step(course), draft)
    for one in (page, again):
        assert [(row.name, TEXT in row.evidence[-1]) for row in one.helpers] == [("講師", True)]
        assert "講師" in [row.name for row in one.questions]
    client.force_login(course.handler.user)
    client.post(reverse("hours:attendance", args=[course.code]), {"accept": MissedSign.objects.get().pk})
    assert Attendance.objects.valid().filter(user=named.user).count() == 2
    with pytest.raises(NothingMissed):
        report(course, make_user())


def test_the_report_of_another_course_is_not_decided_here(course: Course, client: Client) -> None:
    other = make_course(ago=1)
    made = report(other, make_enrolment(other).user)
    client.force_login(course.handler.user)
    page = client.post(reverse("hours:attendance", args=[course.code]), {"accept": made.pk}, follow=True)
    made.refresh_from_db()
    assert ReportDecided().message in page.content.decode() and made.decided_at is None
