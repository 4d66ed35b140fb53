"""The link of every notice opens for its reader, whichever of the own hats is on: the hat that the page needs is offered.

Where the text requests an act, the page offers its form, or the link to the page of the form.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from accounts.acting import Actor
from accounts.actions import applications, appointments, closing_people, inactive_accounts, proposals, staff
from accounts.enums import CloseReason, ProposalSource, Role
from accounts.models import Affiliation, BusinessAccount, Unit, User
from accounts.unit_pages import PARAMETER
from courses.actions import (
    leavers,
    lights,
    missing_calendar,
    reminders,
    transfer_decisions,
    transfers,
    unit_life,
)
from courses.models import Course
from demo import events
from demo.people import DemoPeople, actor
from kit import clock
from kit.rights import right_of
from notices import timed
from notices.models import Notice
from notices.registry import KINDS
from signin.actions import join_requests
from tests.courses.test_leavers import ended, own_course
from tests.factories import (
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_offer,
    make_unit,
    make_user,
)
from webhooks.actions import pausing
from webhooks.models import Webhook

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DAY = timedelta(days=1)
# Not played here: they lead to a page of every member, which is the same under each hat, or to none.
FOR_EVERYBODY = {
    *("account_connected", "account_disconnected", "account_resumed", "account_suspended", "account_warning"),
    *("email_changed", "email_confirm", "email_confirmation", "email_deleted", "unknown_account"),
    *(
        "identity_approved",
        "identity_old_mailbox",
        "identity_refused",
        "invitation",
        "join_refused",
        "job_done",
    ),
    *("key_ends", "login_locked", "new_device", "own_data_ready", "second_factor_reset", "two_places"),
    *("password_changed", "password_reset", "password_reset_key", "password_set", "recovery_codes_generated"),
    *("person_changed", "person_closed", "person_merged", "person_parted", "person_reopened"),
    *("application_approved", "application_refused", "place_corrected", "place_refused", "proposal_ended"),
    *("totp_activated", "totp_deactivated", "webauthn_added", "webauthn_removed"),
    *("unit_matters_ended", "unit_request_ended"),
    *("admitted", "course_withdrawn", "questionnaire_open", "search_found"),
    *("course_changed", "course_over", "declined", "place_free", "hours_corrected", "closed_excused"),
}
CLOSE = {"hours:close"}
# The unit's courses, of which the reader may have none: that person reminds the handlers or takes over a course.
UNIT_LIGHT = {"hours:close", "courses:notify_handlers", "courses:transfers"}
DECIDE_PROPOSAL = {"accounts:decide_proposal"}
# By kind: words of the text (none: every text), and the routes of forms and links of which the page offers one.
ACTS: dict[str, dict[str, set[str]]] = {
    "absence_planned": {"": {"courses:decide_absence"}},
    "application_asked": {"": {"accounts:decide_application"}},
    "campaign_begun": {"": CLOSE},
    "campaign_follow_up": {"": CLOSE},
    **dict.fromkeys(("closed_absent", "closed_excused", "hours_corrected"), {"提出疑義": {"hours:object"}}),
    "course_postponed": {"取消報名": {"courses:cancel"}},
    "course_to_move": {"選擇新日期": {"courses:edit"}, "因故未開班": {"courses:withdraw"}},
    "course_tomorrow": {"取消報名": {"courses:cancel"}},
    "courses_left": {
        "移轉給同仁": {"courses:offer_courses", "courses:request_transfer", "accounts:requests"},
        "尚無其他人員": {"accounts:requests"},
        "請及早辦理移轉": {"courses:offer_courses", "courses:request_transfer"},
    },
    "enrolled": {"取消報名": {"courses:cancel"}},
    "enrolment_open": {"": {"courses:enrol"}},
    "hours_due": {
        "請審核": {"courses:admit"},
        "請立即核發時數": CLOSE,
        "尚未訂定新日期": {"courses:edit"},
    },
    "join_requested": {"": {"signin:decide_join"}},
    "leave_due": {"至課程頁填答": {"courses:public"}, "取消報名": {"courses:public"}},
    "light_green": {"完成結案": UNIT_LIGHT},
    "light_red": {"": UNIT_LIGHT},
    "light_yellow": {"": UNIT_LIGHT},
    "nominated": {"取消報名": {"courses:cancel"}},
    "objection_due": {"": {"hours:answer_objection", "hours:county_answer"}},
    "objection_review": {"": {"hours:county_answer"}},
    "place_offered": {"": {"accounts:answer_offer"}},
    "place_proposed": {"": DECIDE_PROPOSAL},
    "please_close": {"": CLOSE},
    "proposals_waiting": {"": DECIDE_PROPOSAL},
    "review_due": {"": {"accounts:confirm_review"}},
    "staff_left": {"加入名單": {"courses:participants"}},
    "transfer_approved": {"請確認": {"courses:detail"}},
    "webhook_left": {"接管或停用": {"webhooks:take_over"}, "停用": {"webhooks:end"}},
    "webhook_paused": {"": {"webhooks:resume"}},
}
# What these request is done elsewhere: on the machine, or by a word to a person.
DONE_ELSEWHERE = {
    *("calendar_missing", "drill_due", "decision_open", "helping_tomorrow", "helper_named"),
    *("place_added", "place_ended", "support_view", "transfer_requested", "course_message"),
}


def test_each_link_opens_whichever_hat_of_its_reader_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_calendar, "missing_year", lambda day: 2028)
    play(events.load())
    elsewhere = make_unit(name="縣立別處國中")
    found = list(one_of_each())
    for notice in found:
        reader = notice.recipient
        other = BusinessAccount.objects.filter(user=reader, unit=elsewhere).first()
        for hat in (other or make_account(elsewhere, user=reader), None):
            opens(notice, hat)
    missing = set(KINDS) - {notice.kind for notice in found} - FOR_EVERYBODY
    assert not missing, sorted(missing)


def opens(notice: Notice, hat: BusinessAccount | None) -> None:
    """Follow the link of a notice on its day, under a hat that is not the one it needs, and put that on where it is offered."""
    assert notice.recipient
    with time_machine.travel(notice.created_at, tick=False):
        _opens(notice, notice.recipient, hat)


def _opens(notice: Notice, reader: User, hat: BusinessAccount | None) -> None:
    client = Client()
    client.force_login(reader)
    client.post(reverse("switch_hat"), {"account": hat.pk if hat else ""})
    page: Any = client.get(notice.path, follow=True)
    offered = (page.context or {}).get("other_hats") if page.context else None
    if offered:
        next_page = page.context["page"]
        page = client.post(reverse("switch_hat"), {"account": offered[0].pk, "next": next_page}, follow=True)
    told = f"{notice.kind} to {notice.recipient} by {notice.path}"
    assert page.status_code == 200 and not (page.context or {}).get("other_hats"), told
    if PARAMETER in notice.path:
        assert page.context["request"].actor.account not in (hat, None), told
    assert_offers_what_it_requests(notice, page.content.decode(), told)


def assert_offers_what_it_requests(notice: Notice, html: str, told: str) -> None:
    requested = [routes for words, routes in ACTS.get(notice.kind, {}).items() if words in notice.body]
    offered = routes_in(html[html.index("<main") :])
    assert all(routes & offered for routes in requested), f"{told}: {requested} not in {sorted(offered)}"
    if re.search("(?<!申)請(?!人|的|件|案|單|假)", notice.body):
        assert requested or notice.kind in DONE_ELSEWHERE | FOR_EVERYBODY, f"{told}: {notice.body}"


def routes_in(html: str) -> set[str]:
    """Return the routes of the forms and links of a page."""
    found = set()
    for address in re.findall(r'(?:action|href)="(/[^"?#]*)', html):
        with suppress(Resolver404):
            found.add(resolve(address).view_name)
    return found


def test_a_page_without_the_form_that_a_notice_requests_is_found() -> None:
    notice = Notice(kind="webhook_left", body="請至該頁面接管或停用。")
    page = '<main><form action="/webhooks/1/%s/"></form></main>'
    assert_offers_what_it_requests(notice, page % "take-over" + page % "end", "")
    for wrong in (page % "end", page % "take-over"):
        with pytest.raises(AssertionError, match="webhooks:"):
            assert_offers_what_it_requests(notice, wrong, "")
    unlisted = Notice(kind="account_given", body="請確認。")
    with pytest.raises(AssertionError, match="請確認"):
        assert_offers_what_it_requests(unlisted, "<main></main>", "")


def one_of_each() -> Iterator[Notice]:
    """Yield a notice of each kind, route and role of its reader; none to people whose account has ended since."""
    seen: set[tuple[str, str, str]] = set()
    accounts: dict[int, set[str]] = {}
    for user, role in BusinessAccount.objects.active().values_list("user_id", "role"):
        accounts.setdefault(user, set()).add(role)
    for notice in Notice.objects.exclude(path="").exclude(recipient=None).select_related("recipient"):
        route = resolve(urlsplit(notice.path).path).view_name
        roles = "+".join(sorted(accounts.get(notice.recipient_id or 0, ())))
        right = right_of(route)
        has_ended = not roles and right and right.get and right.get.members is None
        if (notice.kind, route, roles) not in seen and not has_ended and notice.recipient.is_active:
            seen.add((notice.kind, route, roles))
            yield notice


def play(cast: DemoPeople) -> None:
    """Let everything happen whose notice leads to a page of some hats only, on the days after the demonstration."""
    county = cast.handler.unit.county
    lone = make_unit(name="縣立無人國小", county=county)
    for number, unit in (("A123456789", cast.handler.unit), ("B123456780", lone)):
        requests(unit, number)
    for unit in (cast.handler.unit, lone):
        offered_places(unit, cast)
    duties_end(cast)
    courses_move(cast)
    webhooks_are_left(cast)
    days_pass()
    missing_calendar.notify_operators()
    unit_life.close(
        unit=cast.handler.unit,
        last_day=clock.today() + 300 * DAY,
        successor=None,
        reason="裁撤",
        by=actor(cast.county),
    )


def requests(unit: Unit, number: str) -> None:
    """Somebody applies for an account, another asks to be entered, and a third seems to have left; in `lone` the county decides."""
    asked = {"role": Role.UNIT_LEAD, "reason": "接任", "starts_on": clock.today()}
    applications.apply(by=Actor(make_user()), unit=unit, **asked)
    wish = {"title": "教師", "reason": "到職", "language": "zh-hant", "address": "127.0.0.1"}
    join_requests.apply(unit=unit, name="王新人", email=f"new{unit.pk}@x.example", number=number, **wish)
    place = Affiliation.objects.create(user=make_user(), unit=unit, title="教師")
    proposals.propose_ends([(place, clock.today())], source=ProposalSource.MOVE, by=None)


def offered_places(unit: Unit, cast: DemoPeople) -> None:
    """One offered place is accepted, the person of another is closed; whoever had offered them may be gone."""
    accepted, closed = make_offer(unit), make_offer(unit)
    if unit != cast.handler.unit:
        BusinessAccount.objects.filter(unit=unit).update(valid_until=clock.today() - DAY)
    staff.accept(offer=accepted, by=Actor(accepted.user))
    retired = {"because": CloseReason.RETIRED, "reason": "退休", "confirmed": True}
    closing_people.close(person=closed.user, by=actor(cast.operator), **retired)


def duties_end(cast: DemoPeople) -> None:
    """Accounts end, with courses that somebody has to take over: the lead, a colleague, or the county."""
    unit = cast.handler.unit
    appointments.appoint(user=make_user(unit=unit), unit=unit, role=Role.HANDLER, by=actor(cast.lead))
    for place in (unit, cast.chaozhou_old.unit, make_unit(county=unit.county)):
        account = make_account(place)
        make_course(account, ago=3)
        appointments.end(account=account, by=actor(cast.operator), confirmed=True)
    course = own_course(unit)
    make_enrolment(course, ended(unit))
    leavers.cancel_each_night(clock.now() + DAY)
    # Nobody has been away for long: accounts are not suspended, the leads are to review them.
    User.objects.update(last_login=clock.now())
    inactive_accounts.suspend_and_end()


def courses_move(cast: DemoPeople) -> None:
    """Courses are offered, requested, moved, refused and taken back; one is closed with the county's other ones, and asked for."""
    here, there = actor(cast.handler), make_account(cast.handler.unit)
    for act in ("approve", "refuse", "withdraw"):
        course = make_course(cast.handler, ago=3)
        [row] = transfers.offer(by=here, courses=[course], to_account=there, reason="交接")
        if act == "approve":
            transfer_decisions.approve(transfers=[row], by=actor(cast.operator))
        elif act == "refuse":
            transfer_decisions.refuse(transfers=[row], by=actor(cast.operator), reason="資料不符")
        else:
            transfers.withdraw(transfer=row, by=here)
    reminders.chase(by=actor(cast.county), unit_ids=[cast.handler.unit_id])
    for course in Course.objects.of_unit(cast.linbian.unit_id).unclosed().filter(ends_at__lt=clock.now()):
        close(course)


def webhooks_are_left(cast: DemoPeople) -> None:
    """One webhook is paused; the account of another has ended, and the county sees to it, of a third a colleague."""
    alone, former = (
        make_lead(make_unit(county=cast.handler.unit.county), valid_until=clock.today() - DAY)
        for _ in range(2)
    )
    make_lead(former.unit)
    facts = {"url": "https://school.example/h", "purpose": "校務系統", "secret": "s", "added_at": clock.now()}
    for account in (cast.lead, alone, former):
        pausing.pause(Webhook.objects.create(account=account, **facts), "404")


def days_pass() -> None:
    """The clock runs, and nobody reads."""
    for day in (clock.today() + number * DAY for number in range(1, 45)):
        with time_machine.travel(clock.at_taipei(day, time(9)), tick=False):
            lights.refresh()
            timed.prepare_due()
