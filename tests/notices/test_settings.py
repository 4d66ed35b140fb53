"""The mail preferences of a person: the page, the sealed link of an e-mail, what may not be switched off, and that the inbox
keeps all.
"""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from courses.actions import lights
from kit import clock
from notices import mail_preferences, outbox
from notices.context import unread_of
from notices.enums import OPTIONAL, Category
from notices.models import Notice, NoticeSetting
from tests.factories import make_account, make_lead, make_user, overdue_courses

pytestmark = pytest.mark.django_db


def notice(person: Any, kind: str = "admitted", about: str = "enrolment:1") -> outbox.NewNotice:
    facts = {"course": "研習", "code": "1", "starts_on": clock.today(), "hours": 3, "unit": "校"}
    return outbox.NewNotice(kind, person, about, clock.today(), "/me/", facts)


def test_a_category_that_is_off_is_in_the_bell_and_is_not_mailed(mailoutbox: Any) -> None:
    person, other = make_user(), make_user()
    mail_preferences.set_mail(person_id=person.pk, category=Category.ENROLMENT, by_mail=False)
    assert outbox.write([notice(person), notice(other), notice(person, "hours_issued")]) == 3
    outbox.drain()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([person.email, other.email])
    assert Notice.objects.for_person(person.pk).count() == 2
    assert [mail.to[0] for mail in mailoutbox if "核發" in mail.subject] == [person.email], (
        "a right is always mailed"
    )


def test_that_a_course_ended_before_an_enrolment_was_decided_is_always_mailed(mailoutbox: Any) -> None:
    person = make_user()
    for category in OPTIONAL:
        mail_preferences.set_mail(person_id=person.pk, category=category, by_mail=False)
    outbox.write([notice(person, "course_over")])
    outbox.drain()
    assert [mail.to[0] for mail in mailoutbox] == [person.email]


def test_writing_reads_the_preferences_of_all_readers_at_once(django_assert_num_queries: Any) -> None:
    people = [make_user() for _ in range(6)]
    for number in (1, 5):
        with django_assert_num_queries(3):
            outbox.write([notice(person, about=f"enrolment:{number}") for person in people[:number]])


def test_what_waits_in_the_outbox_is_held_back_too(mailoutbox: Any) -> None:
    person = make_user()
    outbox.write([notice(person)])
    mail_preferences.set_mail(person_id=person.pk, category=Category.ENROLMENT, by_mail=False)
    assert outbox.drain() == {"sent": 0, "failed": 0} and not mailoutbox


@pytest.mark.parametrize("category", [c for c in Category if c not in OPTIONAL])
def test_a_notice_that_must_reach_a_person_is_never_off(category: Category) -> None:
    person = make_user()
    with pytest.raises(mail_preferences.MustReachYou):
        mail_preferences.set_mail(person_id=person.pk, category=category, by_mail=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeSetting.objects.create(
            recipient=person, category=category, by_mail=False, changed_at=clock.now()
        )


def test_a_unit_lead_gets_the_light_whatever_was_chosen_a_handler_does_not(mailoutbox: Any) -> None:
    lead = make_lead()
    handler = make_account(lead.unit)
    for account in (lead, handler):
        mail_preferences.set_mail(person_id=account.user_id, category=Category.LIGHTS, by_mail=False)
    overdue_courses(handler, 5)
    lights.refresh()
    outbox.drain()
    assert [mail.to for mail in mailoutbox] == [[lead.user.email]]
    assert Notice.objects.filter(kind="light_red").count() == 2
    assert "List-Unsubscribe" not in mailoutbox[0].extra_headers


def test_the_page_saves_and_shows_without_a_script(client: Client) -> None:
    person = make_user()
    client.force_login(person)
    assert client.get("/notices/settings/").content.decode().count(" checked") == len(OPTIONAL)
    client.post("/notices/settings/", {"mail": ["lights", "security", "nonsense"]})
    assert mail_preferences.switched_off(person.pk) == set(OPTIONAL) - {"lights"}
    page = client.get("/notices/settings/").content.decode()
    assert page.count(" checked") == 1 and "登入安全" in page and "一律寄送" in page


def test_the_link_of_a_notice_works_without_a_log_in_with_one_click_and_back(mailoutbox: Any) -> None:
    person = make_user()
    outbox.write([notice(person)])
    outbox.drain()
    link = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    assert link in mailoutbox[0].body and mailoutbox[0].extra_headers["List-Unsubscribe-Post"]
    path, browser = link.removeprefix(settings.SITE_URL), Client(enforce_csrf_checks=True)
    page = browser.get(path).content.decode().split("<main")[1].split("</main>")[0]
    assert page.count('type="submit"') == 1 and not mail_preferences.switched_off(person.pk), (
        "looking changes nothing"
    )
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert mail_preferences.switched_off(person.pk) == {"enrolment"}
    assert 'name="undo"' in browser.get(path).content.decode()
    browser.post(path, {"undo": "1"})
    assert not mail_preferences.switched_off(person.pk)


def test_a_link_says_nothing_of_the_person_and_is_good_for_its_category_only() -> None:
    person = make_user()
    token = mail_preferences.token_for(person.pk, "reminders")
    assert mail_preferences.read_token(token) == (person.pk, "reminders")
    assert token != mail_preferences.token_for(person.pk, "reminders") and not re.search(
        r"reminders|enrol", token
    )
    Client().post(f"/notices/mail/{token}/", {"category": "lights", "recipient": "1"})
    assert list(NoticeSetting.objects.values_list("recipient_id", "category")) == [(person.pk, "reminders")]


@pytest.mark.parametrize("harm", ["cut", "changed", "nobody", "mandatory", "chinese"])
def test_a_link_that_is_not_ours_is_a_404_and_changes_nothing(harm: str) -> None:
    token = mail_preferences.token_for(make_user().pk, "reminders")
    token = {
        "cut": token[:-9],
        "changed": token[:30] + ("A" if token[30] != "A" else "B") + token[31:],
        "nobody": mail_preferences.token_for(999999, "reminders"),
        "mandatory": mail_preferences.token_for(make_user().pk, "security"),
        "chinese": "退訂",
    }[harm]
    for method in ("get", "post"):
        assert getattr(Client(), method)(f"/notices/mail/{token}/").status_code == 404
    assert not NoticeSetting.objects.exists()


def test_a_link_survives_a_new_secret_key(settings: Any) -> None:
    person = make_user()
    token = mail_preferences.token_for(person.pk, "lights")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 9
    assert mail_preferences.read_token(token) == (person.pk, "lights")


def test_the_previews_are_there_on_the_demonstration_only(client: Client, settings: Any) -> None:
    one = "/styleguide/mail/please_close/en/"
    assert client.get("/styleguide/mail/").status_code == client.get(f"{one}html/").status_code == 404
    settings.DEMO = True
    gallery = client.get("/styleguide/mail/")
    assert (
        "frame-src 'self'" in gallery["Content-Security-Policy"]
        and gallery.content.decode().count("/html/") > 80
    )
    mail = client.get(f"{one}html/")
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    policy = mail["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy and "sandbox" in policy and "script-src 'self'" not in policy
    assert "Subject: " in client.get(f"{one}text/").content.decode()
    assert client.get("/styleguide/mail/nothing/en/html/").status_code == 404


def test_the_bell_counts_what_the_inbox_has_unread() -> None:
    first, other = make_user(), make_user()
    second = make_user(
        merged_into=first, is_active=False, password="!", closed_at=clock.now(), closed_because="merged"
    )
    outbox.write(
        [notice(person, about=f"enrolment:{place}") for place in (1, 2, 3) for person in (first, other)]
    )
    outbox.write([notice(second, about="enrolment:4")])
    Notice.objects.filter(recipient=other, object_ref="enrolment:1").update(read_at=clock.now())
    Notice.objects.filter(recipient=other, object_ref="enrolment:2").update(in_inbox=False)
    for person, number in ((first, 4), (other, 1), (make_user(), 0)):
        assert unread_of(person.pk) == Notice.objects.for_person(person.pk).unread().count() == number
