"""A mail server that is away is no error of a page: what was done is done and recorded, and the mail leaves later."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.mail.backends import locmem
from django.test import Client
from django.urls import reverse

from accounts.actions import identity_changes
from audit.models import AuditEvent
from kit import clock
from notices import outbox
from notices.models import Notice
from tests.factories import PASSWORD, acting, make_account, make_operator, make_user, teacher

pytestmark = pytest.mark.django_db
NEW = "another-long-Pass1"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The mail server refuses connections until `away.undo()`."""

    def refused(self: object, messages: object) -> None:
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refused)
    return monkeypatch


def logged_in(user: Any) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def change_password(client: Client) -> Any:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    return client.post(reverse("account_change_password"), form)


def test_a_reset_link_is_sent_when_the_server_is_back(away: Any, mailoutbox: Any) -> None:
    user = make_user()
    answer = Client().post(reverse("account_reset_password"), {"email": user.email})
    assert answer.status_code == 302 and not mailoutbox
    away.undo()
    assert outbox.drain_all()["sent"] == 1
    assert mailoutbox[0].to == [user.email] and "/password/reset/key/" in mailoutbox[0].body


def test_a_mailbox_nobody_has_gets_its_mail_later_too(away: Any, mailoutbox: Any) -> None:
    assert Client().post(reverse("account_reset_password"), {"email": "no@x.example"}).status_code == 302
    away.undo()
    assert outbox.drain_all()["sent"] == 1 and mailoutbox[0].to == ["no@x.example"]


def test_a_changed_password_is_recorded_ends_other_sessions_and_is_notified_later(
    away: Any, mailoutbox: Any
) -> None:
    user = make_user()
    one, other = logged_in(user), logged_in(user)
    assert change_password(one).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW) and AuditEvent.objects.filter(action="password.changed").exists()
    assert other.get("/me/").status_code == 302 and UserSession.objects.filter(user=user).count() == 1
    away.undo()
    outbox.drain_all()
    assert "密碼已變更" in [mail.subject for mail in mailoutbox][-1]


def test_the_former_mailbox_is_notified_when_the_server_is_back(
    away: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    account, operator = make_account(), make_operator()
    old = account.user.email
    row = identity_changes.request(
        by=teacher(account.user), new_name="新", new_email="n@x.example", reason="換信箱"
    )
    with django_capture_on_commit_callbacks(execute=True):
        identity_changes.approve(change=row, by=acting(operator))
    away.undo()
    outbox.drain_all()
    assert [old] in [mail.to for mail in mailoutbox]


def test_a_link_that_opens_a_door_is_sealed_while_it_waits_and_forgotten_when_it_has_left(away: Any) -> None:
    user = make_user()
    Client().post(reverse("account_reset_password"), {"email": user.email})
    row = Notice.objects.get(kind="password_reset_key")
    assert row.link and "/password/" not in f"{row.link} {row.body} {row.path}"
    assert row.expires_at and row.expires_at > clock.now()
    away.undo()
    outbox.drain_all()
    row.refresh_from_db()
    assert row.mailed_at and not row.link


def test_mail_to_a_mailbox_is_in_no_inbox(mailoutbox: Any) -> None:
    user = make_user()
    Client().post(reverse("account_reset_password"), {"email": user.email})
    assert len(mailoutbox) == 1 and not Notice.objects.for_person(user.pk).exists()
    assert "設定新密碼" not in logged_in(user).get(reverse("notices:inbox")).content.decode()


def test_a_server_that_was_away_just_now_is_not_waited_for_again(away: Any, mailoutbox: Any) -> None:
    one, two = make_user(), make_user()
    Client().post(reverse("account_reset_password"), {"email": one.email})
    away.undo()
    Client().post(reverse("account_reset_password"), {"email": two.email})
    assert not mailoutbox
    assert outbox.drain_all() == {"sent": 2, "failed": 0}
