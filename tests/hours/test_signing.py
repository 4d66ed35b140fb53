"""A teacher signs by scanning or typing: the codes, the log-in in between, and everything that is refused."""

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment, Session
from hours.actions import attendance, on_the_spot
from hours.errors import NotOfferedOnTheSpot, TooManyNumbers, WrongNumber
from hours.models import Attendance
from hours.queries.sign_codes import code_of, number_of, pending_token, read_code, read_number, read_pending
from kit import clock
from tests.factories import PASSWORD, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    cache.clear()
    with time_machine.travel(datetime.fromisoformat(f"{clock.today()}T13:25:07+08:00"), tick=False) as moved:
        yield moved


@pytest.fixture
def session(travel: time_machine.Traveller) -> Session:
    return make_course(day=clock.today()).sessions.select_related("course").get()


def scanned(client: Client, code: str) -> str:
    """Scan a code; return where the browser is led."""
    return client.get(reverse("hours:scan", args=[code]))["Location"]


def press(client: Client, **fields: object) -> str:
    """Send the form of the page, and return the message of the next one."""
    page = client.post(reverse("hours:sign"), fields, follow=True)
    return " ".join(str(message) for message in page.context["messages"])


def test_a_scan_signs_a_person_who_is_logged_in(session: Session, client: Client) -> None:
    row = make_enrolment(session.course)
    client.force_login(row.user)
    assert scanned(client, code_of(session.pk, "in", clock.now())) == reverse("hours:sign")
    page = client.get(reverse("hours:sign")).content.decode()
    assert "data-scanned" in page and session.course.title in page
    assert press(client, act="scan") == f"13:25簽到完成：「{session.course.title}」。"
    sign = Attendance.objects.get()
    assert (sign.user, sign.kind, sign.at, sign.way) == (row.user, "in", clock.now(), "scan") and sign.device
    # The scan is used up; the page shows the sign.
    assert "data-scanned" not in client.get(reverse("hours:sign")).content.decode()
    assert press(client, act="scan").startswith("條碼已失效") and Attendance.objects.count() == 1


def test_the_moment_of_the_scan_counts_through_the_log_in(
    session: Session, client: Client, travel: time_machine.Traveller
) -> None:
    row, moment = make_enrolment(session.course), clock.now()
    scanned(client, code_of(session.pk, "in", moment))
    page = client.get(reverse("hours:sign"))
    assert page["Location"].startswith(reverse("account_login"))
    travel.shift(timedelta(seconds=100))
    client.post(page["Location"], {"login": row.user.email, "password": PASSWORD})
    press(client, act="scan")
    assert Attendance.objects.get().at == moment


def test_a_scan_waits_two_minutes_and_only_in_its_own_browser(
    session: Session, client: Client, travel: time_machine.Traveller
) -> None:
    row = make_enrolment(session.course)
    scanned(client, code_of(session.pk, "in", clock.now()))
    text = client.cookies[settings.SCAN_COOKIE].value
    assert (
        client.cookies[settings.SCAN_COOKIE]["httponly"]
        and client.cookies[settings.SCAN_COOKIE]["max-age"] == 120
    )
    friend = Client()
    friend.force_login(row.user)
    friend.cookies[settings.SCAN_COOKIE] = text
    assert press(friend, act="scan").startswith("條碼已失效")
    friend.cookies[settings.PHONE_COOKIE] = "another phone"
    assert press(friend, act="scan").startswith("條碼已失效")
    client.force_login(row.user)
    travel.shift(timedelta(seconds=121))
    assert press(client, act="scan").startswith("條碼已失效")
    assert not Attendance.objects.exists()


def forged(session: Session, other: Session) -> Iterator[str]:
    """Codes that are forged, old, of the future, cut, changed, or made for something else: more than two hundred."""
    now, dice = clock.now(), random.Random(14)
    good = code_of(session.pk, "in", now)
    for seconds in range(45, 1845, 15):
        yield code_of(session.pk, "in", now - timedelta(seconds=seconds))
        yield code_of(session.pk, "in", now + timedelta(seconds=seconds - 30))
    value, mac = good.rsplit(":", 1)
    for _each in range(60):
        place = dice.randrange(len(mac) - 1)
        letter = dice.choice([c for c in "abcXYZ019_-" if c != mac[place]])
        yield f"{value}:{mac[:place]}{letter}{mac[place + 1 :]}"
    yield from (f"{other.pk}-in-{value.rsplit('-', 1)[1]}:{mac}", f"{value.replace('in', 'out')}:{mac}")
    yield from (good[:-1], good[1:], f"{good}a", "", ":", "x", f"{value}:", "1-in-2", mac, value, "0" * 300)
    yield signing.Signer(salt="another").sign(value)
    yield signing.Signer(salt="sign-code", key="another").sign(value)
    yield signing.Signer(salt="sign-code").sign("x-in-y")
    yield signing.Signer(salt="sign-code").sign("1-in")
    yield pending_token(read_code(good, now), "phone")  # type: ignore[arg-type]  # it is good
    yield number_of(session.pk, "in", now)


def test_no_forged_old_foreign_or_future_code_is_accepted(session: Session, client: Client) -> None:
    other = make_course(day=clock.today()).sessions.get()
    tries = list(forged(session, other))
    assert len(tries) >= 300 and read_code(code_of(session.pk, "in", clock.now()), clock.now())
    client.force_login(make_enrolment(session.course).user)
    accepted = [code for code in tries if read_code(code, clock.now())]
    for code in tries[::12]:
        if code and "/" not in code:
            scanned(client, code)
            press(client, act="scan")
    assert not accepted and not Attendance.objects.exists()
    assert not client.cookies[settings.SCAN_COOKIE].value


def test_no_forged_waiting_scan_is_accepted(session: Session) -> None:
    now = clock.now()
    scan = read_code(code_of(session.pk, "in", now), now)
    assert scan
    text, dice = pending_token(scan, "phone"), random.Random(14)
    assert read_pending(text, "phone", now) == scan
    facts = [session.pk, "in", now.timestamp(), "phone"]
    wrong = [text[:-1], text + "a", "", "x", signing.dumps(facts), signing.dumps(facts, salt="sign-code")]
    wrong += [signing.dumps(value, salt="sign-pending", key="another") for value in (facts, facts[:3])]
    for _each in range(100):
        place = dice.randrange(len(text) - 1)
        letter = "A" if text[place] != "A" else "B"
        wrong.append(text[:place] + letter + text[place + 1 :])
    assert not [each for each in wrong if read_pending(each, "phone", now)]
    assert not read_pending(signing.dumps(facts[:3], salt="sign-pending"), "phone", now)
    assert not read_pending(pending_token(scan, ""), "", now) and not read_pending(
        text, "phone", now - timedelta(seconds=1)
    )


def test_a_code_is_good_for_three_steps_of_a_quarter_of_a_minute(session: Session) -> None:
    begun = datetime.fromtimestamp(clock.now().timestamp() // 15 * 15, tz=clock.TAIPEI)
    code, number = code_of(session.pk, "in", begun), number_of(session.pk, "in", begun)
    for seconds, is_good in ((0, True), (44, True), (45, False), (-1, False)):
        at = begun + timedelta(seconds=seconds)
        assert bool(read_code(code, at)) == bool(read_number(number, session.pk, at)) == is_good, seconds
    assert read_number(number, session.pk + 1, begun) is None


def test_six_digits_sign_in_five_tries_a_session(session: Session, client: Client) -> None:
    row = make_enrolment(session.course)
    client.force_login(row.user)
    right = number_of(session.pk, "in", clock.now())
    wrong = "000000" if right != "000000" else "000001"
    assert "不符" in press(client, act="number", session=session.pk, number=wrong)
    assert "簽到完成" in press(client, act="number", session=session.pk, number=f"{right[:3]} {right[3:]}")
    assert Attendance.objects.get().way == "number"
    by = teacher(make_enrolment(session.course).user)
    for _each in range(5):
        with pytest.raises(WrongNumber):
            attendance.sign_by_number(session=session, by=by, number=wrong)
    with pytest.raises(TooManyNumbers):
        attendance.sign_by_number(session=session, by=by, number=right)
    # The tries of one session and of one person are their own.
    other = make_course(session.course.handler, day=clock.today()).sessions.get()
    assert attendance.sign_by_number(session=other, by=by, number=number_of(other.pk, "out", clock.now()))


def test_a_number_signs_in_a_course_named_by_its_code_only_while_it_is_open(
    session: Session, client: Client, travel: time_machine.Traveller
) -> None:
    client.force_login(make_user("未報名"))
    right = number_of(session.pk, "in", clock.now())
    assert press(client, act="number", code="9999999", number=right).startswith("條碼已失效")
    assert "簽到完成" in press(client, act="number", code=session.course.code, number=right)
    travel.shift(timedelta(hours=9))
    client.force_login(make_user())
    late = number_of(session.pk, "out", clock.now())
    assert press(client, act="number", code=session.course.code, number=late).startswith("條碼已失效")
    assert "不是這個場次" in press(client, act="number", session=session.pk, number=late)


def test_the_number_of_the_second_of_two_sessions_in_a_row_is_found_by_the_code_of_the_course(
    session: Session, client: Client, travel: time_machine.Traveller
) -> None:
    second = Session.objects.create(
        course=session.course, starts_at=session.ends_at, ends_at=session.ends_at + timedelta(hours=2)
    )
    travel.move_to(second.starts_at + timedelta(minutes=10))
    client.force_login(make_user())
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in number_of(second.pk, "in", clock.now()))
    assert "簽到完成" in press(client, act="number", code=f" {session.course.code}", number=typed)
    assert Attendance.objects.get().session_id == second.pk


def test_who_is_not_enrolled_is_recorded_and_may_enrol_on_the_spot(session: Session, client: Client) -> None:
    person = make_user("未報名")
    client.force_login(person)
    with pytest.raises(NotOfferedOnTheSpot):
        on_the_spot.join(session=session, by=teacher(person))
    assert not Enrolment.objects.exists()
    scanned(client, code_of(session.pk, "in", clock.now()))
    press(client, act="scan")
    assert 'value="join"' in client.get(reverse("hours:sign")).content.decode()
    assert press(client, act="join", session=session.pk) == "現場報名完成。"
    row = Enrolment.objects.get()
    session.course.refresh_from_db()
    assert (row.state, row.user, row.walk_in, session.course.seats_taken) == (S.ADMITTED, person, False, 1)
    assert "已報名" in press(client, act="join", session=session.pk)


@pytest.mark.parametrize(
    ("fields", "state"),
    [({"capacity": 1, "seats_taken": 1}, ""), ({"admission": "review"}, ""), ({}, S.DECLINED)],
    ids=["full", "reviewed", "declined"],
)
def test_no_place_is_offered_where_there_is_none(
    fields: dict[str, object], state: str, session: Session, client: Client
) -> None:
    person, course = make_user(), session.course
    if state:
        make_enrolment(course, person, state)
    Course.objects.filter(pk=course.pk).update(**fields)
    client.force_login(person)
    attendance.sign(session=session, kind="in", by=teacher(person), at=clock.now())
    assert press(client, act="join", session=session.pk)
    assert not Enrolment.objects.filter(user=person, state=S.ADMITTED).exists()


def test_the_projector_shows_the_code_of_the_moment_to_the_organiser(
    session: Session, client: Client, travel: time_machine.Traveller
) -> None:
    client.force_login(session.course.handler.user)
    page = reverse("hours:projector", args=[session.course.code])
    shown = client.get(page).content.decode()
    number = number_of(session.pk, "in", clock.now())
    assert f"{number[:3]} {number[3:]}" in shown and 'class="qr"' in shown
    part = re.search(r'hx-get="(/screen/[^"?]+)', shown)[1]
    assert client.get(part, {"kind": "out"}).context["number"] == number_of(session.pk, "out", clock.now())
    travel.shift(timedelta(minutes=-30))
    assert "picture" not in client.get(part).context
    travel.shift(timedelta(hours=4, minutes=6))
    closed = client.get(part)
    assert "picture" not in closed.context and "hx-get" not in closed.content.decode()
    client.force_login(make_user(unit=session.course.unit))
    assert client.get(page).status_code == 403


def test_the_projector_goes_on_when_the_session_of_its_organiser_has_ended(
    session: Session, client: Client, travel: time_machine.Traveller
) -> None:
    handler = session.course.handler
    client.force_login(handler.user)
    page = reverse("hours:projector", args=[session.course.code])
    part = reverse("hours:screen", args=[client.get(page).context["token"]])
    travel.shift(timedelta(minutes=40))
    assert client.get(page).status_code == 302  # logged out, as everywhere
    fresh = client.get(part)
    assert fresh.status_code == 200 and fresh.context["number"] == number_of(session.pk, "in", clock.now())
    assert handler.user.name not in fresh.content.decode()
    assert client.get(reverse("hours:attendance", args=[session.course.code])).status_code == 302
    BusinessAccount.objects.filter(pk=handler.pk).update(suspended_at=clock.now(), suspended_reason="查證")
    assert client.get(part).status_code == 204
    BusinessAccount.objects.filter(pk=handler.pk).update(suspended_at=None, suspended_reason="")
    travel.shift(timedelta(days=1))
    assert client.get(part).status_code == 204
    assert client.get(reverse("hours:screen", args=["forged"])).status_code == 204
