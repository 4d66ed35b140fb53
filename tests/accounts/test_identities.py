"""The one way to change the name, e-mail and numbers of a person: every proof of the former identity ends, the change is
recorded and notified.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import identities, identity_changes, people
from accounts.actions.identities import Was
from accounts.errors import (
    ChangedMeanwhile,
    NotOneself,
    NumbersStay,
    NumberTaken,
    OnlyOperatorMay,
    ReasonNeeded,
)
from accounts.identity import BadNationalId, BadPassport
from accounts.imports.people import import_people
from accounts.models import User
from audit.models import AuditEvent
from notices.models import Notice
from notices.outbox import drain
from signin.actions import mailboxes, tokens
from tests.factories import (
    PASSWORD,
    acting,
    make_account,
    make_key,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
HEADING = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n"


def file(tmp_path: Path, *rows: str, heading: str = HEADING) -> str:
    path = tmp_path / "people.csv"
    path.write_text(heading + "".join(f"{row}\n" for row in rows))
    return str(path)


def person_of(number: str = "A123456789", **fields: Any) -> User:
    person = make_user(**fields)
    person.set_national_id(number)
    person.save(update_fields=User.NUMBER_FIELDS)
    return person


def moved(tmp_path: Path, **fields: Any) -> User:
    """A person whose mailbox a file has changed."""
    person = person_of(name="陳一", email="old@x.example", **fields)
    unit = person.affiliations.first().unit if person.affiliations.exists() else make_unit("134526")
    assert import_people(file(tmp_path, f"陳一,A123456789,new@x.example,{unit.code},教師,")).saved
    person.refresh_from_db()
    return person


# --- E-mail -----------------------------------------------------------------------------------------------------------
def test_a_mailbox_changed_by_a_file_has_to_be_proved_and_the_former_one_opens_nothing(
    tmp_path: Path,
) -> None:
    person = moved(tmp_path)
    rows = EmailAddress.objects.filter(user=person).values_list("email", "primary", "verified")
    assert list(rows) == [("new@x.example", True, False)]
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": "old@x.example"})
    assert not [m for m in mail.outbox if "/password/reset/key/" in m.body]
    Client().post(reverse("account_reset_password"), {"email": "new@x.example"})
    assert [m.to for m in mail.outbox if "/password/reset/key/" in m.body] == [["new@x.example"]]


def test_sessions_and_keys_end_when_a_file_changes_the_mailbox(tmp_path: Path, client: Client) -> None:
    unit = make_unit("134526")
    person = person_of(name="陳一", unit=unit, email="old@x.example")
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    key = make_key(person, for_business=False)
    assert client.get("/me/").status_code == 200 and tokens.find(key)
    import_people(file(tmp_path, "陳一,A123456789,new@x.example,134526,教師,"))
    assert client.get("/me/").status_code == 302 and tokens.find(key) is None


def test_the_former_mailbox_and_the_person_are_notified_and_the_record_has_both_addresses(
    tmp_path: Path,
) -> None:
    person = moved(tmp_path)
    event = AuditEvent.objects.get(action="person.changed")
    assert (event.before, event.after) == ({"email": "old@x.example"}, {"email": "new@x.example"})
    assert list(event.subjects.values_list("person_id", flat=True)) == [person.pk]
    assert Notice.objects.get(kind="identity_old_mailbox").address == "old@x.example"
    notice = Notice.objects.get(kind="person_changed", recipient=person)
    assert "old@x.example → new@x.example" in notice.body
    drain()
    assert sorted(to for m in mail.outbox for to in m.to) == ["new@x.example", "old@x.example"]


def test_who_inherits_an_address_may_prove_it_and_log_in(tmp_path: Path, client: Client) -> None:
    former = moved(tmp_path)
    import_people(file(tmp_path, "林二,B123456780,old@x.example,134526,教師,"))
    heir = User.objects.get(email="old@x.example")
    assert not EmailAddress.objects.filter(user=former, email="old@x.example").exists()
    # Left there by an earlier release.
    EmailAddress.objects.create(user=former, email="Old@x.example", verified=True, primary=False)
    mailboxes.mark_mailboxes_proved([heir])
    assert list(
        EmailAddress.objects.filter(email__iexact="old@x.example").values_list("user", flat=True)
    ) == [heir.pk]
    heir.set_password(PASSWORD)
    heir.save()
    client.post(reverse("account_login"), {"login": "old@x.example", "password": PASSWORD})
    assert client.get("/me/").status_code == 200


def test_a_new_person_gets_no_proof_from_an_address_that_a_person_else_had(tmp_path: Path) -> None:
    make_unit("134526")
    former = make_user(email="now@x.example")
    EmailAddress.objects.create(user=former, email="Old@x.example", verified=True, primary=False)
    import_people(file(tmp_path, "林二,B123456780,old@x.example,134526,教師,"))
    assert not EmailAddress.objects.filter(email__iexact="old@x.example").exists()


def test_one_number_more_of_a_person_ends_nothing_and_is_recorded(tmp_path: Path, client: Client) -> None:
    unit = make_unit("134526")
    person = make_user("陳一", unit, email="a@x.example")
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    import_people(file(tmp_path, "陳一,A123456789,a@x.example,134526,教師,"))
    assert client.get("/me/").status_code == 200
    event = AuditEvent.objects.get(action="person.changed")
    assert (event.before, event.after) == ({"national_id": ""}, {"national_id": "A12345****"})


def test_people_are_saved_as_they_were_read_or_not_at_all() -> None:
    person = make_user("陳一")
    was = Was.of(person)
    User.objects.filter(pk=person.pk).update(name="陳改名")
    person.name = "陳二"
    with pytest.raises(ChangedMeanwhile):
        identities.save([was], by=None)


def test_the_queries_of_a_change_do_not_grow_with_the_people() -> None:
    counts = []
    for size in (2, 12):
        changed = []
        for person in [make_user() for _ in range(size)]:
            changed.append(Was.of(person))
            person.name += "改"
        with CaptureQueriesContext(connection) as asked:
            identities.save(changed, by=None)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- An approved request ----------------------------------------------------------------------------------------------
def test_approving_another_name_keeps_an_email_that_has_changed_since(tmp_path: Path) -> None:
    person = person_of(name="陳一", unit=make_unit("134526"), email="old@x.example")
    row = identity_changes.request(
        by=Actor(person), new_name="陳新", new_email="old@x.example", reason="改名"
    )
    import_people(file(tmp_path, "陳一,A123456789,new@x.example,134526,教師,"))
    identity_changes.approve(change=row, by=acting(make_operator()))
    person.refresh_from_db()
    assert (person.name, person.email) == ("陳新", "new@x.example")
    event = AuditEvent.objects.get(action="identity.approved")
    assert event.before["email"] == event.after["email"] == "new@x.example"


def test_approving_another_email_keeps_a_name_that_has_changed_since(tmp_path: Path) -> None:
    person = person_of(name="陳一", unit=make_unit("134526"), email="old@x.example")
    row = identity_changes.request(
        by=Actor(person), new_name="陳一", new_email="new@x.example", reason="換信箱"
    )
    import_people(file(tmp_path, "陳改,A123456789,old@x.example,134526,教師,"))
    identity_changes.approve(change=row, by=acting(make_operator()))
    person.refresh_from_db()
    assert (person.name, person.email) == ("陳改", "new@x.example")


def test_a_holders_name_is_approved_although_the_trigger_guards_it() -> None:
    account = make_account()
    row = identity_changes.request(
        by=teacher(account.user), new_name="改名", new_email=account.user.email, reason="改名"
    )
    identity_changes.approve(change=row, by=acting(make_operator()))
    account.user.refresh_from_db()
    row.refresh_from_db()
    assert account.user.name == "改名" and not row.applying


# --- A wrong number ---------------------------------------------------------------------------------------------------
def test_the_operator_corrects_a_wrong_number_with_reason_record_and_notice(client: Client) -> None:
    person, operator = person_of("A123456789"), make_operator()
    SocialAccount.objects.create(user=person, provider="moe", uid="1")
    client.force_login(operator.user)
    url = reverse("accounts:correct_numbers", args=[person.pk])
    page = client.post(url, {"national_id": "B123456780", "reason": ""}).content.decode()
    assert "B123456780" not in page and not AuditEvent.objects.filter(action="person.changed").exists()
    answer = client.post(url, {"national_id": "b 123456780", "reason": "看過身分證"})
    person.refresh_from_db()
    assert answer.status_code == 302 and person.national_id == "B123456780"
    event = AuditEvent.objects.get(action="person.changed")
    assert (event.before, event.after, event.reason) == (
        {"national_id": "A12345****"},
        {"national_id": "B12345****"},
        "看過身分證",
    )
    notice = Notice.objects.get(kind="person_changed", recipient=person)
    assert "看過身分證" in notice.body and "A12345**** → B12345****" in notice.body


def test_log_ins_found_through_the_former_number_are_disconnected_and_sessions_end(
    settings: Any, client: Client
) -> None:
    settings.OIDC_ISSUERS_BY_ID = {"by-id": {"national_id_claim": "id"}, "by-mail": {"trusts_email": True}}
    person = person_of()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    for issuer in settings.OIDC_ISSUERS_BY_ID:
        SocialAccount.objects.create(user=person, provider=issuer, uid="1")
    people.correct_numbers(
        person=person, by=acting(make_operator()), national_id="B123456780", reason="看過證件"
    )
    assert list(SocialAccount.objects.values_list("provider", flat=True)) == ["by-mail"]
    assert client.get("/me/").status_code == 302


def test_a_slip_stored_as_passport_becomes_a_national_id() -> None:
    person = make_user()
    person.set_passport("A12345678")
    person.save()
    people.correct_numbers(
        person=person, by=acting(make_operator()), national_id="A123456789", passport="", reason="少打一碼"
    )
    person.refresh_from_db()
    assert (person.national_id, person.passport, person.passport_hash) == ("A123456789", "", None)


@pytest.mark.parametrize(
    ("numbers", "refusal"),
    [
        ({"national_id": "A123456788"}, BadNationalId),
        ({"national_id": "K1234567"}, BadNationalId),
        ({"passport": "A123456789"}, BadPassport),
        ({"national_id": "B123456780"}, NumberTaken),
        ({"passport": "K1234567"}, NumberTaken),
        ({"national_id": "A123456789"}, NumbersStay),
        ({}, NumbersStay),
    ],
)
def test_a_correction_to_no_number_or_anothers_is_refused(numbers: dict[str, str], refusal: Any) -> None:
    person, other = person_of("A123456789"), person_of("B123456780", name="林二")
    other.set_passport("K1234567")
    other.save()
    with pytest.raises(refusal):
        people.correct_numbers(person=person, by=acting(make_operator()), reason="看過證件", **numbers)
    person.refresh_from_db()
    assert person.national_id == "A123456789" and not Notice.objects.exists()


def test_only_another_operator_corrects_a_number_and_with_a_reason() -> None:
    person, operator = person_of(), make_operator()
    for by in (make_lead(), make_officer(), make_account()):
        with pytest.raises(OnlyOperatorMay):
            people.correct_numbers(person=person, by=acting(by), national_id="B123456780", reason="x")
    with pytest.raises(ReasonNeeded):
        people.correct_numbers(person=person, by=acting(operator), national_id="B123456780", reason=" ")
    with pytest.raises(NotOneself):
        people.correct_numbers(
            person=operator.user, by=acting(operator), national_id="B123456780", reason="x"
        )


# --- What earlier releases left ---------------------------------------------------------------------------------------
def test_the_migration_forgets_addresses_that_are_no_longer_their_persons() -> None:
    person, other = make_user(email="Now@x.example"), make_user()
    EmailAddress.objects.filter(user=person).update(email="now@x.example")
    EmailAddress.objects.create(user=person, email="old@x.example", verified=True)
    import_module("accounts.migrations.0010_addresses_are_their_persons").forget(apps, None)
    assert set(EmailAddress.objects.values_list("email", flat=True)) == {"now@x.example", other.email}
