"""Until when one may cancel, who gets a free place after the policy's day, and what a change between review and automatic does."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from checks.invariants import seat_counters
from courses.actions import admissions, enrolments
from courses.enums import EnrolmentState as S
from courses.errors import CannotUndo, CourseOver, NothingOffered, NotWaiting, PlaceTaken, TooLateToCancel
from courses.models import Course, Enrolment, YearlyPolicy
from courses.presenters.enrol_button import enrol_button, places_view
from courses.queries.windows import cancel_window, free_window, last_day_to_cancel
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.courses.test_changes import change, session
from tests.factories import (
    acting,
    close,
    enrol,
    make_account,
    make_course,
    make_enrolment,
    make_key,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 9)  # 13:30–16:30


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026 in Taipei."""
    return clock.at_taipei(date(2026, 12, day), time(hour, minute))


def full_course(waiting: int = 1, **fields: object) -> tuple[Course, Enrolment, list[Enrolment]]:
    """A course on DAY with one place, which is taken, and people who wait for it in their order."""
    course = make_course(day=DAY, capacity=1, **fields)
    holder = enrol(course)
    rows = [make_enrolment(course, state=S.WAITLISTED, enrolled_at=clock.now()) for _ in range(waiting)]
    course.refresh_from_db()
    return course, holder, rows


def state_of(row: Enrolment) -> S:
    return S(Enrolment.objects.get(pk=row.pk).state)


def cancel(row: Enrolment, when: datetime) -> Enrolment:
    return enrolments.cancel(course=row.course, by=teacher(row.user), at=when)


def decline(row: Enrolment) -> None:
    admissions.decline(course=row.course, by=acting(row.course.handler), enrolment_ids=[row.pk])


def told(kind: str) -> set[User]:
    return {notice.recipient for notice in Notice.objects.filter(kind=kind).select_related("recipient")}


# --- Until when one may cancel ----------------------------------------------------------------------------------------


def test_who_got_the_place_after_the_policys_day_may_cancel_until_the_course_begins() -> None:
    course = make_course(day=DAY)
    row = make_enrolment(course, enrolled_at=at(9, 8))
    with pytest.raises(TooLateToCancel):
        cancel(row, at(9, 13, 30))
    assert cancel(row, at(9, 13, 29)).state == S.CANCELLED


def test_who_was_admitted_by_the_organiser_on_the_day_may_cancel() -> None:
    course = make_course(day=DAY, admission="review")
    row = make_enrolment(course, state=S.APPLIED, enrolled_at=at(1, 8))
    with time_machine.travel(at(9, 9), tick=False):
        admissions.admit(course=course, by=acting(course.handler), enrolment_ids=[row.pk])
        assert cancel(row, clock.now()).state == S.CANCELLED


@pytest.mark.parametrize("moved", [session(DAY, 9), session(DAY, place="圖書館")], ids=["hour", "room"])
def test_who_was_moved_after_the_policys_day_may_cancel(moved: object) -> None:
    course = make_course(day=DAY)
    row = make_enrolment(course)
    with time_machine.travel(at(9, 8), tick=False):
        with pytest.raises(TooLateToCancel):
            cancel(row, clock.now())
        change(course, [moved])  # type: ignore[list-item]
        assert cancel(row, clock.now()).state == S.CANCELLED


def test_another_room_of_a_session_that_is_over_moves_nobody() -> None:
    course = make_course(day=DAY)
    change(course, [session(DAY), session(date(2026, 12, 16))])
    row = make_enrolment(course)
    with time_machine.travel(at(10, 8), tick=False):
        change(course, [session(DAY, place="圖書館"), session(date(2026, 12, 16))])
        with pytest.raises(TooLateToCancel):
            cancel(row, clock.now())


def test_who_is_moved_from_in_two_weeks_to_today_may_cancel() -> None:
    course = make_course()
    row = make_enrolment(course)
    change(course, [session(clock.today())])
    assert cancel(row, clock.now()).state == S.CANCELLED


def test_a_change_that_moves_nobody_opens_nothing() -> None:
    course = make_course(day=DAY)
    row = make_enrolment(course)
    with time_machine.travel(at(9, 8), tick=False):
        change(course, hours=2, fee=100)
        with pytest.raises(TooLateToCancel):
            cancel(row, clock.now())


def test_between_two_sessions_a_late_place_may_be_given_back_until_the_next_one_begins() -> None:
    course = make_course(day=DAY)
    change(course, [session(DAY), session(date(2026, 12, 16))])
    row = make_enrolment(course, enrolled_at=at(10, 8))
    assert cancel_window(Course.objects.get(pk=course.pk), row.enrolled_at).until == at(16, 13, 30)
    with pytest.raises(TooLateToCancel):
        cancel(row, at(16, 13, 30))
    assert cancel(row, at(16, 13, 29)).state == S.CANCELLED


def test_a_place_given_while_the_last_session_runs_cannot_be_undone() -> None:
    course = make_course(day=DAY)
    with pytest.raises(CannotUndo):
        cancel(make_enrolment(course, enrolled_at=at(9, 14)), at(9, 14, 5))


@pytest.mark.parametrize("when", [at(9, 13, 30), at(9, 17)], ids=["running", "over"])
def test_a_policy_without_days_ends_as_the_course_begins(when: datetime) -> None:
    YearlyPolicy.objects.create(year=115, cancel_days_before=0)
    course = make_course(day=DAY)
    row = make_enrolment(course)
    assert last_day_to_cancel(course) == DAY and free_window(course).until == at(9, 13, 30)
    with pytest.raises(TooLateToCancel):
        cancel(row, when)
    assert cancel(row, at(9, 13, 29)).state == S.CANCELLED


def test_the_api_refuses_what_the_page_refuses(client: Client) -> None:
    YearlyPolicy.objects.create(year=115, cancel_days_before=0)
    row = make_enrolment(make_course(day=DAY))
    key = make_key(row.user)
    with time_machine.travel(at(9, 17), tick=False):
        answer = client.post(
            f"/api/v1/courses/{row.course.code}/cancel/", headers={"Authorization": f"Token {key}"}
        )
    assert (answer.status_code, answer.json()["code"]) == (409, "TooLateToCancel")


def test_who_waits_may_leave_until_the_course_is_over() -> None:
    _, _, [waiting] = full_course()
    with pytest.raises(CourseOver):
        cancel(waiting, at(9, 16, 30))
    assert cancel(waiting, at(9, 16, 29)).state == S.CANCELLED


def test_enrolling_on_the_day_says_that_it_may_be_undone_until_the_course_begins(client: Client) -> None:
    course, me = make_course(day=DAY), make_user(language="en")
    page = reverse("courses:public", args=[course.code])
    with time_machine.travel(at(9, 9), tick=False):
        client.force_login(me)
        assert "You can cancel until 2026-12-09 13:30, when it begins." in client.get(page).content.decode()
        row = enrol(course, me)
        assert "Possible until 2026-12-09 13:30, when it begins" in client.get(page).content.decode()
        assert cancel(row, clock.now()).state == S.CANCELLED


def test_only_the_admitted_read_that_not_coming_counts(client: Client) -> None:
    course, holder, [waiting] = full_course()
    for person, counts in ((holder.user, True), (waiting.user, False)):
        client.force_login(person)
        page = client.get(reverse("courses:public", args=[course.code])).content.decode()
        assert ("將列為未參與" in page) == counts and "取消報名" in page


# --- A free place after the policy's day ------------------------------------------------------------------------------


def test_until_the_policys_day_the_first_who_waits_moves_up_unasked() -> None:
    _, holder, [first, second] = full_course(2)
    cancel(holder, at(8, 23, 59))
    assert (state_of(first), state_of(second)) == (S.ADMITTED, S.WAITLISTED)


def test_after_the_policys_day_everybody_who_waits_is_notified_and_nobody_moves_up() -> None:
    course, holder, rows = full_course(3)
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
    assert {state_of(row) for row in rows} == {S.WAITLISTED} and told("place_free") == {
        row.user for row in rows
    }
    event = AuditEvent.objects.get(action="course.offer_place")
    assert event.after == {"places": 1, "told": 3} and event.object_id == str(course.pk)


def test_more_places_after_the_policys_day_admit_nobody_unasked() -> None:
    course, _, rows = full_course(2)
    with time_machine.travel(at(9, 8), tick=False):
        change(course, capacity=3)
        change(Course.objects.get(pk=course.pk), summary="另一個摘要")  # nothing became free
    assert {state_of(row) for row in rows} == {S.WAITLISTED}
    assert Notice.objects.filter(kind="place_free").count() == 2


def test_the_first_to_accept_gets_the_place_and_may_give_it_back() -> None:
    course, holder, [first, second] = full_course(2)
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
        row = enrolments.accept(course=course, by=teacher(second.user))
        assert (row.state, state_of(first)) == (S.ADMITTED, S.WAITLISTED) and seat_counters() == 0
        with pytest.raises(PlaceTaken):
            enrolments.accept(course=course, by=teacher(first.user))
        Notice.objects.all().delete()
        cancel(row, at(9, 13, 29))
    assert told("place_free") == {first.user}, "it is free again"


def test_a_free_place_is_accepted_with_one_click_on_the_page_at_home_and_by_the_api(client: Client) -> None:
    for way in ("page", "home", "api"):
        course, holder, [waiting] = full_course()
        accept = reverse("courses:accept", args=[course.code])
        with time_machine.travel(at(9, 8), tick=False):
            client.force_login(waiting.user)
            for page in (reverse("courses:public", args=[course.code]), "/me/"):
                assert accept not in client.get(page).content.decode()
            decline(holder)
            for page in (reverse("courses:public", args=[course.code]), "/me/"):
                assert accept in client.get(page).content.decode()
            if way == "api":
                headers = {"Authorization": f"Token {make_key(waiting.user)}"}
                [mine] = Client().get("/api/v1/me/enrolments/", headers=headers).json()["results"]
                assert mine["is_offered"] is True
                assert (
                    Client().post(f"/api/v1/courses/{course.code}/accept/", headers=headers).json()["state"]
                    == "admitted"
                )
            else:
                client.post(accept, {"back": "me"} if way == "home" else {})
        assert state_of(waiting) == S.ADMITTED, way


def test_nobody_accepts_what_is_not_offered() -> None:
    course, holder, [waiting] = full_course(admission="automatic")
    with pytest.raises(PlaceTaken):
        enrolments.accept(course=course, by=teacher(waiting.user))
    with pytest.raises(NotWaiting):
        enrolments.accept(course=course, by=teacher(holder.user))
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
        Course.objects.filter(pk=course.pk).update(admission="review")
        with pytest.raises(NothingOffered):
            enrolments.accept(course=course, by=teacher(waiting.user))


def test_newcomers_join_the_list_while_anybody_waits_and_do_not_overtake_those_who_were_offered_the_place() -> (
    None
):
    course, holder, [first] = full_course()
    with time_machine.travel(at(9, 8), tick=False) as travel:
        decline(holder)
        travel.shift(60)
        newcomer = enrol(course)
        assert newcomer.state == S.WAITLISTED
        with pytest.raises(NothingOffered):
            enrolments.accept(course=course, by=teacher(newcomer.user))
        assert newcomer.user not in told("place_free")
        cancel(first, clock.now())
        assert newcomer.user in told("place_free"), "nobody who was asked waits any more"
        assert enrolments.accept(course=course, by=teacher(newcomer.user)).state == S.ADMITTED


def test_newcomers_join_the_list_even_where_none_is_kept() -> None:
    course, holder, _ = full_course(waiting_list=False)
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
        assert enrol(course).state == S.WAITLISTED


def test_from_two_hours_before_a_free_place_goes_to_anybody() -> None:
    course, holder, [waiting] = full_course()
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
    assert enrol(course, at=at(9, 11, 29)).state == S.WAITLISTED
    assert enrol(course, at=at(9, 11, 30)).state == S.ADMITTED
    assert state_of(waiting) == S.WAITLISTED


def test_no_place_is_offered_once_the_last_session_has_begun() -> None:
    course, holder, [waiting] = full_course()
    with time_machine.travel(at(9, 14), tick=False):
        decline(holder)
        assert not told("place_free")
        with pytest.raises(NothingOffered):
            enrolments.accept(course=course, by=teacher(waiting.user))


def test_a_late_place_for_which_nobody_waits_goes_to_who_comes() -> None:
    course, holder, _ = full_course(0)
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
        assert enrol(course).state == S.ADMITTED and not Notice.objects.filter(kind="place_free")


def test_the_page_shows_newcomers_that_free_places_are_kept_for_those_who_wait() -> None:
    course, holder, _ = full_course()
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
        course.refresh_from_db()
        offer = enrol_button(course, None, known=True, waiting=1, position=0)
        assert (offer.label, "備取第 2 位" in offer.why) == ("登記備取", True)
        assert "保留給備取者" in places_view(course, 1).words
    with time_machine.travel(at(9, 12), tick=False):
        assert enrol_button(course, None, known=True, waiting=1, position=0).label == "報名"


def test_the_mail_of_a_free_place_that_is_taken_meanwhile_is_not_sent(mailoutbox: list[EmailMessage]) -> None:
    course, holder, [first, _second] = full_course(2)
    Notice.objects.all().delete()
    with time_machine.travel(at(9, 8), tick=False):
        decline(holder)
        enrolments.accept(course=course, by=teacher(first.user))
        outbox.drain()
    assert [mail.to for mail in mailoutbox] == [[holder.user.email], [first.user.email]], (
        "declined, and accepted; nobody is offered what is gone"
    )


# --- Review and automatic ---------------------------------------------------------------------------------------------


def test_applicants_come_first_when_review_ends() -> None:
    course = make_course(day=DAY, capacity=1, admission="review")
    first, second = enrol(course), enrol(course)
    change(course, admission="automatic")
    assert (state_of(first), state_of(second), enrol(course).state) == (
        S.ADMITTED,
        S.WAITLISTED,
        S.WAITLISTED,
    )
    assert told("admitted") == {first.user} and seat_counters() == 0
    assert AuditEvent.objects.filter(action="enrolment.waitlisted").count() == 2


def test_a_waiting_list_under_review_is_not_admitted_by_itself() -> None:
    course, holder, [waiting] = full_course()
    change(course, admission="review")
    cancel(holder, clock.now())
    change(Course.objects.get(pk=course.pk), capacity=5)
    assert state_of(waiting) == S.WAITLISTED and not Notice.objects.filter(
        kind__in=["admitted", "place_free"]
    )
    admissions.admit(course=course, by=acting(course.handler), enrolment_ids=[waiting.pk])
    assert state_of(waiting) == S.ADMITTED


def test_closing_after_a_late_cancellation_counts_no_absence() -> None:
    course = make_course(make_account(), day=DAY)
    row = make_enrolment(course, enrolled_at=at(9, 8))
    cancel(row, at(9, 9))
    with time_machine.travel(at(10, 8) + timedelta(hours=1), tick=False):
        close(Course.objects.get(pk=course.pk))
    assert state_of(row) == S.CANCELLED
