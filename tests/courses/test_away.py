"""本週外出研習名單: who of the unit's staff is away at other units' courses, as page, file and e-mail."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Affiliation, BusinessAccount
from audit.models import AuditEvent
from courses.actions.away_notices import KIND, batch
from courses.enums import EnrolmentState, LeaveKind
from courses.models import Enrolment
from courses.models.deadlines import DAY
from kit import clock
from kit.holidays import is_workday
from notices import outbox, timed
from notices.models import Notice
from tests.factories import (
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_roster_keeper,
    make_user,
)

pytestmark = pytest.mark.django_db
MONDAY, WEDNESDAY = date(2026, 11, 30), date(2026, 12, 2)


@pytest.fixture
def lead() -> BusinessAccount:
    return make_lead()


def goes(lead: BusinessAccount, day: date = WEDNESDAY, **fields: Any) -> Enrolment:
    """One of the lead's staff has a place in another unit's course."""
    return make_enrolment(make_course(day=day, **fields), make_user(unit=lead.unit))


def page(lead: BusinessAccount, query: str = "?week=2026-12-02") -> Any:
    client = Client()
    client.force_login(lead.user)
    return client.get(f"/unit/away/{query}")


def test_the_page_lists_the_weeks_people_with_day_hour_and_leave(lead: BusinessAccount) -> None:
    row = goes(lead, leave_kind=LeaveKind.SUBSTITUTE)
    text = page(lead).content.decode()
    for word in (row.user.name, row.course.title, row.course.unit.name, "13:30–16:30", "公假派代", "12月2日"):
        assert word in text, word
    assert AuditEvent.objects.filter(action="read.away").count() == 1
    assert row.user.name not in page(lead, "?week=2026-12-09").content.decode()
    assert "沒有人員外出研習" in page(lead, "?week=nonsense").content.decode()


def test_who_is_not_away_is_not_listed(lead: BusinessAccount) -> None:
    own = make_enrolment(make_course(make_account(lead.unit), day=WEDNESDAY), make_user(unit=lead.unit))
    elsewhere = make_enrolment(make_course(day=WEDNESDAY))
    waiting = goes(lead)
    Enrolment.objects.filter(pk=waiting.pk).update(state=EnrolmentState.WAITLISTED)
    left = goes(lead)
    Affiliation.objects.filter(user=left.user).update(until=date(2026, 11, 29))
    text = page(lead).content.decode()
    assert not [row for row in (own, elsewhere, waiting, left) if row.user.name in text]


@pytest.mark.parametrize("fmt", ["ods", "xlsx", "csv"])
def test_the_list_is_a_file_in_every_format(lead: BusinessAccount, fmt: str) -> None:
    row = goes(lead)
    response = page(lead, f"?week=2026-12-02&download={fmt}")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == 200 and content
    if fmt == "csv":
        assert row.user.name in content.decode("utf-8-sig")


def test_a_handler_does_not_see_the_list(lead: BusinessAccount) -> None:
    assert page(make_account(lead.unit)).status_code == 403


def test_it_is_mailed_on_the_first_working_day_of_the_week(
    lead: BusinessAccount, mailoutbox: list[Any]
) -> None:
    stays, gives_back = goes(lead), goes(lead)
    with time_machine.travel(clock.at_taipei(MONDAY, time(8))):
        timed.prepare_due()
        Notice.objects.exclude(kind=KIND).update(by_mail=False)
        Enrolment.objects.filter(pk=gives_back.pk).update(state=EnrolmentState.CANCELLED)
        outbox.drain()
    (mail,) = mailoutbox
    assert mail.to == [lead.user.email] and stays.user.name in mail.body
    assert gives_back.user.name not in mail.body, "as it is when it leaves"
    with time_machine.travel(clock.at_taipei(MONDAY + DAY, time(8))):
        assert KIND not in timed.prepare_due()


def test_a_roster_keeper_has_the_page_and_the_mail(lead: BusinessAccount, mailoutbox: list[Any]) -> None:
    keeper, row = make_roster_keeper(lead.unit), goes(lead)
    make_roster_keeper(lead.unit, user=lead.user)
    assert row.user.name in page(keeper, "?week=2026-12-02").content.decode()
    with time_machine.travel(clock.at_taipei(MONDAY, time(8))):
        timed.prepare_due()
        Notice.objects.exclude(kind=KIND).update(by_mail=False)
        outbox.drain()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([lead.user.email, keeper.user.email])


def test_it_is_not_sent_to_who_leads_no_more(lead: BusinessAccount, mailoutbox: list[Any]) -> None:
    goes(lead)
    with time_machine.travel(clock.at_taipei(MONDAY, time(8))):
        timed.prepare_due()
        Notice.objects.exclude(kind=KIND).update(by_mail=False)
        BusinessAccount.objects.filter(pk=lead.pk).update(valid_until=date(2026, 11, 29))
        outbox.drain()
    assert not mailoutbox


def test_a_batch_takes_the_same_queries_for_one_unit_and_for_many() -> None:
    def queries() -> int:
        is_workday(clock.today())  # the days off are in the cache
        with CaptureQueriesContext(connection) as seen:
            assert outbox.write(batch(MONDAY, 0).notices)
        return len(seen)

    goes(make_lead())
    one = queries()
    for _ in range(10):
        goes(make_lead())
    assert queries() == one <= 9
