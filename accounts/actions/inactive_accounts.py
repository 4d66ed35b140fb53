"""The nightly look at all business accounts: last days carried out, long absences warned of, suspended, ended."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.actions import appointments, reviews
from accounts.change_signals import accounts_ended
from accounts.enums import AccountState, Role
from accounts.models import AccountReview, BusinessAccount
from accounts.models.stored_reasons import LAST_DAY, idle, shown
from accounts.unit_pages import unit_page
from audit import log
from kit import clock
from kit.errors import Refusal
from kit.one_by_one import one_by_one
from notices import outbox, outdated
from notices.models import Notice

logger = logging.getLogger(__name__)
WARN_AHEAD = timedelta(days=14)


@dataclass
class Counts:
    ended: int = 0
    suspended: int = 0
    warned: int = 0
    reviews: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def quiet_since(account: BusinessAccount) -> date:
    """The day from which absence counts: the last log-in, or the account's begin or resumption where that is later."""
    days = [account.valid_from]
    days += [clock.day_of(moment) for moment in (account.user.last_login, account.resumed_at) if moment]
    return max(days)


def suspend_and_end() -> Counts:
    """Safe to run twice and at once: each act locks its row and refuses when it has been done. Notices are unique by day.

    An account that fails keeps no other from its turn. Raise an `ExceptionGroup` of all failures at the end.
    """
    counts, today = Counts(), clock.today()
    rows = BusinessAccount.objects.filter(ended_at=None, valid_from__lte=today).select_related("user", "unit")
    with one_by_one(logger, "accounts could not be looked at") as turn:
        for account in list(rows):
            # Refused: decided by another person meanwhile.
            with turn(f"account {account.pk}"), suppress(Refusal):
                _look_at(account, today, counts)
        with turn("reviews"):
            counts.reviews = _ask_for_reviews(today)
    return counts


def _look_at(account: BusinessAccount, today: date, counts: Counts) -> None:
    quiet = (today - quiet_since(account)).days
    if account.has_ended(today):
        _carry_out_end(account)
        counts.ended += 1
    elif quiet >= settings.ACCOUNT_END_AFTER_DAYS:
        appointments.end(account=account, by=None, reason=idle(settings.ACCOUNT_END_AFTER_DAYS))
        counts.ended += 1
    elif quiet >= settings.ACCOUNT_SUSPEND_AFTER_DAYS and account.state() == AccountState.ACTIVE:
        appointments.suspend(account=account, by=None, reason=idle(settings.ACCOUNT_SUSPEND_AFTER_DAYS))
        counts.suspended += 1
    else:
        counts.warned += _warn(account, today)


def carry_out_ends(person_ids: Collection[int]) -> None:
    """Carry out the last days that have passed of these people's accounts, as the night would: they are in office no longer."""
    rows = BusinessAccount.objects.filter(
        user_id__in=person_ids, ended_at=None, valid_until__lt=clock.today()
    )
    for account in rows.select_related("user", "unit"):
        _carry_out_end(account)


@transaction.atomic
def _carry_out_end(account: BusinessAccount) -> None:
    now = clock.now()
    if BusinessAccount.objects.filter(pk=account.pk, ended_at=None).update(ended_at=now):
        account.ended_at = now
        event = log.record(
            "account.ended",
            account,
            by=None,
            unit_id=account.unit_id,
            subjects=[account.user_id],
            after={"until": account.valid_until},
        )
        reason = shown(LAST_DAY)
        appointments.notify("account_ended", account, None, event, reason=reason, day=account.valid_until)
        accounts_ended.send(sender=BusinessAccount, accounts=[account])


def _warn(account: BusinessAccount, today: date) -> int:
    """Fourteen days ahead of a suspension, an end, or a temporary account's last day."""
    since = quiet_since(account)
    ahead = {
        "suspend": None
        if account.suspended_at
        else since + timedelta(days=settings.ACCOUNT_SUSPEND_AFTER_DAYS),
        "end": since + timedelta(days=settings.ACCOUNT_END_AFTER_DAYS),
        "last_day": account.valid_until,
    }
    notices = [
        outbox.NewNotice(
            kind="account_warning",
            to=account.user,
            about=f"account:{account.pk}:{what}",
            day=day,
            path=reverse("accounts:mine"),
            context={"account": account.number, "unit": account.unit.name, "what": what, "day": day},
        )
        for what, day in ahead.items()
        if day is not None and today <= day <= today + WARN_AHEAD
    ]
    return outbox.write(notices)


def _ask_for_reviews(today: date) -> int:
    """Remind each lead once a half-year until the unit's review is done."""
    half = reviews.half_of(today)
    done = AccountReview.objects.filter(half=half).values("unit_id")
    leads = (
        BusinessAccount.objects.active()
        .filter(role=Role.UNIT_LEAD)
        .exclude(unit_id__in=done)
        .select_related("user", "unit")
    )
    return outbox.write(
        outbox.NewNotice(
            kind="review_due",
            to=lead.user,
            about=f"review:{lead.unit_id}",
            day=reviews.start_of_half(today),
            path=unit_page("accounts:unit", lead.unit_id),
            context={"unit": lead.unit.name, "half": half},
        )
        for lead in leads
    )


@outdated.recheck("account_warning")
def still_quiet(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A warning that waited until its account has ended, or its person has logged in, is not sent."""
    ids = {notice.pk: notice.object_number for notice in notices}
    accounts = BusinessAccount.objects.filter(ended_at=None).select_related("user").in_bulk(ids.values())
    return {notice.pk: None for notice in notices if not _warns(notice, accounts.get(ids[notice.pk]))}


def _warns(notice: Notice, account: BusinessAccount | None) -> bool:
    if account is None:
        return False
    written, what = clock.day_of(notice.created_at), notice.object_ref.split(":")[-1]
    return what == "last_day" or quiet_since(account) < written


@outdated.recheck("review_due")
def still_due(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A request for a review that waited until the review was there is not sent."""
    units = {notice.pk: notice.object_number for notice in notices}
    done = AccountReview.objects.filter(half=reviews.half_of(clock.today()), unit_id__in=units.values())
    reviewed = set(done.values_list("unit_id", flat=True))
    return {notice.pk: None for notice in notices if units[notice.pk] in reviewed}
