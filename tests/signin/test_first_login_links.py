"""Links that work once: invitations, and the first password."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import identities
from accounts.models import FirstLoginLink, Unit, User
from audit.models import AuditEvent
from kit import clock
from notices import outbox
from notices.models import Notice
from signin.actions import first_login_links, invitations
from signin.errors import InvitedJustNow, LinkSpent, LoggedInBefore, LogsInElsewhere, MayNotInvite
from tests.factories import acting, make_account, make_county, make_lead, make_officer, make_unit, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SPENT = "此連結已使用過或已失效。"
NEW = "A-first-sentence-of-mine-1"


def newcomer(unit: Unit | None = None) -> User:
    person = make_user(unit=unit or make_unit())
    person.set_unusable_password()
    person.save(update_fields=["password"])
    EmailAddress.objects.filter(user=person).delete()
    return person


def link_for(person: User, *, lifetime: timedelta = DAY, by_mail: bool = True) -> str:
    return first_login_links.make(people=[person], lifetime=lifetime, by_mail=by_mail)[person.pk]


def text_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[-1]


def later(by: timedelta) -> time_machine.travel:
    return time_machine.travel(clock.now().astimezone(clock.TAIPEI) + by, tick=True)


def test_a_link_lets_its_person_choose_a_password_and_log_in(client: Client) -> None:
    person = newcomer()
    form = client.get(link_for(person), follow=True)
    assert person.name in form.content.decode() and form.request["PATH_INFO"] == reverse(
        "signin:first_password"
    )
    done = client.post(reverse("signin:first_password"), {"password1": NEW, "password2": NEW})
    assert done.status_code == 302 and done["Location"] == reverse("account_login")
    person.refresh_from_db()
    assert person.check_password(NEW)
    client.post(reverse("account_login"), {"login": person.email, "password": NEW})
    assert client.get("/me/").status_code == 200
    assert AuditEvent.objects.filter(action="password.first", actor_id=person.pk).exists()


def test_looking_at_a_link_uses_nothing_up_and_using_it_does(client: Client) -> None:
    person = newcomer()
    link = link_for(person)
    assert client.get(link).status_code == client.get(link).status_code == 302
    first_login_links.use(text=text_of(link), password=NEW)
    assert SPENT in client.get(link).content.decode()
    # Nor does a browser that had opened it before.
    assert SPENT in client.get(reverse("signin:first_password")).content.decode()
    with pytest.raises(LinkSpent):
        first_login_links.use(text=text_of(link), password="Another-sentence-2")
    person.refresh_from_db()
    assert person.check_password(NEW)


def test_of_two_uses_at_the_same_time_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have found the link before either has used it."""
    person = newcomer()
    link = link_for(person)
    found = first_login_links.find(text_of(link))
    first_login_links.use(text=text_of(link), password=NEW)
    monkeypatch.setattr(first_login_links, "find", lambda _text: found)
    with pytest.raises(LinkSpent):
        first_login_links.use(text=text_of(link), password="Another-sentence-2")


def test_a_link_ends_after_its_lifetime() -> None:
    text = text_of(link_for(newcomer(), lifetime=DAY))
    with later(DAY - timedelta(minutes=1)):
        assert first_login_links.find(text)
    with later(DAY + timedelta(minutes=1)):
        assert first_login_links.find(text) is None
        with pytest.raises(LinkSpent):
            first_login_links.use(text=text, password=NEW)


def test_a_new_link_replaces_the_former_one() -> None:
    person = newcomer()
    former, now = text_of(link_for(person)), text_of(link_for(person))
    assert first_login_links.find(former) is None and first_login_links.find(now)


def test_the_link_of_a_person_who_may_not_log_in_opens_nothing() -> None:
    person = newcomer()
    text = text_of(link_for(person))
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert first_login_links.find(text) is None


def test_only_a_mailed_link_proves_the_mailbox() -> None:
    for by_mail in (True, False):
        person = newcomer()
        first_login_links.use(text=text_of(link_for(person, by_mail=by_mail)), password=NEW)
        assert EmailAddress.objects.filter(user=person, verified=True).exists() is by_mail


def test_the_policy_of_the_person_holds_for_the_first_password(client: Client) -> None:
    holder = make_account().user
    client.get(link_for(holder), follow=True)
    page = client.post(
        reverse("signin:first_password"),
        {"password1": "correcthorsebattery", "password2": "correcthorsebattery"},
    )
    assert "至少使用" in page.content.decode() and FirstLoginLink.objects.filter(used_at=None).exists()


def test_another_mailbox_or_number_ends_the_link() -> None:
    person = newcomer()
    text = text_of(link_for(person))
    was = identities.Was.of(person)
    person.email = "another@school.example"
    identities.save([was], by=None, reason="更正")
    assert first_login_links.find(text) is None


def test_the_text_of_a_link_is_stored_nowhere() -> None:
    text = text_of(link_for(newcomer()))
    row = FirstLoginLink.objects.get()
    assert text not in row.digest and text not in str(AuditEvent.objects.values())


def test_an_invitation_is_mailed_with_its_link_and_is_in_no_inbox(client: Client) -> None:
    unit = make_unit(name="縣立南州國中")
    person = newcomer(unit)
    assert invitations.invite(people=[person], unit_of={person.pk: unit}, by=acting(make_lead(unit))) == 1
    notice = Notice.objects.get(kind="invitation")
    assert not notice.in_inbox and notice.expires_at
    assert abs(notice.expires_at - clock.now() - 14 * DAY) < timedelta(minutes=1)
    outbox.drain()
    message = mail.outbox[-1]
    assert message.to == [person.email] and "縣立南州國中" in message.body
    link = re.search(r"https?://\S+/first-log-in/\S+", message.body)
    assert link
    assert client.get(link.group()).status_code == 302
    assert Notice.objects.get(pk=notice.pk).link == ""


def test_nobody_is_invited_who_has_logged_in_or_has_an_education_log_in() -> None:
    known, connected, closed = make_user(), newcomer(), newcomer()
    User.objects.filter(pk=known.pk).update(last_login=clock.now())
    User.objects.filter(pk=closed.pk).update(is_active=False)
    SocialAccount.objects.create(user=connected, provider="tanet", uid="1")
    people = list(User.objects.filter(pk__in=[known.pk, connected.pk, closed.pk]))
    assert invitations.invite(people=people, unit_of={}, by=None) == 0
    assert not Notice.objects.filter(kind="invitation").exists()


def test_a_county_whose_log_in_knows_everybody_is_left_in_quiet(settings: LazySettings) -> None:
    settings.OIDC_ISSUERS = [{"id": "pt", "name": "屏東縣", "county": "屏東縣"}]
    here, there = make_unit(county=make_county("屏東縣")), make_unit(county=make_county("花蓮縣"))
    people = {newcomer(here).pk: here, newcomer(there).pk: there}
    assert invitations.invite(people=list(User.objects.filter(pk__in=people)), unit_of=people, by=None) == 1
    assert User.objects.get(notices__kind="invitation").affiliations.get().unit == there
    # One click still sends it: a person whose county log-in does not work needs a way in.
    person = User.objects.get(affiliations__unit=here)
    invitations.send_again(person=person, unit=here, by=acting(make_lead(here)))
    assert Notice.objects.filter(kind="invitation", recipient=person).exists()


def test_an_invitation_is_sent_again_by_one_click_and_not_twice_within_minutes() -> None:
    unit = make_unit()
    person, by = newcomer(unit), acting(make_lead(unit))
    invitations.send_again(person=person, unit=unit, by=by)
    with pytest.raises(InvitedJustNow) as refused:
        invitations.send_again(person=person, unit=unit, by=by)
    assert "10" in refused.value.message
    with later(timedelta(minutes=11)):
        invitations.send_again(person=person, unit=unit, by=by)
    assert Notice.objects.filter(kind="invitation").count() == 2 and FirstLoginLink.objects.count() == 1


def test_only_the_keepers_of_the_staff_list_invite_and_only_their_own_people() -> None:
    unit, other = make_unit(), make_unit()
    person, stranger = newcomer(unit), newcomer(other)
    lead = acting(make_lead(unit))
    for by, whom, where in (
        (acting(make_account(unit)), person, unit),
        (Actor(person), person, unit),
        (lead, stranger, other),
        (lead, stranger, unit),
        # The county does it where there is no lead.
        (acting(make_officer(unit.county)), person, unit),
    ):
        with pytest.raises(MayNotInvite):
            invitations.send_again(person=whom, unit=where, by=by)
    invitations.send_again(person=stranger, unit=other, by=acting(make_officer(other.county)))


def test_who_has_logged_in_or_logs_in_elsewhere_is_not_invited_again() -> None:
    unit = make_unit()
    by, known, connected = acting(make_lead(unit)), newcomer(unit), newcomer(unit)
    User.objects.filter(pk=known.pk).update(last_login=clock.now())
    SocialAccount.objects.create(user=connected, provider="tanet", uid="1")
    with pytest.raises(LoggedInBefore):
        invitations.send_again(person=known, unit=unit, by=by)
    with pytest.raises(LogsInElsewhere):
        invitations.send_again(person=connected, unit=unit, by=by)


def test_links_of_years_ago_are_forgotten() -> None:
    link_for(newcomer())
    with later(timedelta(days=300)):
        assert first_login_links.forget_old() == 0
    with later(timedelta(days=400)):
        assert first_login_links.forget_old() == 1


def test_the_language_in_which_the_password_was_chosen_becomes_that_of_the_newcomer(client: Client) -> None:
    person = newcomer()
    client.post("/i18n/setlang/", {"language": "en"})
    client.get(link_for(person))
    client.post(reverse("signin:first_password"), {"password1": NEW, "password2": NEW})
    response = client.post(reverse("account_login"), {"login": person.email, "password": NEW}, follow=True)
    page = response.content.decode()
    assert 'lang="en"' in page and f"Successfully signed in as {person.name}" in page


def test_the_message_of_a_log_in_is_in_the_language_of_the_page_that_follows(client: Client) -> None:
    person = make_user()
    person.set_password(NEW)
    person.save(update_fields=["password"])
    client.post("/i18n/setlang/", {"language": "en"})
    response = client.post(reverse("account_login"), {"login": person.email, "password": NEW}, follow=True)
    page = response.content.decode()
    assert 'lang="zh-Hant-TW"' in page and person.name in page and "Successfully signed in" not in page
