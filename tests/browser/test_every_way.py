"""Every act of the story in every way a clerk may come: in English, on a phone, without JavaScript (tests/browser/ways.py)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.signals import pre_save
from django.utils.translation import ngettext, override

from accounts.models import User
from tests import kept
from tests.browser import acts, register_acts
from tests.browser import acts_around_a_course as around
from tests.browser.conftest import demonstration
from tests.browser.contexts import Lend
from tests.browser.ways import REGISTER_WAYS, WAYS, Clerk, Way, is_foreign, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=WAYS, ids=str)
def clerk(request: Any, lend: Lend, live_server: Any) -> Iterator[Clerk]:
    way: Way = request.param

    def speaks(instance: User, **_: Any) -> None:
        """Set that language for everybody from the beginning, so that e-mails of the past use it too."""
        instance.language = way.language

    def in_that_language() -> None:
        pre_save.connect(speaks, sender=User)
        demonstration()
        pre_save.disconnect(speaks, sender=User)

    kept.state(f"demonstration in {way.language}", in_that_language)
    yield from visit(lend, live_server.url, way)


def test_the_unit_does_its_work(clerk: Clerk) -> None:
    acts.log_in(clerk)
    acts.switch_hat(clerk)
    acts.notify_handlers(clerk)
    acts.issue_hours_and_close(clerk)
    acts.correct_hours(clerk)
    acts.withdraw_in_error(clerk)
    acts.decide_about_applicants(clerk)
    acts.add_people(clerk)
    acts.write_to_people(clerk)
    acts.keep_a_file(clerk)
    acts.name_second_handler(clerk)
    acts.register_a_course(clerk)
    assert clerk.seen > 15


def test_teachers_and_those_above_the_schools_do_theirs(clerk: Clerk) -> None:
    acts.enrol_and_cancel(clerk)
    acts.open_to_the_own_staff(clerk)
    acts.suspend_a_day(clerk)
    acts.accept_a_free_place(clerk)
    acts.plan_an_absence(clerk)
    acts.give_an_opinion(clerk)
    acts.object_to_hours(clerk)
    acts.answer_an_objection(clerk)
    around.request_a_review(clerk)
    around.watch_and_subscribe(clerk)
    around.print_the_proof(clerk)
    around.open_the_list_of_a_mail(clerk)
    around.warn_before_red(clerk)
    acts.mark_notices_read(clerk)
    acts.apply_for_an_account(clerk)
    acts.ask_for_a_transfer(clerk)
    acts.approve_a_transfer(clerk)
    acts.chase(clerk)
    acts.run_a_campaign(clerk)
    acts.change_the_policy(clerk)
    acts.change_language(clerk)
    acts.change_theme(clerk)
    assert clerk.seen > 15


@pytest.mark.parametrize("clerk", REGISTER_WAYS, indirect=True, ids=str)
def test_those_who_keep_the_registers_do_theirs_by_keyboard(clerk: Clerk) -> None:
    register_acts.look_at_the_installation(clerk)
    register_acts.take_the_yearly_list(clerk)
    register_acts.keep_a_list(clerk)
    register_acts.part_and_merge_two_records(clerk)
    register_acts.look_as_another_person(clerk)
    register_acts.add_and_merge_units(clerk)
    register_acts.close_a_unit(clerk)
    register_acts.announce_and_hand_out(clerk)
    register_acts.enter_and_end_a_colleague(clerk)
    register_acts.take_the_roster(clerk)
    register_acts.come_for_the_first_time(clerk)
    register_acts.greet_a_guest(clerk)
    assert clerk.seen > 40


@pytest.mark.parametrize("clerk", REGISTER_WAYS, indirect=True, ids=str)
def test_the_registers_change_through_the_years_by_keyboard(clerk: Clerk) -> None:
    register_acts.rename_and_recode_a_unit(clerk)
    register_acts.split_a_unit(clerk)
    register_acts.fill_lists_from_files(clerk)
    register_acts.take_days_off_from_a_file(clerk)
    register_acts.keep_the_list_of_a_school_without_a_lead(clerk)
    register_acts.admit_a_guest(clerk)
    register_acts.correct_close_and_reopen_a_person(clerk)
    assert clerk.seen > 40


def test_a_mix_of_languages_is_found() -> None:
    """The twin: what the clerks look for would be seen."""
    with override("zh-hant"):
        one, more = "%(n)s person admitted and told.", "%(n)s people admitted; they have been notified."
        sent = ngettext(one, more, 3) % {"n": 3}
    assert is_foreign(sent, "en") and not is_foreign(sent, "zh-hant")
    assert is_foreign("Send the request now", "zh-hant") and not is_foreign("送出申請", "zh-hant")
    assert not is_foreign("AI 融入教學實作工作坊", "en")
