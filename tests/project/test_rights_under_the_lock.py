"""An action checks rights after its locks: values loaded before by the caller do not count (every action of the project)."""

import pytest

from accounts.models import BusinessAccount
from courses.errors import NotTheHandler
from courses.models import Course
from kit import clock
from kit.errors import Refusal
from tests.concurrency.acts import READY
from tests.factories import make_account

pytestmark = pytest.mark.django_db
# Acts of a person as such, and of the system: no business account gives the right to them.
WITHOUT_HAT = {
    "accounts.actions.anonymising.anonymise",
    "accounts.actions.applications.apply",
    "accounts.actions.applications.withdraw",
    "signin.actions.devices.forget",
    "accounts.actions.first_operator.begin",
    "accounts.actions.units.save_units",
    "accounts.actions.identities.create",
    "accounts.actions.identities.save",
    "accounts.actions.identity_changes.request",
    "accounts.actions.identity_changes.withdraw",
    "accounts.actions.staff.accept",
    "accounts.actions.staff.decline",
    "signin.actions.first_login_links.make",
    "signin.actions.first_login_links.use",
    "signin.actions.invitations.invite",
    "signin.actions.last_log_ins.keep_last_login",
    "signin.actions.join_requests.apply",
    "signin.actions.support.end",
    "signin.actions.tokens.make",
    "signin.actions.tokens.revoke",
    "bulletin.actions.announcements.dismiss",
    "courses.actions.campaign_notices.settle",
    "courses.actions.enrolments.accept",
    "courses.actions.enrolments.cancel",
    "courses.actions.enrolments.enrol",
    "courses.actions.same_day_enrolment.enrol_on_the_spot",
    "courses.actions.feeds.end",
    "courses.actions.planned_absences.state",
    "courses.actions.questions.answer",
    "courses.actions.planned_absences.take_back",
    "courses.actions.lights.follow",
    "courses.actions.lights.refresh",
    "courses.actions.unit_life.end_requests_each_night",
    "courses.actions.leavers.cancel_each_night",
    "courses.actions.saved_searches.save",
    "courses.actions.saved_searches.remove",
    "courses.actions.transfers.withdraw",
    "courses.actions.watches.stop_course",
    "courses.actions.watches.watch_course",
    "courses.actions.watches.watch_search",
    "hours.actions.attendance.sign",
    "hours.actions.certificates.certify_own",
    "hours.actions.missed_signs.report",
    "hours.actions.surveys.answer",
    "hours.actions.objections.object_to",
    "hours.actions.on_the_spot.join",
    "hours.actions.objections.request_review",
    "webhooks.actions.pausing.pause",
}
OF_THE_HANDLER = {
    "courses.actions.course_files.add",
    "courses.actions.course_files.remove",
    "courses.actions.admissions.admit",
    "courses.actions.admissions.decline",
    "courses.actions.planned_absences.decide",
    "courses.actions.registration.discard_draft",
    "courses.actions.registration.register",
    "courses.actions.registration.update",
    "courses.actions.transfers.offer",
    "courses.actions.withdrawal.withdraw",
    "hours.actions.certificates.certify",
    "hours.actions.closing.close_course",
    "hours.actions.corrections.add_person",
    "hours.actions.corrections.correct",
    "hours.actions.drafts.save",
    "hours.actions.drafts.start_anew",
    "hours.actions.drafts.step_back",
    "hours.actions.objections.answer",
    "hours.actions.on_the_spot.enter_guest",
    "hours.actions.surveys.end",
    "hours.actions.surveys.save_questions",
    "hours.actions.walk_ins.look_up",
}


@pytest.mark.parametrize("name", sorted(READY.keys() - WITHOUT_HAT))
def test_an_account_that_was_suspended_meanwhile_does_nothing_more(name: str) -> None:
    act = READY[name]()
    BusinessAccount.objects.filter(ended_at=None).update(suspended_at=clock.now())
    with pytest.raises(Refusal):
        act()


@pytest.mark.parametrize("name", sorted(READY.keys() - WITHOUT_HAT))
def test_a_person_who_may_no_longer_log_in_does_nothing_more(name: str) -> None:
    act = READY[name]()
    for account in BusinessAccount.objects.select_related("user"):
        account.user.is_active = False
        account.user.save(update_fields=["is_active"])
    with pytest.raises(Refusal):
        act()


@pytest.mark.parametrize("name", sorted(OF_THE_HANDLER))
def test_the_former_handler_with_an_old_object_is_refused(name: str) -> None:
    act = READY[name]()
    for course in Course.objects.all():
        course.handler = make_account(course.unit)
        course.save(update_fields=["handler"])
    with pytest.raises(NotTheHandler):
        act()


@pytest.mark.parametrize("name", sorted(WITHOUT_HAT))
def test_a_person_needs_no_account_for_what_everybody_may(name: str) -> None:
    act = READY[name]()
    BusinessAccount.objects.filter(ended_at=None).update(suspended_at=clock.now())
    act()
