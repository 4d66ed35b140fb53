"""The operator closes and reopens a person, and corrects a name."""

from datetime import timedelta
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.actions import (
    anonymising,
    applications,
    appointments,
    closing_people,
    identity_changes,
    merging,
    people,
    places,
    proposals,
    staff,
)
from accounts.actions.mass_appointments import Appointment, appoint_all
from accounts.actions.places import PlaceFacts
from accounts.enums import CloseReason, ProposalSource, Role
from accounts.errors import (
    LastOperator,
    LeavesUnitWithout,
    NameStays,
    NotClosed,
    NotOneself,
    OnlyOperatorMay,
    PersonClosed,
    PersonIsClosed,
    ReasonNeeded,
    ServesNoLonger,
)
from accounts.errors.records import PersonAnonymised
from accounts.imports.people import import_people
from accounts.imports.roster import import_roster
from accounts.models import Affiliation, BusinessAccount, FirstLoginLink, Unit, User
from accounts.queries.closing_people import left_by
from audit.models import AuditEvent
from courses.actions import withdrawal
from courses.enums import EnrolmentState
from courses.models import Session
from kit import clock
from notices import outbox
from notices.models import Notice
from signin.actions import first_login_links
from tests.factories import (
    PASSWORD,
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_offer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RETIRED = {"because": CloseReason.RETIRED, "reason": "退休"}


def test_closing_ends_log_in_sessions_places_and_accounts_and_keeps_the_rest(client: Client) -> None:
    account, by = make_account(), acting(make_operator())
    person = account.user
    client.force_login(person)
    UserSession.objects.create(user=person, ip="10.0.0.9", user_agent="x", session_key="a")
    first_login_links.make(people=[person], lifetime=DAY, by_mail=True)
    closing_people.close(person=person, by=by, confirmed=True, **RETIRED)
    person.refresh_from_db()
    account.refresh_from_db()
    assert not person.is_active and account.has_ended() and account.ended_at
    assert person.affiliations.get().until == clock.today()
    assert not UserSession.objects.filter(user=person) and not FirstLoginLink.objects.filter(user=person)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.get("/me/").status_code == 302
    assert Notice.objects.filter(kind="person_closed", recipient=person).count() == 1
    assert AuditEvent.objects.filter(action="person.closed", subjects__person_id=person.pk).exists()


def test_nobody_writes_to_a_person_who_died() -> None:
    person = make_user(unit=make_unit())
    closing_people.close(
        person=person, because=CloseReason.DECEASED, by=acting(make_operator()), reason="除戶"
    )
    assert not Notice.objects.filter(recipient=person).exists()


def test_a_place_that_has_not_begun_ends_on_its_first_day() -> None:
    person, later = make_user(), clock.today() + 30 * DAY
    place = Affiliation.objects.create(user=person, unit=make_unit(), since=later)
    closing_people.close(person=person, by=acting(make_operator()), **RETIRED)
    place.refresh_from_db()
    assert place.until == later


def test_reopening_lets_the_person_in_and_begins_nothing() -> None:
    account, by = make_account(), acting(make_operator())
    closing_people.close(person=account.user, by=by, confirmed=True, **RETIRED)
    closing_people.reopen(person=account.user, by=by, reason="誤停用")
    person = User.objects.get(pk=account.user_id)
    assert person.is_active and not person.closed_because
    assert not BusinessAccount.objects.open().filter(user=person)
    assert Notice.objects.filter(kind="person_reopened", recipient=person).exists()
    with pytest.raises(NotClosed):
        closing_people.reopen(person=person, by=by, reason="誤停用")


def test_closing_is_refused() -> None:
    operator, person = make_operator(), make_user()
    by = acting(operator)
    with pytest.raises(OnlyOperatorMay):
        closing_people.close(person=person, by=acting(make_lead()), **RETIRED)
    with pytest.raises(OnlyOperatorMay):
        closing_people.reopen(person=person, by=acting(make_lead()), reason="誤停用")
    with pytest.raises(ReasonNeeded):
        closing_people.close(person=person, because=CloseReason.RETIRED, by=by, reason=" ")
    with pytest.raises(ReasonNeeded):
        closing_people.reopen(person=person, by=by, reason=" ")
    with pytest.raises(NotOneself):
        closing_people.close(person=operator.user, by=by, **RETIRED)
    closing_people.close(person=person, by=by, **RETIRED)
    with pytest.raises(PersonClosed):
        closing_people.close(person=person, by=by, **RETIRED)


def test_the_last_other_operator_is_not_closed_with_a_stale_account() -> None:
    """Of two operators who close each other one stays."""
    first, second = make_operator(), make_operator()
    by_first, by_second = acting(first), acting(second)
    closing_people.close(person=second.user, by=by_first, **RETIRED)
    with pytest.raises((OnlyOperatorMay, LastOperator)):
        closing_people.close(person=first.user, by=by_second, **RETIRED)


def test_the_operator_corrects_the_name_of_a_holder(client: Client) -> None:
    holder, by = make_account().user, make_operator()
    client.force_login(by.user)
    path = reverse("accounts:correct_name", args=[holder.pk])
    page = client.post(path, {"new_name": holder.name, "reason": "戶籍"}).content.decode()
    assert "姓名與目前相同" in page
    client.post(path, {"new_name": "王 正名", "reason": "戶籍謄本"})
    holder.refresh_from_db()
    assert holder.name == "王 正名" and holder.name_key
    assert Notice.objects.filter(kind="person_changed", recipient=holder).count() == 1
    event = AuditEvent.objects.get(action="person.changed")
    assert event.reason == "戶籍謄本" and event.after == {"name": "王 正名"}


def test_a_name_is_corrected_by_another_operator_with_a_reason() -> None:
    operator, person = make_operator(), make_user()
    with pytest.raises(NotOneself):
        people.correct_name(person=operator.user, by=acting(operator), new_name="新名", reason="戶籍")
    with pytest.raises(OnlyOperatorMay):
        people.correct_name(person=person, by=acting(make_lead()), new_name="新名", reason="戶籍")
    with pytest.raises(ReasonNeeded):
        people.correct_name(person=person, by=acting(operator), new_name="新名", reason=" ")
    with pytest.raises(NameStays):
        people.correct_name(person=person, by=acting(operator), new_name=" ", reason="戶籍")


def test_the_page_closes_and_reopens(client: Client) -> None:
    person = make_user()
    client.force_login(make_operator().user)
    facts = {"because": "deceased", "reason": "除戶"}
    page = client.post(
        reverse("accounts:close_person", args=[person.pk]), facts, follow=True
    ).content.decode()
    assert "亡故" in page and "恢復此人員" in page
    page = client.post(
        reverse("accounts:reopen_person", args=[person.pk]), {"reason": "誤停用"}, follow=True
    ).content.decode()
    assert "停用此人員" in page and BusinessAccount.objects.filter(role=Role.OPERATOR).count() == 1


def test_a_closed_person_is_neither_entered_nor_appointed() -> None:
    operator, unit, person = acting(make_operator()), make_unit(), make_user(unit=make_unit())
    lead = acting(make_lead(unit))
    closing_people.close(person=person, by=operator, **RETIRED)
    facts = PlaceFacts(title="教師", since=clock.today())
    for act in (
        lambda: places.add_place(person=person, unit=unit, facts=facts, by=lead),
        lambda: staff.add(unit=unit, who=person.email, facts=facts, by=lead),
        lambda: appointments.appoint(user=person, unit=unit, role=Role.HANDLER, by=operator),
        lambda: appoint_all([Appointment(User.objects.get(pk=person.pk), unit, Role.HANDLER)], by=operator),
    ):
        with pytest.raises(PersonIsClosed):
            act()


def test_many_accounts_at_once_last_no_longer_than_the_service() -> None:
    operator, unit, person = acting(make_operator()), make_unit(), make_user()
    Affiliation.objects.create(user=person, unit=unit, until=clock.today() - timedelta(days=1))
    with pytest.raises(ServesNoLonger):
        appoint_all([Appointment(person, unit, Role.HANDLER)], by=operator)
    assert not person.business_accounts.exists()


@pytest.mark.parametrize("importer", ["people", "roster"])
def test_a_file_does_not_enter_a_closed_person(tmp_path: Path, importer: str) -> None:
    operator, unit, person = acting(make_operator()), make_unit(), make_user("陳一")
    person.set_national_id("A123456789")
    person.save(update_fields=User.NUMBER_FIELDS)
    closing_people.close(person=person, by=operator, **RETIRED)
    path = tmp_path / "people.csv"
    path.write_text(
        f"姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n陳一,A123456789,{person.email},{unit.code},教師,\n"
    )
    if importer == "people":
        report = import_people(path, by=operator)
    else:
        report = import_roster(path, by=operator, dry_run=False).report
    assert [row.column for row in report.refused] == ["姓名"] and not unit.affiliations.exists()


def test_no_mail_reaches_a_person_who_died() -> None:
    account = make_account()
    course = make_course(account)
    rows = [make_enrolment(course) for _ in range(2)]
    closing_people.close(
        person=rows[0].user, because=CloseReason.DECEASED, by=acting(make_operator()), reason="除戶"
    )
    withdrawal.withdraw(course=course, by=acting(account), reason="not_held")
    outbox.drain_all()
    assert [to for message in mail.outbox for to in message.to if "person" in to] and not [
        message.subject for message in mail.outbox if rows[0].user.email in message.to[0]
    ]


def test_closing_cancels_what_is_to_come_and_moves_the_waiting_list_up() -> None:
    person, waiting = make_user(), make_user()
    course = make_course(capacity=1)
    place = make_enrolment(course, person)
    next_one = make_enrolment(course, waiting, EnrolmentState.WAITLISTED)
    applied = make_enrolment(make_course(), person, EnrolmentState.APPLIED)
    begun = make_enrolment(make_course(day=clock.today(), ends_at=clock.now() + DAY), person)
    Session.objects.filter(course=begun.course).update(starts_at=clock.now() - timedelta(hours=1))
    over = make_enrolment(make_course(ago=3), person)
    closing_people.close(person=person, by=acting(make_operator()), **RETIRED)
    for row, state in (
        (place, EnrolmentState.CANCELLED),
        (applied, EnrolmentState.CANCELLED),
        (next_one, EnrolmentState.ADMITTED),
        (begun, EnrolmentState.ADMITTED),
        (over, EnrolmentState.ADMITTED),
    ):
        row.refresh_from_db()
        assert row.state == state
    course.refresh_from_db()
    assert course.seats_taken == 1
    notice = Notice.objects.get(kind="enrolment_cancelled", object_ref=f"enrolment:{place.pk}")
    assert notice.recipient == person and "您在本系統的資料已停用" in notice.body
    assert Notice.objects.filter(kind="admitted", recipient=waiting).exists()
    event = AuditEvent.objects.get(action="enrolment.cancel", object_id=place.pk)
    assert event.reason == "退休"


def test_closing_cancels_the_enrolments_of_a_merged_record() -> None:
    person, second, by = make_user(), make_user(), acting(make_operator())
    row = make_enrolment(make_course(), second)
    merging.merge(person=person, second=second, by=by, reason="同一人")
    closing_people.close(person=person, because=CloseReason.DECEASED, by=by, reason="除戶")
    row.refresh_from_db()
    assert row.state == EnrolmentState.CANCELLED
    assert not Notice.objects.filter(kind="enrolment_cancelled").exists()


def test_closing_the_last_lead_asks_first_and_the_page_says_what_follows(client: Client) -> None:
    lead = make_lead()
    make_course(lead)
    make_enrolment(make_course(), lead.user)
    operator = make_operator()
    with pytest.raises(LeavesUnitWithout):
        closing_people.close(person=lead.user, by=acting(operator), **RETIRED)
    client.force_login(operator.user)
    page = client.get(reverse("accounts:person", args=[lead.user_id])).content.decode()
    assert "1 門課程尚未結案" in page and "1 門即將辦理的課程" in page and "本單位沒有其他單位管理者" in page
    url = reverse("accounts:close_person", args=[lead.user_id])
    asked = client.post(url, RETIRED).content.decode()
    assert "仍要停用此人" in asked and User.objects.get(pk=lead.user_id).is_active
    client.post(url, RETIRED | {"confirmed": "on"})
    assert not User.objects.get(pk=lead.user_id).is_active


def test_another_lead_takes_over_and_is_named() -> None:
    handler = make_account()
    make_course(handler)
    lead = make_lead(handler.unit)
    [left] = left_by(handler.user)
    assert (left.courses, left.leads) == (1, [lead.user])


def test_what_waits_about_a_closed_person_ends_and_the_units_are_notified() -> None:
    person, lead = make_user(), make_lead()
    other = make_lead()
    [proposal] = proposals.propose_place(
        person, Unit.objects.get(pk=lead.unit_id), title="教師", source=ProposalSource.LOG_IN
    )
    offer = make_offer(other.unit, person)
    asked = applications.apply(
        by=teacher(person), unit=lead.unit, role=Role.HANDLER, reason="接任", starts_on=clock.today()
    )
    change = identity_changes.request(
        by=teacher(person), reason="改名", new_name="王改名", new_email=person.email
    )
    closing_people.close(person=person, by=acting(make_operator()), **RETIRED)
    for row in (proposal, offer, asked, change):
        row.refresh_from_db()
        assert row.state == "taken_back"
    notices = Notice.objects.filter(kind="proposal_moot")
    assert {row.recipient for row in notices} == {lead.user, other.user}
    assert not [row for row in notices if person.name in row.body + row.subject]


def test_a_proposed_end_is_settled_by_the_day_that_the_unit_writes() -> None:
    lead, person = make_lead(), make_user()
    place = Affiliation.objects.create(user=person, unit=lead.unit, title="教師")
    [row] = proposals.propose_ends([(place, clock.today())], source=ProposalSource.MOVE, by=None)
    facts = PlaceFacts(title="教師", until=clock.today() + DAY)
    places.correct_place(place=place, facts=facts, by=acting(lead))
    row.refresh_from_db()
    assert row.state == "taken_back"


def test_merging_settles_what_was_proposed_for_the_first_person() -> None:
    unit, person = make_unit(), make_user()
    second = make_user(unit=unit)
    [row] = proposals.propose_place(person, unit, title="教師", source=ProposalSource.LOG_IN)
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    row.refresh_from_db()
    assert row.state == "taken_back" and person.affiliations.serving().filter(unit=unit).exists()


def test_an_anonymised_person_is_neither_reopened_nor_parted() -> None:
    by, person, second = acting(make_operator()), make_user(), make_user()
    merging.merge(person=person, second=second, by=by, reason="同一人")
    closing_people.close(person=person, because="retired", by=by, reason="退休")
    anonymising.anonymise(User.objects.filter(pk=person.pk))
    with pytest.raises(PersonAnonymised):
        closing_people.reopen(person=person, by=by, reason="復職")
    with pytest.raises(PersonAnonymised):
        merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="誤併")
