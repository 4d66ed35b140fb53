"""客服: the operator sees what a person sees; read-only, for half an hour, recorded page by page and shown to the person."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.errors import OnlyOperatorMay, ReasonNeeded
from accounts.models import BusinessAccount, SupportView
from accounts.queries.record import about_person
from audit.models import AuditEvent, AuditSubject
from kit import clock
from kit.rights import RIGHTS
from notices.models import Notice
from signin.actions import support
from signin.errors import NotThisHat, ViewOfOneself
from signin.support_view import KEY
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
REASON = "電話求助：看不到研習時數"


@pytest.fixture
def operator() -> BusinessAccount:
    return make_operator()


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def looking(operator: BusinessAccount, person: Any, hat: Any = "") -> Client:
    client = client_of(operator)
    answer = client.post(reverse("signin:begin_support", args=[person.pk]), {"reason": REASON, "hat": hat})
    assert answer.status_code == 302 and client.session[KEY]
    return client


def test_only_an_operator_with_a_reason_begins_and_not_at_the_own_pages(operator: BusinessAccount) -> None:
    person = make_user()
    for by in (acting(make_officer()), acting(make_lead()), teacher(person), teacher(operator.user)):
        with pytest.raises(OnlyOperatorMay):
            support.begin(by=by, person=person, reason=REASON)
    with pytest.raises(ReasonNeeded):
        support.begin(by=acting(operator), person=person, reason=" ")
    with pytest.raises(ViewOfOneself):
        support.begin(by=acting(operator), person=operator.user, reason=REASON)
    ended = make_account(user=person, ended_at=clock.now(), valid_until=clock.today())
    for hat in (make_account(), ended):
        with pytest.raises(NotThisHat):
            support.begin(by=acting(operator), person=person, reason=REASON, hat=hat)
    assert not SupportView.objects.exists()


def test_the_operator_sees_the_persons_page_under_a_banner(operator: BusinessAccount) -> None:
    person = make_user("林明珠", unit=make_unit())
    course = make_course(title="閱讀素養研習")
    make_enrolment(course, person)
    client = looking(operator, person)
    page = client.get(reverse("hours:me")).content.decode()
    assert "閱讀素養研習" in page and 'id="support-view"' in page and REASON in page
    assert "session.js" not in page


def test_a_hat_of_the_person_is_worn_and_no_other(operator: BusinessAccount) -> None:
    lead = make_lead()
    client = looking(operator, lead.user, lead.pk)
    assert lead.unit.name in client.get(reverse("courses:unit_home")).content.decode()
    assert client.get(reverse("accounts:people")).status_code == 403
    as_teacher = looking(operator, lead.user)
    assert as_teacher.get(reverse("courses:unit_home")).status_code == 403
    BusinessAccount.objects.filter(pk=lead.pk).update(suspended_at=clock.now())
    assert client.get(reverse("courses:unit_home")).status_code == 403


def test_every_unsafe_method_is_refused_on_every_route(operator: BusinessAccount) -> None:
    """Whatever a page offers: no request but GET and HEAD gets through to a view, also of the API."""
    person = make_user()
    client, course = looking(operator, person), make_course()
    api = "/api/v1/"
    paths = [reverse("courses:enrol", args=[course.code]), reverse("switch_hat"), reverse("notices:read_all")]
    paths += [reverse("accounts:change_identity"), reverse("hours:me"), api, f"{api}nothing/", "/nothing/"]
    before = AuditEvent.objects.count()
    for path in paths:
        for method in ("post", "put", "patch", "delete", "options"):
            assert getattr(client, method)(path).status_code == 403, (method, path)
    assert not person.enrolments.exists() and AuditEvent.objects.count() <= before + len(paths) * 5
    assert not AuditEvent.objects.filter(actor_id=person.pk).exists()


@pytest.mark.parametrize(
    "route",
    [
        "signin:security",
        "signin:ready",
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "account_change_password",
        "account_email",
        "usersessions_list",
        "admin:index",
    ],
)
def test_secrets_are_not_shown(operator: BusinessAccount, route: str) -> None:
    other = make_operator()
    for person, hat in ((make_user(), ""), (other.user, other.pk)):
        page = looking(operator, person, hat).get(reverse(route))
        assert page.status_code == 403 and "不在客服檢視中顯示" in page.content.decode()


def test_every_page_of_log_in_and_security_is_among_the_secret_ones() -> None:
    from signin.rights import RIGHTS as OF_LOG_IN
    from signin.support_view import OWN, SECRET

    shown = {route for route in OF_LOG_IN if not route.startswith(SECRET)} - OWN
    assert shown == {"django.views.generic.base.RedirectView"} and set(RIGHTS) >= OWN


def test_no_file_leaves(operator: BusinessAccount) -> None:
    lead = make_lead()
    make_enrolment(make_course(lead), make_user(unit=lead.unit))
    client = looking(operator, lead.user, lead.pk)
    page = client.get(reverse("courses:unit_courses"), {"download": "csv"})
    assert page.status_code == 403 and not page.has_header("Content-Disposition")


def test_the_whole_number_of_a_person_is_never_shown(operator: BusinessAccount) -> None:
    other = make_operator()
    client = looking(operator, other.user, other.pk)
    person = make_user()
    assert client.post(reverse("accounts:reveal", args=[person.pk]), {"reason": "x"}).status_code == 403


def test_each_page_is_recorded_under_the_operator_and_shown_to_the_person(operator: BusinessAccount) -> None:
    lead = make_lead()
    client = looking(operator, lead.user, lead.pk)
    client.get(reverse("courses:unit_home"))
    client.get(reverse("accounts:unit"))
    events = about_person(lead.user.pk).filter(action="read.as_person")
    assert [e.after["page"] for e in events] == ["accounts:unit", "courses:unit_home"]
    assert {e.actor_id for e in events} == {operator.user_id} and events[0].reason == REASON
    assert not AuditEvent.objects.filter(actor_id=lead.user_id).exists()
    own = Client()
    own.force_login(lead.user)
    assert "客服檢視中查看的頁面" in own.get(reverse("accounts:my_record")).content.decode()
    assert Notice.objects.get(kind="support_view").recipient == lead.user


def test_looks_at_others_in_the_view_name_the_operator(operator: BusinessAccount) -> None:
    """A page that records whose records it shows says who really looked."""
    lead = make_lead()
    colleague = make_user(unit=lead.unit)
    make_enrolment(make_course(lead, ago=3), colleague)
    client = looking(operator, lead.user, lead.pk)
    client.get(reverse("hours:unit_records"))
    client.get(reverse("hours:unit_records"))
    looks = AuditEvent.objects.filter(
        pk__in=AuditSubject.objects.filter(person_id=colleague.pk).values("event"), action__startswith="read."
    )
    assert {look.actor_id for look in looks} <= {operator.user_id}


def test_it_ends_after_half_an_hour(operator: BusinessAccount) -> None:
    person = make_user("林明珠")
    client = looking(operator, person)
    begun = clock.now()
    for minutes, shown in ((10, True), (20, True), (29.5, True), (30.1, False)):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            page = client.get(reverse("hours:me")).content.decode()
        assert ("support-view" in page) is shown, minutes
    assert KEY not in client.session


def test_the_operator_ends_it_and_is_the_operator_again(operator: BusinessAccount) -> None:
    person = make_user()
    client = looking(operator, person)
    answer = client.post(reverse("signin:end_support"))
    assert answer["Location"] == reverse("accounts:person", args=[person.pk])
    assert SupportView.objects.get().ended_at and KEY not in client.session
    assert client.get(reverse("accounts:people")).status_code == 200
    assert AuditEvent.objects.filter(action="support.end").count() == 1
    assert client.post(reverse("signin:end_support"))["Location"] == reverse("home")


def test_a_view_that_was_ended_elsewhere_or_whose_operator_lost_the_account_shows_nothing(
    operator: BusinessAccount,
) -> None:
    make_operator()
    person = make_user("林明珠")
    ended, lost = looking(operator, person), looking(operator, person)
    SupportView.objects.filter(pk=ended.session[KEY]).update(ended_at=clock.now())
    assert "support-view" not in ended.get(reverse("hours:me")).content.decode()
    BusinessAccount.objects.filter(pk=operator.pk).update(suspended_at=clock.now())
    assert "support-view" not in lost.get(reverse("hours:me")).content.decode()


def test_another_persons_session_does_not_take_the_view(operator: BusinessAccount) -> None:
    view = support.begin(by=acting(operator), person=make_user("林明珠"), reason=REASON)
    thief = client_of(make_account())
    session = thief.session
    session[KEY] = view.pk
    session.save()
    assert "support-view" not in thief.get(reverse("hours:me")).content.decode()


def test_without_a_reason_the_page_says_so(operator: BusinessAccount) -> None:
    client, person = client_of(operator), make_user()
    client.post(reverse("signin:begin_support", args=[person.pk]), {"reason": ""})
    assert KEY not in client.session and not SupportView.objects.exists()
    assert client.post(reverse("signin:begin_support", args=[9999999]), {"reason": "x"}).status_code == 404


def test_a_second_click_goes_on_with_the_view_that_has_begun(operator: BusinessAccount) -> None:
    person = make_user()
    first, second = (support.begin(by=acting(operator), person=person, reason=REASON) for _ in range(2))
    assert first == second and Notice.objects.filter(kind="support_view").count() == 1
    support.end(view=first, by=acting(operator))
    assert support.begin(by=acting(operator), person=person, reason=REASON) != first
