"""The life of a business account: applied for, approved, suspended, resumed, ended; never passed on."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.actions import applications, appointments, identity_changes, inactive_accounts, people, reviews
from accounts.enums import AccountState, RequestState, Role
from accounts.errors import (
    AlreadyAppointed,
    AlreadyAsked,
    AlreadyDecided,
    AlreadyEnded,
    AlreadyReviewed,
    BadProof,
    EmailTaken,
    MayNotAppoint,
    NothingChanges,
    OnlyOperatorMay,
    ReasonNeeded,
    RoleNotHere,
)
from accounts.models import AccountApplication, BusinessAccount, IdentityChange, Proof, User
from audit.models import AuditEvent
from courses.actions import transfer_decisions, transfers
from courses.errors import NotYourUnit
from courses.models import TransferRequest
from kit import clock
from notices.models import Notice
from signin.actions import second_factor
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db


def ask(user: User, unit: Any, **fields: Any) -> AccountApplication:
    facts = {"role": "handler", "reason": "接辦研習業務", "starts_on": clock.today()} | fields
    return applications.apply(by=teacher(user), unit=unit, **facts)


def test_from_application_to_account_by_the_units_lead() -> None:
    lead = make_lead()
    user = make_user("新任", unit=lead.unit)
    row = ask(user, lead.unit)
    assert Notice.objects.filter(kind="application_asked", recipient=lead.user).count() == 1
    account = applications.approve(application=row, by=acting(lead))
    row.refresh_from_db()
    assert (row.state, row.account, row.decided_by) == (RequestState.APPROVED, account, lead.user)
    assert account.number.startswith(lead.unit.code) and account.is_active()
    assert Notice.objects.get(kind="application_approved").recipient == user
    with pytest.raises(AlreadyDecided):
        applications.refuse(application=row, by=acting(lead), reason="重複")
    with pytest.raises(AlreadyAppointed):
        ask(user, lead.unit)


def test_who_decides_never_oneself_never_beyond_the_county() -> None:
    unit = make_unit(county=make_county("屏東縣"))
    lead, officer, operator = make_lead(unit), make_officer(make_county("屏東縣")), make_operator()
    far = make_officer(make_county("花蓮縣"))
    colleague = make_account(unit)
    row = ask(make_user(), unit)
    own = ask(lead.user, unit)
    for by in (far, colleague):
        with pytest.raises(MayNotAppoint):
            applications.approve(application=row, by=acting(by))
    with pytest.raises(MayNotAppoint):
        applications.approve(application=own, by=acting(lead))
    with pytest.raises(ReasonNeeded):
        applications.refuse(application=row, by=acting(officer), reason=" ")
    applications.refuse(application=row, by=acting(officer), reason="非本校人員")
    assert applications.approve(application=own, by=acting(operator))


def test_only_the_operator_gives_oversight_roles_and_only_where_they_belong() -> None:
    officer, operator = make_officer(), make_operator()
    with pytest.raises(RoleNotHere):
        ask(make_user(), make_unit(), role=Role.OPERATOR)
    row = ask(make_user(), officer.unit, role=Role.COUNTY_OFFICER)
    with pytest.raises(MayNotAppoint):
        applications.approve(application=row, by=acting(officer))
    assert applications.approve(application=row, by=acting(operator)).role == Role.COUNTY_OFFICER


def test_one_waiting_application_a_role_and_the_applicant_takes_it_back() -> None:
    user, unit = make_user(), make_unit()
    row = ask(user, unit)
    with pytest.raises(AlreadyAsked):
        ask(user, unit)
    with pytest.raises(MayNotAppoint):
        applications.withdraw(application=row, by=teacher(make_user()))
    applications.withdraw(application=row, by=teacher(user))
    assert ask(user, unit).state == RequestState.PENDING


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.pdf", b"<html>"), ("a.png", b""), ("a.pdf", b"%PDF-" + b"x" * 2_100_000), ("a.exe", b"MZ")],
    ids=["foreign", "empty", "too large", "no paper"],  # of the content it would be: two million characters
)
def test_a_paper_is_what_its_first_bytes_say(name: str, data: bytes) -> None:
    with pytest.raises(BadProof):
        ask(make_user(), make_unit(), proof=SimpleUploadedFile(name, data))
    assert not AccountApplication.objects.exists()


def test_the_whole_way_in_pages(client: Client) -> None:
    lead = make_lead()
    user = make_user(unit=lead.unit)
    client.force_login(user)
    page = client.get(reverse("accounts:apply"))
    assert lead.unit.code in page.content.decode()
    facts = {
        "unit": lead.unit.code,
        "role": "handler",
        "reason": "接辦",
        "starts_on": clock.today().isoformat(),
    }
    bad = client.post(reverse("accounts:apply"), {**facts, "unit": "XXXXXX", "reason": ""})
    assert (
        bad.status_code == 200 and "沒有" in bad.content.decode() and not AccountApplication.objects.exists()
    )
    paper = SimpleUploadedFile('證明".pdf', b"%PDF-1.4 x", content_type="text/html")
    client.post(reverse("accounts:apply"), {**facts, "proof": paper})
    row = AccountApplication.objects.get()
    boss = Client()
    boss.force_login(lead.user)
    assert user.name in boss.get(reverse("accounts:requests")).content.decode()
    answer = boss.get(reverse("accounts:paper", args=[row.proof_id]))
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith(
        "attachment"
    )
    boss.post(reverse("accounts:decide_application", args=[row.pk]), {"decision": "refuse"})
    row.refresh_from_db()
    assert row.state == RequestState.PENDING
    boss.post(reverse("accounts:decide_application", args=[row.pk]), {"decision": "approve"})
    assert (
        BusinessAccount.objects.get(user=user).number in client.get(reverse("accounts:mine")).content.decode()
    )
    assert client.get("/unit/").status_code == 200


def test_an_ended_account_is_never_opened_again_not_even_past_the_application() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    appointments.end(account=account, by=acting(lead), confirmed=True, reason="離職")
    account.refresh_from_db()
    assert account.state() == AccountState.ENDED and not account.is_active()
    with pytest.raises(AlreadyEnded):
        appointments.resume(account=account, by=acting(lead), reason="回任")
    fresh = BusinessAccount.objects.get(pk=account.pk)
    fresh.valid_until = None
    with pytest.raises(ValidationError):
        fresh.save()
    for change in ({"valid_until": None}, {"ended_at": None}, {"suspended_at": clock.now()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            BusinessAccount.objects.filter(pk=account.pk).update(**change)


@pytest.mark.parametrize("column", ["user", "unit", "number", "role"])
def test_person_unit_number_and_role_never_change(column: str) -> None:
    account = make_account()
    other = {"user": make_user(), "unit": make_unit(), "number": "999999-999", "role": Role.UNIT_LEAD}[column]
    with pytest.raises(DatabaseError), transaction.atomic():
        BusinessAccount.objects.filter(pk=account.pk).update(**{column: other})
    setattr(account, column, other)
    fresh = BusinessAccount.objects.get(pk=account.pk)
    setattr(fresh, column, other)
    with pytest.raises(ValidationError):
        fresh.save()


def test_the_person_ends_the_own_account_a_colleague_cannot() -> None:
    account = make_account()
    colleague = make_account(account.unit)
    with pytest.raises(MayNotAppoint):
        appointments.end(account=account, by=acting(colleague), confirmed=True)
    appointments.end(account=account, by=acting(account), confirmed=True, reason="職務異動")
    assert not BusinessAccount.objects.active().filter(pk=account.pk).exists()


def test_suspended_by_the_person_only_a_person_else_resumes() -> None:
    lead = make_lead()
    account = make_account(lead.unit)
    appointments.suspend(account=account, by=acting(account), reason="育嬰留停")
    account.refresh_from_db()
    assert account.state() == AccountState.SUSPENDED
    with pytest.raises(MayNotAppoint):
        appointments.resume(account=account, by=teacher(account.user), reason="回來了")
    appointments.resume(account=account, by=acting(lead), reason="復職")
    account.refresh_from_db()
    assert account.is_active()


def test_unclosed_courses_left_behind_are_offered_to_a_colleague_before_and_after_the_end(
    client: Client,
) -> None:
    leaving = make_account()
    colleague, stranger = make_account(leaving.unit), make_account()
    before, afterwards = make_course(leaving, ago=10), make_course(leaving, ago=20)
    client.force_login(leaving.user)
    page = client.get(reverse("courses:account", args=[leaving.pk])).content.decode()
    assert before.title in page and afterwards.title in page and colleague.number in page
    facts = {"courses": [before.pk], "to_account": colleague.pk, "reason": "調職"}
    wrong = client.post(
        reverse("courses:offer_courses", args=[leaving.pk]), {**facts, "to_account": stranger.pk}
    )
    assert wrong.status_code == 200 and not TransferRequest.objects.exists()
    client.post(reverse("courses:offer_courses", args=[leaving.pk]), facts)
    client.post(reverse("courses:end_account", args=[leaving.pk]), {"reason": "調職"})
    client.post(reverse("courses:offer_courses", args=[leaving.pk]), {**facts, "courses": [afterwards.pk]})
    assert TransferRequest.objects.filter(to_account=colleague, requested_by=leaving.user).count() == 2
    with pytest.raises(NotYourUnit):
        transfers.offer(by=acting(stranger), courses=[before], to_account=colleague, reason="x")
    operator = make_operator()
    transfer_decisions.approve(transfers=list(TransferRequest.objects.all()), by=acting(operator))
    before.refresh_from_db()
    assert before.handler == colleague


def logged_in_ago(account: BusinessAccount, days: int) -> BusinessAccount:
    User.objects.filter(pk=account.user_id).update(last_login=clock.now() - timedelta(days=days))
    return account


@pytest.mark.parametrize(
    ("days", "state", "warned"),
    [
        (165, "active", 0),
        (166, "active", 1),
        (179, "active", 1),
        (180, "suspended", 0),
        (364, "suspended", 0),
        (365, "ended", 0),
    ],
)
def test_long_absence_is_warned_of_suspended_ended(days: int, state: str, warned: int) -> None:
    account = logged_in_ago(make_account(), days)
    inactive_accounts.suspend_and_end()
    account.refresh_from_db()
    assert account.state() == state
    assert Notice.objects.filter(kind="account_warning", recipient=account.user).count() == warned
    inactive_accounts.suspend_and_end()
    account.refresh_from_db()
    assert account.state() == state and Notice.objects.filter(kind="account_warning").count() <= 2


def test_a_resumed_account_is_not_suspended_again_the_next_night() -> None:
    lead = make_lead()
    logged_in_ago(lead, 1)
    account = logged_in_ago(make_account(lead.unit), 200)
    inactive_accounts.suspend_and_end()
    account.refresh_from_db()
    appointments.resume(account=account, by=acting(lead), reason="回任")
    inactive_accounts.suspend_and_end()
    account.refresh_from_db()
    assert account.is_active()


def test_a_temporary_account_is_warned_and_ends_by_itself() -> None:
    account = logged_in_ago(make_account(valid_until=clock.today() + timedelta(days=14)), 1)
    gone = logged_in_ago(make_account(valid_until=clock.today() - timedelta(days=1)), 1)
    inactive_accounts.suspend_and_end()
    gone.refresh_from_db()
    account.refresh_from_db()
    assert gone.ended_at and account.is_active()
    assert Notice.objects.filter(kind="account_warning", recipient=account.user).count() == 1


def test_the_half_yearly_review_is_due_once_and_confirmed_once(client: Client) -> None:
    lead = logged_in_ago(make_lead(), 1)
    handler = make_account(lead.unit)
    inactive_accounts.suspend_and_end()
    inactive_accounts.suspend_and_end()
    assert Notice.objects.filter(kind="review_due", recipient=lead.user).count() == 1
    assert reviews.is_due(lead.unit_id)
    client.force_login(lead.user)
    page = client.get(reverse("accounts:unit")).content.decode()
    assert handler.number in page
    assert "即將確認本單位 1 個帳號" in page.split(reverse("accounts:confirm_review"))[1].split(">")[0]
    client.post(reverse("accounts:confirm_review"))
    assert not reviews.is_due(lead.unit_id)
    with pytest.raises(AlreadyReviewed):
        reviews.confirm(by=acting(lead))
    with pytest.raises(MayNotAppoint):
        reviews.confirm(by=acting(handler))


# --- Hand-overs ------------------------------------------------------------------------------------------------------
def test_name_and_email_of_a_holder_change_only_through_an_approved_request() -> None:
    account, operator = make_account(), make_operator()
    user = account.user
    for change in ({"name": "接任者"}, {"email": "successor@school.example"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            User.objects.filter(pk=user.pk).update(**change)
    row = identity_changes.request(by=teacher(user), new_name="王改名", new_email=user.email, reason="改名")
    with pytest.raises(AlreadyAsked):
        identity_changes.request(by=teacher(user), new_name="王又改", new_email=user.email, reason="改名")
    with pytest.raises(MayNotAppoint):
        identity_changes.approve(change=row, by=acting(make_lead(account.unit)))
    with pytest.raises(MayNotAppoint):
        identity_changes.approve(change=row, by=acting(make_officer(make_county("花蓮縣"))))
    identity_changes.approve(change=row, by=acting(operator))
    user.refresh_from_db()
    assert user.name == "王改名"
    # The approval was for this once.
    with pytest.raises(DatabaseError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(name="再改")
    event = AuditEvent.objects.get(action="identity.approved")
    assert event.before["name"] != event.after["name"] == "王改名"


def test_a_teacher_without_account_may_be_renamed_by_the_import() -> None:
    user = make_user()
    assert User.objects.filter(pk=user.pk).update(name="新名字") == 1


def test_a_changed_mailbox_must_be_proved_and_every_session_ends(
    client: Client, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    account, operator = make_account(), make_operator()
    old = account.user.email
    client.post(reverse("account_login"), {"login": old, "password": "a-long-pass-word"})
    assert client.get("/me/").status_code == 200
    row = identity_changes.request(
        by=teacher(account.user), new_name=account.user.name, new_email="New@School.Example", reason="換信箱"
    )
    with django_capture_on_commit_callbacks(execute=True):
        identity_changes.approve(change=row, by=acting(operator))
    assert client.get("/me/").status_code == 302
    assert any(m.to == [old] for m in mailoutbox)
    client.post(reverse("account_login"), {"login": "new@school.example", "password": "a-long-pass-word"})
    assert client.get("/me/").status_code == 302 and mailoutbox[-1].to == ["new@school.example"]


def test_changes_that_are_none_or_take_anothers_mailbox_are_refused() -> None:
    user, other = make_user(), make_user()
    with pytest.raises(NothingChanges):
        identity_changes.request(by=teacher(user), new_name=user.name, new_email=user.email, reason="x")
    with pytest.raises(EmailTaken):
        identity_changes.request(
            by=teacher(user), new_name=user.name, new_email=other.email.upper(), reason="x"
        )
    assert not IdentityChange.objects.exists()


# --- National IDs ----------------------------------------------------------------------------------------------------
def test_the_whole_national_id_is_shown_to_the_operator_with_a_reason_that_the_person_sees(
    client: Client,
) -> None:
    operator = make_operator()
    person = make_user()
    person.set_national_id("A123456789")
    person.save()
    client.force_login(operator.user)
    url = reverse("accounts:reveal", args=[person.pk])
    assert "A123456789" not in client.post(url, {"reason": ""}).content.decode()
    answer = client.post(url, {"reason": "核對重複帳號"})
    assert "A123456789" in answer.content.decode() and "no-store" in answer["Cache-Control"]
    page = client.get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert "A123456789" not in page and "A12345****" in page
    mine = Client()
    mine.force_login(person)
    assert "核對重複帳號" in mine.get(reverse("accounts:my_record")).content.decode()
    for by in (make_lead(), make_officer(), make_account()):
        with pytest.raises(OnlyOperatorMay):
            people.reveal_numbers(person=person, by=acting(by), reason="好奇")


def test_a_person_is_found_by_the_whole_number_and_by_no_part_of_it(client: Client) -> None:
    client.force_login(make_operator().user)
    person = make_user("林查得到")
    person.set_national_id("A123456789")
    person.save()
    url = reverse("accounts:people")
    assert person.name in client.post(url, {"q": "a 123456789"}).content.decode()
    assert person.name not in client.post(url, {"q": "A12345678"}).content.decode()
    assert "A123456789" not in client.post(url, {"q": "A123456789"}).content.decode()


def test_the_operator_takes_off_a_lost_second_step_and_the_person_is_notified() -> None:
    person, operator = make_user(), make_operator()
    person.authenticator_set.create(type="totp", data={"secret": "x"})
    with pytest.raises(OnlyOperatorMay):
        second_factor.reset_second_factor(person=person, by=acting(make_lead()), reason="手機遺失")
    assert second_factor.reset_second_factor(person=person, by=acting(operator), reason="手機遺失") == 1
    assert Notice.objects.filter(kind="second_factor_reset", recipient=person).exists()


def test_a_paper_whose_file_is_deleted_is_not_there(client: Client) -> None:
    lead, user = make_lead(), make_user()
    proof = Proof.objects.create(
        name="x.pdf", uploaded_by=user, uploaded_at=clock.now(), content_type="application/pdf"
    )
    client.force_login(user)
    assert proof.file is None and client.get(reverse("accounts:paper", args=[proof.pk])).status_code == 404
    client.force_login(lead.user)
    assert client.get(reverse("accounts:paper", args=[proof.pk])).status_code == 404
