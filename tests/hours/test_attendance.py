"""簽到簽退 by the organiser's hand, the live list, and the closing sheet that is filled from it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent, AuditSubject
from courses.actions import registration
from courses.errors import NotTheHandler, SessionsAttended, WrongState
from courses.models import Course, Enrolment, Session
from courses.queries.hour_steps import hour_step
from hours.actions import attendance
from hours.actions.attendance import HandSign
from hours.enums import SignWay
from hours.errors import (
    CodeRefused,
    NobodyToSign,
    NotAtThisTime,
    NotOnTheList,
    OwnCodeUnknown,
    SessionPostponed,
    SessionRemoved,
    SignGone,
    SignsUnreadable,
)
from hours.forms import closing as sheets
from hours.models import Attendance
from hours.queries.sign_codes import own_code_of
from hours.views.attendance import MOST_OFFLINE
from kit import clock
from tests.concurrency.acts import as_data
from tests.courses.test_suspensions import announced
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def course() -> Iterator[Course]:
    """A course of today, 13:30–16:30, at 13:25."""
    with at("13:25"):
        yield make_course(day=clock.today())


def at(text: str) -> Any:
    day = clock.today()
    return time_machine.travel(datetime.fromisoformat(f"{day}T{text}:00+08:00"), tick=False)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{clock.today()}T{text}:00+08:00")


def session_of(course: Course) -> Session:
    return course.sessions.select_related("course").get()


def by_hand(course: Course, *signs: HandSign) -> list[Attendance]:
    return attendance.sign_by_hand(session=session_of(course), by=acting(course.handler), signs=signs)


def put(course: Course, person: int, kind: str, when: str) -> Attendance:
    return Attendance.objects.create(
        session=session_of(course), user_id=person, kind=kind, at=moment(when), way="hand", recorded_at=moment(when),
        recorded_by_id=person,
    )  # fmt: skip


def test_a_sign_by_hand_is_written_once_with_its_record(course: Course) -> None:
    row = make_enrolment(course)
    [sign] = by_hand(course, HandSign(row.user_id, "in"), HandSign(row.user_id, "in"))
    assert (sign.at, sign.way, sign.recorded_by) == (clock.now(), SignWay.HAND, course.handler.user)
    assert by_hand(course, HandSign(row.user_id, "in")) == [] and Attendance.objects.count() == 1
    event = AuditEvent.objects.get(action="attendance.by_hand")
    concerned = AuditSubject.objects.filter(event=event).values_list("person_id", flat=True)
    assert event.object_id == str(sign.pk) and list(concerned) == [row.user_id]


def test_a_sign_is_taken_back_once_and_stays_as_evidence(course: Course) -> None:
    row = make_enrolment(course)
    [sign] = by_hand(course, HandSign(row.user_id, "in"))
    attendance.take_back(sign=sign, by=acting(course.handler))
    with pytest.raises(SignGone):
        attendance.take_back(sign=sign, by=acting(course.handler))
    assert Attendance.objects.get().taken_back_by == course.handler.user
    assert len(by_hand(course, HandSign(row.user_id, "in"))) == 1


def test_signs_by_hand_are_of_people_on_the_list_within_the_window(course: Course) -> None:
    row = make_enrolment(course)
    with pytest.raises(NobodyToSign):
        by_hand(course)
    with pytest.raises(NotOnTheList):
        by_hand(course, HandSign(row.user_id, "in"), HandSign(make_user().pk, "in"))
    for when in (moment("12:59"), moment("13:26"), moment("17:01")):
        with pytest.raises(NotAtThisTime):
            by_hand(course, HandSign(row.user_id, "in", when))
    assert by_hand(course, HandSign(row.user_id, "in", moment("13:00")))
    with at("12:00"), pytest.raises(NotAtThisTime):
        by_hand(course, HandSign(row.user_id, "out"))


def test_a_paper_list_copied_later_counts_as_the_session_itself(course: Course) -> None:
    row = make_enrolment(course)
    with at("20:00"):
        signs = by_hand(course, HandSign(row.user_id, "in"), HandSign(row.user_id, "out"))
    assert [s.at for s in signs] == [moment("13:30"), moment("16:30")]


def test_only_those_in_charge_sign_for_others_and_not_once_it_is_closed(course: Course) -> None:
    row = make_enrolment(course)
    [sign] = by_hand(course, HandSign(row.user_id, "in"))
    colleague = acting(make_account(course.unit))
    session = session_of(course)
    acts: list[Any] = [
        lambda by: attendance.sign_by_hand(session=session, by=by, signs=[HandSign(row.user_id, "out")]),
        lambda by: attendance.take_back(sign=sign, by=by),
        lambda by: attendance.sign_by_own_code(session=session, by=by, code="1", kind="in"),
    ]
    for act in acts:
        with pytest.raises(NotTheHandler):
            act(colleague)
    with at("17:00"):
        close(course)
        for act in acts[:2]:
            with pytest.raises(WrongState):
                act(acting(course.handler))
        with pytest.raises(WrongState):
            attendance.sign(session=session, kind="out", by=teacher(row.user), at=clock.now())


def test_the_own_code_of_a_person_signs_that_person(course: Course) -> None:
    rows = [make_enrolment(course) for _each in range(3)]
    session, by = session_of(course), acting(course.handler)
    code = own_code_of(rows[1].user_id, session.pk, clock.now())
    said = attendance.sign_by_own_code(session=session, by=by, code=f"{code[:4]} {code[4:]}", kind="in")
    sign = Attendance.objects.get()
    assert said == rows[1].user.name and (sign.user, sign.way) == (rows[1].user, SignWay.OWN_CODE)
    stranger = own_code_of(make_user().pk, session.pk, clock.now())
    old = own_code_of(rows[0].user_id, session.pk, clock.now() - timedelta(minutes=2))
    other = own_code_of(rows[0].user_id, session.pk + 1, clock.now())
    for wrong in (stranger, old, other, "", "x"):
        with pytest.raises(OwnCodeUnknown):
            attendance.sign_by_own_code(session=session, by=by, code=wrong, kind="in")
    with pytest.raises(OwnCodeUnknown):
        attendance.sign_by_own_code(session=session, by=by, code=code, kind="both")


def test_a_person_signs_once_as_of_the_scan(course: Course) -> None:
    row = make_enrolment(course)
    session, by, scanned = session_of(course), teacher(row.user), clock.now() - timedelta(seconds=90)
    first = attendance.sign(session=session, kind="in", by=by, at=scanned, phone="p")
    assert attendance.sign(session=session, kind="in", by=by, at=clock.now()) == first
    assert first.at == scanned and AuditEvent.objects.filter(action="attendance.sign").count() == 1
    with pytest.raises(CodeRefused):
        attendance.sign(session=session, kind="out", by=by, at=clock.now() - timedelta(seconds=121))
    with pytest.raises(CodeRefused):
        attendance.sign(session=session, kind="out", by=by, at=clock.now() + timedelta(seconds=1))
    attendance.take_back(sign=first, by=acting(course.handler))
    with pytest.raises(CodeRefused):
        attendance.sign(session=session, kind="in", by=by, at=scanned)
    with at("12:59"), pytest.raises(NotAtThisTime):
        attendance.sign(session=session, kind="in", by=by, at=clock.now())


# --- The page -------------------------------------------------------------------------------------------------------


def page_of(course: Course, route: str = "attendance") -> str:
    return reverse(f"hours:{route}", args=[course.code])


def test_the_page_lists_and_signs_without_a_script(course: Course, client: Client) -> None:
    row, other = make_enrolment(course, make_user("林明美")), make_enrolment(course, make_user("陳大同"))
    client.force_login(course.handler.user)
    shown = client.get(page_of(course), {"q": "明美"}).content.decode()
    assert "林明美" in shown and "陳大同" not in shown
    signed = client.post(page_of(course), {"sign": f"in-{row.user_id}", "q": "明"}, follow=True)
    assert signed.redirect_chain[-1][0].endswith(f"?session={session_of(course).pk}&q=%E6%98%8E")
    assert ">13:25<" in signed.content.decode()
    put(course, make_user("未報名").pk, "in", "14:20")
    late = put(course, other.user_id, "in", "14:20")
    shown = client.get(page_of(course)).content.decode()
    assert "未報名" in shown and shown.count("state-overdue") == 1 and shown.count("state-applied") == 2
    client.post(page_of(course), {"take_back": late.pk})
    assert Attendance.objects.valid().count() == 2
    for wrong in ("up-1", "in-x"):
        answer = client.post(page_of(course), {"sign": wrong}, headers={"Accept": "application/json"})
        assert answer.status_code == 409 and SignsUnreadable().message in answer.json().values()
    for wrong in (
        {"take_back": "0"},
        {"marks": "no"},
        {"marks": '[["in-1", 1e99]]'},
        {"marks": json.dumps([[f"in-{row.user_id}", moment("13:20").timestamp()]] * (MOST_OFFLINE + 1))},
        {},
    ):
        assert client.post(page_of(course), wrong, headers={"Accept": "application/json"}).status_code == 409
    assert Attendance.objects.valid().count() == 2


def test_another_phone_of_the_same_number_is_shown(course: Course, client: Client) -> None:
    rows = [make_enrolment(course, make_user(name)) for name in ("甲", "乙", "丙")]
    for row, phone in zip(rows, ("one", "one", "two"), strict=True):
        attendance.sign(
            session=session_of(course), kind="in", by=teacher(row.user), at=clock.now(), phone=phone
        )
    client.force_login(course.handler.user)
    assert client.get(page_of(course)).content.decode().count("state-applied") == 2


def test_signs_kept_without_a_network_come_later_with_their_times(course: Course, client: Client) -> None:
    row = make_enrolment(course)
    client.force_login(course.handler.user)
    marks = [
        [f"in-{row.user_id}", moment("13:20").timestamp()],
        [f"out-{row.user_id}", moment("13:40").timestamp()],
    ]
    sent = client.post(page_of(course), {"marks": json.dumps(marks)}, headers={"Accept": "application/json"})
    assert sent.status_code == 200
    # A device whose clock is ahead does not sign in the future.
    assert [s.at for s in Attendance.objects.order_by("kind")] == [moment("13:20"), clock.now()]


def test_kept_signs_come_once_and_one_that_is_impossible_keeps_no_other_out(
    course: Course, client: Client
) -> None:
    stays, left, late = (make_enrolment(course, make_user(name)) for name in ("甲", "乙", "丙"))
    Enrolment.objects.filter(pk=left.pk).update(state="cancelled")
    stranger = make_user("丁")
    client.force_login(course.handler.user)
    times = [(stays, "13:20"), (left, "13:21"), (late, "09:00")]
    marks = [[f"in-{row.user_id}", moment(at).timestamp()] for row, at in times]
    marks.append([f"in-{stranger.pk}", moment("13:22").timestamp()])
    said = []
    for _sent in range(2):
        sent = client.post(
            page_of(course), {"marks": json.dumps(marks)}, headers={"Accept": "application/json"}
        )
        assert sent.status_code == 200
        assert sent.json()["left_out"] == 3
        said.append(sent.json()["said"])
    assert Attendance.objects.get().user_id == stays.user_id
    assert "已登錄1筆" in said[0] and "已登錄0筆" in said[1]
    # A stranger is counted and not named.
    assert all("3人" in text and "乙" in text and "丙" in text and "丁" not in text for text in said)


def test_kept_signs_wait_where_none_can_be_entered(course: Course, client: Client) -> None:
    row = make_enrolment(course)
    Session.objects.filter(course=course).delete()
    with pytest.raises(SessionRemoved):
        attendance.sign_offline(
            session=Session(pk=0, course=course),
            by=acting(course.handler),
            signs=[HandSign(row.user_id, "in")],
        )
    with pytest.raises(NotTheHandler):
        attendance.sign_offline(
            session=Session(pk=0, course=course), by=acting(make_account(course.unit)), signs=[]
        )


def test_news_are_only_what_changed(course: Course, client: Client) -> None:
    rows = [make_enrolment(course) for _each in range(3)]
    client.force_login(course.handler.user)
    page = client.get(page_of(course))
    seen = {"version": page.context["version"], "since": page.context["since"]}
    assert client.get(page_of(course, "attendance_news"), seen, headers=HTMX).status_code == 204
    with at("13:40"):
        attendance.sign(session=session_of(course), kind="in", by=teacher(rows[1].user), at=clock.now())
        news = client.get(
            page_of(course, "attendance_news"), {**seen, "since": moment("13:40").timestamp()}, headers=HTMX
        )
    body = news.content.decode()
    assert [f"person-{row.user_id}" in body for row in rows] == [False, True, False]
    assert (
        'hx-swap-oob="true"' in body
        and client.get(page_of(course, "attendance_news"), {"since": "x"}, headers=HTMX).status_code == 200
    )


def test_the_list_costs_the_same_for_few_and_many(course: Course, client: Client) -> None:
    client.force_login(course.handler.user)

    def cost() -> int:
        client.get(page_of(course))
        with CaptureQueriesContext(
            connection,
        ) as page:
            client.get(page_of(course))
        with CaptureQueriesContext(connection) as news:
            client.get(page_of(course, "attendance_news"), {"since": "0"}, headers=HTMX)
        return len(page) * 100 + len(news)

    for _each in range(2):
        by_hand(course, HandSign(make_enrolment(course).user_id, "in"))
    few = cost()
    for _each in range(20):
        by_hand(course, HandSign(make_enrolment(course).user_id, "in"))
    assert cost() == few


def test_a_colleague_and_a_draft_are_led_back(course: Course, client: Client) -> None:
    client.force_login(make_account(course.unit).user)
    assert client.get(page_of(course))["Location"].endswith(reverse("courses:detail", args=[course.code]))
    assert client.get(page_of(course, "attendance_news")).status_code == 204
    client.force_login(course.handler.user)
    assert client.get(page_of(course, "attendance_news"))["Location"] == page_of(course)
    assert client.get(page_of(make_course(make_account(), state="draft"))).status_code == 404


# --- The closing sheet ----------------------------------------------------------------------------------------------


def test_the_closing_sheet_is_filled_from_the_signs(course: Course, client: Client) -> None:
    whole, late, away, half = (make_enrolment(course, make_user(n)) for n in ("全程", "遲到", "未到", "半簽"))
    stranger = make_user("路人")
    for person, signs in (
        (whole.user_id, {"in": "13:25", "out": "16:31"}), (late.user_id, {"in": "14:15", "out": "16:30"}),
        (half.user_id, {"in": "13:30"}), (stranger.pk, {"in": "13:30", "out": "16:30"}),
    ):  # fmt: skip
        for kind, when in signs.items():
            put(course, person, kind, when)
    with at("17:00"):
        page = sheets.fresh(course, hour_step(course))
        marks = {row.name: (row.state, row.typed, len(row.evidence)) for row in page.everybody}
        assert marks == {
            "全程": ("attended", "3", 0), "遲到": ("excused", "3", 1), "未到": ("absent", "3", 1),
            "半簽": ("attended", "3", 1), "路人": ("attended", "3", 0),
        }  # fmt: skip
        client.force_login(course.handler.user)
        shown = client.get(reverse("hours:close", args=[course.code])).content.decode()
        assert "14:15–16:30" in shown and "13:30–?" in shown
        assert not any(row.differs for row in page.everybody)


def test_a_course_without_signs_closes_as_before(course: Course) -> None:
    make_enrolment(course)
    page = sheets.fresh(course, hour_step(course))
    [row] = page.everybody
    assert (row.state, row.typed, row.evidence, page.is_filled) == ("attended", "3", (), False)


def test_a_session_with_signs_is_neither_moved_nor_removed(course: Course) -> None:
    row = make_enrolment(course)
    [sign] = by_hand(course, HandSign(row.user_id, "in"))
    data = as_data(course)
    [held] = data.sessions
    longer = replace(data, sessions=[replace(held, ends_at=moment("16:50"))])
    registration.update(course=course, by=acting(course.handler), data=longer)
    assert session_of(course).pk == sign.session_id and session_of(course).ends_at == moment("16:50")
    data = replace(data, sessions=[replace(held, starts_at=moment("13:40"))])
    with pytest.raises(SessionsAttended):
        registration.update(course=course, by=acting(course.handler), data=data)


def test_a_session_whose_signs_were_all_taken_back_moves_with_its_evidence(course: Course) -> None:
    row = make_enrolment(course)
    [sign] = by_hand(course, HandSign(row.user_id, "in"))
    attendance.take_back(sign=sign, by=acting(course.handler))
    data = as_data(course)
    [held] = data.sessions
    moved = replace(data, sessions=[replace(held, starts_at=moment("13:40"))])
    registration.update(course=course, by=acting(course.handler), data=moved)
    assert (session_of(course).pk, session_of(course).starts_at) == (sign.session_id, moment("13:40"))


def test_nobody_signs_in_a_session_that_is_postponed(course: Course) -> None:
    row = make_enrolment(course)
    announced(day=clock.today())
    with pytest.raises(SessionPostponed):
        attendance.sign(session=session_of(course), kind="in", by=teacher(row.user), at=clock.now())
    with pytest.raises(SessionPostponed):
        by_hand(course, HandSign(row.user_id, "in"))
