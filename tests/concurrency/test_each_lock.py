"""Every lock of a row, taken alone: until its transaction ends, another connection cannot lock the row (PostgreSQL)."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import OperationalError, models, transaction

from accounts import locks as accounts
from accounts.actions import identity_changes, proposals
from accounts.enums import ProposalSource
from accounts.models import Affiliation, DayOff, PlaceProposal, UnitList
from audit import locks as audit
from audit.models import AuditChain
from bulletin import locks as bulletin
from courses import locks as courses
from courses.models import Tag, UnitLight
from kit import clock
from tests.concurrency import acts
from tests.concurrency.race import at_once
from tests.concurrency.test_lock_order import ALONE, ORDER
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_join_request,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)
from tests.project.test_locks import MODULES
from webhooks import locks as webhooks

# Returns the lock, ready to be taken, and the row that it locks.
Case = Callable[[], tuple[Callable[[], object], models.Model]]


def of_actor() -> tuple[Callable[[], object], models.Model]:
    account = make_account()
    by = acting(account)
    return lambda: accounts.lock_actor(by), account


def of_unit_accounts() -> tuple[Callable[[], object], models.Model]:
    account, by = make_account(), acting(make_operator())
    return lambda: accounts.lock_accounts_of([account.unit_id], by), account


def of_operators() -> tuple[Callable[[], object], models.Model]:
    return accounts.lock_operators, make_operator().unit


def of_application() -> tuple[Callable[[], object], models.Model]:
    row: Any = acts.applying()()
    return lambda: accounts.lock_application(row), row


def of_identity_change() -> tuple[Callable[[], object], models.Model]:
    user = make_user()
    row = identity_changes.request(by=teacher(user), new_name="新名", new_email=user.email, reason="改名")
    return lambda: accounts.lock_identity_change(row), row


def of_proposal() -> tuple[Callable[[], object], models.Model]:
    place = Affiliation.objects.create(user=make_user(), unit=make_unit(), title="教師")
    proposals.propose_ends([(place, clock.today())], source=ProposalSource.MOVE, by=None)
    row = PlaceProposal.objects.get(place=place)
    return lambda: accounts.lock_proposal(row), row


def make_day_off() -> DayOff:
    return DayOff.objects.create(
        day=clock.today() + timedelta(days=DayOff.objects.count()),
        name="颱風",
        added_by=make_operator(),
        added_at=clock.now(),
    )


def make_unit_list() -> UnitList:
    uploader = make_operator().user
    return UnitList.objects.create(name="名錄", uploaded_by=uploader, uploaded_at=clock.now(), unchanged=0)


def of_authenticator() -> tuple[Callable[[], object], models.Model]:
    row = Authenticator.objects.create(user=make_user(), type=Authenticator.Type.TOTP, data={})
    return lambda: accounts.lock_authenticator(row.pk), row


def of_enrolment(lock: Callable[[Any], object]) -> tuple[Callable[[], object], models.Model]:
    row = make_enrolment(make_course())
    return lambda: lock(row), row


def of_light() -> tuple[Callable[[], object], models.Model]:
    unit, year = make_unit(), clock.this_year()
    row = UnitLight.objects.create(unit=unit, year=year, computed_at=clock.now())
    return lambda: courses.lock_lights([unit.pk], year), row


def of_campaign() -> tuple[Callable[[], object], models.Model]:
    row = acts.campaign_of(make_course(ago=50), acting(make_officer()), begun=False)
    return lambda: courses.lock_campaign(row), row


def of_suspension() -> tuple[Callable[[], object], models.Model]:
    row, _job = acts.announcing_suspension()()
    return lambda: courses.lock_suspension(row), row


def of_published() -> tuple[Callable[[], object], models.Model]:
    row: Any = acts.publishing_line()()
    return lambda: bulletin.lock_published(row), row


def of_webhook() -> tuple[Callable[[], object], models.Model]:
    row, _secret = acts.adding_webhook()()
    return lambda: webhooks.lock_webhook(row), row


def of_chain() -> tuple[Callable[[], object], models.Model]:
    row = AuditChain.objects.get_or_create(kind="act")[0]
    return lambda: audit.lock_chain("act"), row


def of(make: Callable[[], Any], lock: Callable[[Any], object]) -> Case:
    """A lock that takes the row itself, or its primary key."""

    def case() -> tuple[Callable[[], object], models.Model]:
        row = make()
        return lambda: lock(row), row

    return case


LOCKS: dict[str, Case] = {
    "accounts.lock_units": of(make_unit, lambda row: accounts.lock_units([row.pk])),
    "accounts.lock_operators": of_operators,
    "accounts.lock_person": of(make_user, accounts.lock_person),
    "accounts.lock_people": of(make_user, lambda row: accounts.lock_people([row.pk])),
    "accounts.lock_actor": of_actor,
    "accounts.lock_accounts_of": of_unit_accounts,
    "accounts.lock_account": of(make_account, lambda row: accounts.lock_account(row, None)),
    "accounts.lock_accounts": of(make_account, lambda row: accounts.lock_accounts([row.pk], None)),
    "accounts.lock_application": of_application,
    "accounts.lock_identity_change": of_identity_change,
    "accounts.lock_join_request": of(lambda: make_join_request(make_unit()), accounts.lock_join_request),
    "accounts.lock_authenticator": of_authenticator,
    "accounts.lock_proposal": of_proposal,
    "accounts.lock_unit_list": of(make_unit_list, accounts.lock_unit_list),
    "accounts.lock_day_off": of(make_day_off, accounts.lock_day_off),
    "accounts.lock_entry": of(lambda: Tag.objects.create(name="新興議題"), accounts.lock_entry),
    "audit.lock_chain": of_chain,
    "bulletin.lock_published": of_published,
    "webhooks.lock_webhook": of_webhook,
    "courses.lock_course": of(make_course, courses.lock_course),
    "courses.lock_courses": of(make_course, lambda row: courses.lock_courses([row.pk])),
    "courses.lock_course_rows": of(make_course, lambda row: courses.lock_course_rows([row.pk])),
    "courses.lock_enrolments": lambda: of_enrolment(
        lambda row: courses.lock_enrolments(row.course, [row.pk])
    ),
    "courses.lock_enrolment_of": lambda: of_enrolment(
        lambda row: courses.lock_enrolment_of(row.course, row.user_id)
    ),
    "courses.lock_transfers": of(acts.transfer, lambda row: courses.lock_transfers([row.pk])),
    "courses.lock_lights": of_light,
    "courses.lock_campaign": of_campaign,
    "courses.lock_suspension": of_suspension,
}


def test_every_lock_of_a_row_has_a_case() -> None:
    found = {
        f"{module.removesuffix('.locks')}.{name}"
        for module in MODULES
        for name in vars(import_module(module))
        if name.startswith("lock_") and module != "kit.locks"
    }
    imported = {"courses.lock_rows", "accounts.lock_rows", "bulletin.lock_rows", "webhooks.lock_rows"}
    missing, gone = found - imported - LOCKS.keys(), LOCKS.keys() - found
    assert not missing and not gone, (missing, gone)


def try_to_lock(row: models.Model) -> None:
    with transaction.atomic():
        type(row)._base_manager.select_for_update(nowait=True, no_key=True).get(pk=row.pk)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_locked_cannot_be_locked_on_another_connection() -> None:
    """One test for all of them: emptying the database after each would take most of the time."""
    free = []
    for name, case in LOCKS.items():
        lock, row = case()
        # The test of the order of locks would not see a table that it does not know.
        assert row._meta.db_table in ORDER or row._meta.db_table in ALONE, name
        assert at_once([lambda row=row: try_to_lock(row)]) == [None], name
        with transaction.atomic():
            lock()
            [tried] = at_once([lambda row=row: try_to_lock(row)])
        if not isinstance(tried, OperationalError):
            free.append(name)
    assert not free
