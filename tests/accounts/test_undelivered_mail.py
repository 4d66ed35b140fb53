"""Mail that was given up is listed for the operator, and sent again by one recorded act."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.undelivered_mail import send_again
from accounts.errors import OnlyOperatorMay
from audit.models import AuditEvent
from inservice import supervisor
from kit import clock
from kit.celery_app import app
from notices import outbox
from notices.models import Notice
from tests.factories import acting, make_lead, make_operator, make_user

pytestmark = pytest.mark.django_db
PAGE = reverse("accounts:undelivered_mail")


def given_up(name: str, **facts: Any) -> Notice:
    facts = {
        "failing_since": clock.now() - timedelta(days=4),
        "given_up_at": clock.now(),
        "attempts": 20,
    } | facts
    return Notice.objects.create(
        key=name,
        kind="hours_issued",
        category="rights",
        recipient=make_user(name, email=f"{name}@x.example"),
        subject="s",
        body="b",
        created_at=clock.now(),
        last_error="451 come back later",
        **facts,
    )


def client_of(account: Any) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def test_the_operator_reads_who_got_no_mail_and_why_and_the_look_is_recorded() -> None:
    row, operator = given_up("a"), make_operator()
    page = client_of(operator).get(PAGE).content.decode()
    assert "a@x.example" in page and "451 come back later" in page
    seen = AuditEvent.objects.get(action="read.mail")
    assert list(seen.subjects.values_list("person_id", flat=True)) == [row.recipient_id]
    home = client_of(operator).get(reverse("courses:operator")).content.decode()
    assert f'href="{PAGE}"' in home


def test_chosen_mail_is_sent_again_by_one_recorded_act(mailoutbox: Any) -> None:
    rows, operator = [given_up(name) for name in "abc"], make_operator()
    client_of(operator).post(reverse("accounts:send_mail_again"), {"mail": [rows[0].pk, rows[1].pk]})
    assert outbox.drain_all() == {"sent": 2, "failed": 0}
    assert sorted(mail.to[0] for mail in mailoutbox) == ["a@x.example", "b@x.example"]
    event = AuditEvent.objects.get(action="mail.again")
    assert event.after == {"mails": 2} and event.subjects.count() == 2
    assert list(Notice.objects.given_up()) == [rows[2]]


def test_all_of_it_is_sent_again_at_once_and_gets_as_many_days_as_new_mail(mailoutbox: Any) -> None:
    for name in "abc":
        given_up(name)
    assert send_again(by=acting(make_operator())) == 3
    assert set(Notice.objects.values_list("attempts", "failing_since", "given_up_at")) == {(0, None, None)}
    assert outbox.drain_all()["sent"] == 3


def test_a_link_that_has_run_out_is_listed_and_not_sent(mailoutbox: Any) -> None:
    late = given_up("a", given_up_at=None, failing_since=None, expires_at=clock.now() - timedelta(minutes=1))
    assert outbox.drain_all() == {"sent": 0, "failed": 0} and list(Notice.objects.given_up()) == [late]
    assert send_again(by=acting(make_operator())) == 0 and not mailoutbox


def test_only_the_operator_sees_the_list_and_sends_again() -> None:
    given_up("a")
    lead = make_lead()
    assert client_of(lead).get(PAGE).status_code == 403
    assert client_of(lead).post(reverse("accounts:send_mail_again"), {"all": "1"}).status_code == 403
    with pytest.raises(OnlyOperatorMay):
        send_again(by=acting(lead))


@pytest.mark.parametrize("form", [{}, {"mail": "x"}, {"mail": "9" * 40}, {"mail": "²"}])
def test_nothing_chosen_sends_nothing(form: dict[str, str]) -> None:
    given_up("a")
    assert client_of(make_operator()).post(reverse("accounts:send_mail_again"), form).status_code == 302
    assert (
        Notice.objects.given_up().count() == 1 and not AuditEvent.objects.filter(action="mail.again").exists()
    )


def test_mail_has_a_queue_of_its_own_and_a_worker_takes_both_by_default() -> None:
    route = app.amqp.router.route({}, "notices.tasks.drain_outbox")
    assert route["queue"].name == "mail"
    assert app.amqp.router.route({}, "jobs.tasks.run")["queue"].name == "celery"
    assert set(app.amqp.queues.consume_from) == {"celery", "mail"}


def test_mailbox_mail_is_forgotten_after_a_month_and_notices_and_undelivered_mail_stay() -> None:
    long_ago = clock.now() - timedelta(days=31)
    given_up("listed", in_inbox=False, address="listed@x.example")
    given_up("inbox", given_up_at=None, mailed_at=long_ago)
    given_up("ran-out", in_inbox=False, address="ran-out@x.example", expires_at=long_ago)
    given_up("sent", in_inbox=False, address="sent@x.example", given_up_at=None, mailed_at=long_ago)
    stranger = {"in_inbox": False, "address": "x@x.example", "given_up_at": long_ago}
    Notice.objects.filter(pk=given_up("nobody", **stranger).pk).update(recipient=None)
    assert outbox.forget_old() == 3
    assert set(Notice.objects.values_list("key", flat=True)) == {"listed", "inbox"}


def test_one_machine_with_redis_has_a_mail_worker_and_the_embedded_one_takes_both_queues(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://x")
    with_redis = supervisor.commands(8000)
    assert with_redis["mail"][with_redis["mail"].index("-Q") + 1] == "mail"
    assert with_redis["worker"][with_redis["worker"].index("-Q") + 1] == "celery"
    monkeypatch.delenv("REDIS_URL")
    embedded = supervisor.commands(8000)
    assert "-Q" not in embedded["worker"] and "mail" not in embedded
