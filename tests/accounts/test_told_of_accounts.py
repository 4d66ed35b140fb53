"""A person gets a notice of an account that is given or has run out, whatever the cause: operator, application, import,
nightly job.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.actions import applications, appointments, inactive_accounts, reviews
from accounts.enums import Role
from accounts.imports.people import import_people
from accounts.models import BusinessAccount, User
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.factories import acting, make_account, make_lead, make_operator, make_unit, make_user, teacher

IDS = ("A123456789", "F131104093")
pytestmark = pytest.mark.django_db


def told(user: User) -> list[str]:
    return list(Notice.objects.for_person(user.pk).order_by("id").values_list("kind", flat=True))


def test_an_account_given_by_the_operator_is_notified_to_the_person_and_the_leads() -> None:
    lead = make_lead()
    person = make_user(unit=lead.unit)
    account = appointments.appoint(user=person, unit=lead.unit, role=Role.HANDLER, by=acting(make_operator()))
    assert told(person) == ["account_given"] and told(lead.user) == ["account_given"]
    bodies = dict(Notice.objects.values_list("recipient_id", "body"))
    assert account.number in bodies[person.pk] and "您" in bodies[person.pk]
    assert person.name in bodies[lead.user_id]


@pytest.mark.parametrize("has_password", [True, False])
def test_a_new_account_says_how_to_log_in_the_first_time(has_password: bool) -> None:
    person = make_user()
    if not has_password:
        person.set_unusable_password()
        person.save()
    unit = make_lead().unit
    appointments.appoint(user=person, unit=unit, role=Role.HANDLER, by=acting(make_operator()))
    assert ("忘記密碼？" in Notice.objects.get(recipient=person).body) is not has_password
    assert not Notice.objects.exclude(recipient=person).filter(body__contains="忘記密碼").exists()


def test_an_approved_application_is_notified_once() -> None:
    lead = make_lead()
    person = make_user(unit=lead.unit)
    row = applications.apply(
        by=teacher(person), unit=lead.unit, role=Role.HANDLER, reason="接辦", starts_on=clock.today()
    )
    applications.approve(application=row, by=acting(lead))
    assert told(person) == ["application_approved"]


def test_accounts_of_an_import_are_notified_to_their_people(tmp_path: Path) -> None:
    unit = make_unit()
    file = tmp_path / "people.csv"
    lines = ["姓名,身分證字號,電子郵件,學校代碼,職稱,角色"]
    lines += [f"陳老師,{number},{number}@x.example,{unit.code},教師,業務承辦人" for number in IDS]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert import_people(file).saved
    numbers = dict(BusinessAccount.objects.values_list("user__email", "number"))
    assert len(numbers) == 2
    for user in User.objects.filter(email__in=numbers):
        assert told(user) == ["account_given"]
        assert numbers[user.email] in Notice.objects.get(recipient=user).subject


def test_an_account_whose_last_day_has_passed_is_notified_with_the_reason_in_the_readers_language() -> None:
    account = make_account(valid_until=clock.today() - timedelta(days=1))
    inactive_accounts.suspend_and_end()
    inactive_accounts.suspend_and_end()
    assert told(account.user) == ["account_ended"]
    assert "任期已屆滿" in Notice.objects.get(recipient=account.user).body


def test_a_warning_that_waited_until_the_person_came_back_is_not_sent(mailoutbox: Any) -> None:
    quiet = make_account(valid_from=clock.today() - timedelta(days=170))
    still = make_account(valid_from=clock.today() - timedelta(days=170))
    inactive_accounts.suspend_and_end()
    User.objects.filter(pk=quiet.user_id).update(last_login=clock.now())
    outbox.drain_all()
    assert [mail.to for mail in mailoutbox] == [[still.user.email]]


def test_a_request_for_a_review_that_is_there_meanwhile_is_not_sent(mailoutbox: Any) -> None:
    lead = make_lead()
    User.objects.update(last_login=clock.now())
    inactive_accounts.suspend_and_end()
    assert told(lead.user) == ["review_due"]
    reviews.confirm(by=acting(lead))
    outbox.drain_all()
    assert not mailoutbox
