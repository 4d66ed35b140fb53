"""Messages to partners' systems: which are written, how they are signed and sent, and what becomes of those that are not taken."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.actions.appointments import end
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import audiences, questions, registration, second_handler, withdrawal
from courses.actions.audiences import AudienceData, Who
from courses.actions.questions import QuestionData
from courses.actions.transfer_decisions import move_courses
from courses.enums import PublicChange
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    teacher,
)
from webhooks import addresses, posting, signatures
from webhooks.actions import deliveries, pausing, sending, webhooks
from webhooks.errors import (
    AddressNotAllowed,
    FormerSecretWorks,
    MayNotKeepWebhooks,
    OtherReach,
    TooLongAgo,
    TooManyWebhooks,
    WebhookEnded,
    WebhookInUse,
    WebhookLeft,
)
from webhooks.locks import lock_webhook
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
URL = "https://school.example/hooks"


class Partner:
    """A partner's system on loopback: keeps what it gets and replies with `status`."""

    def __init__(self) -> None:
        self.status, self.got = 200, []  # type: int, list[tuple[str, dict[str, str], str]]
        partner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                partner.got.append((self.path, headers, body))
                self.send_response(partner.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?of=unit"


@pytest.fixture
def partner(settings: Any) -> Iterator[Partner]:
    settings.WEBHOOK_LOCAL = True
    found = Partner()
    yield found
    found.server.shutdown()
    found.server.server_close()


def add(account: BusinessAccount, url: str = URL, changes: Any = PublicChange.values) -> tuple[Webhook, str]:
    return webhooks.add(by=acting(account), url=url, purpose="校務系統", changes=changes)


def kinds(webhook: Webhook) -> list[str]:
    return list(webhook.deliveries.order_by("id").values_list("kind", flat=True))


# --- Which messages are written --------------------------------------------------------------------------------------
def test_a_course_is_told_of_when_it_is_published_changed_withdrawn_and_closed() -> None:
    lead = make_lead()
    webhook, _secret = add(lead)
    handler = make_account(lead.unit)
    draft = make_course(handler, state="draft")
    course = registration.register(course=draft, by=acting(handler))
    withdrawal.withdraw(course=course, by=acting(handler), reason="registered_twice")
    close(make_course(handler, ago=3))
    assert kinds(webhook) == ["course.published", "course.changed", "course.closed"]
    facts = json.loads(webhook.deliveries.order_by("id")[1].body)
    assert facts["type"] == "course.changed" and facts["timestamp"]
    assert facts["data"]["code"] == course.code and facts["data"]["state"] == "withdrawn"
    assert facts["data"]["url"].endswith(f"/api/v1/courses/{course.code}/")


def test_another_handler_audience_or_question_is_a_change() -> None:
    """Partners read these by the API of a course; changes of a draft are not sent."""
    lead = make_lead()
    webhook, _secret = add(lead)
    handler, colleague = make_account(lead.unit), make_account(lead.unit)
    by, asked = acting(handler), [QuestionData("葷素", "text")]
    questions.set_questions(course=make_course(handler, state="draft"), by=by, questions=asked)
    course = make_course(handler)
    assert not kinds(webhook)
    second_handler.name(course=course, by=by, account=colleague)
    audiences.set_audience(course=course, by=by, data=AudienceData(Who("own_unit")))
    questions.set_questions(course=course, by=by, questions=asked)
    operator = acting(make_operator())
    move_courses(pairs=[(course, colleague)], by=operator, reason="調校")
    assert kinds(webhook) == ["course.changed"] * 4


def test_what_is_not_saved_is_not_told() -> None:
    lead = make_lead()
    webhook, _secret = add(lead)
    handler = make_account(lead.unit)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        registration.register(course=make_course(handler, state="draft"), by=acting(handler))
        raise ZeroDivisionError
    assert not kinds(webhook)


def test_each_hat_is_told_of_its_own_courses() -> None:
    county, other = make_county("屏東縣"), make_county("花蓮縣")
    unit = make_unit(county=county)
    lead, neighbour = make_lead(unit), make_lead(make_unit(county=county))
    keepers = {
        "lead": lead,
        "neighbour": neighbour,
        "officer": make_officer(county),
        "elsewhere": make_officer(other),
        "operator": make_operator(),
    }
    hooks = {name: add(account)[0] for name, account in keepers.items()}
    close(make_course(make_account(unit), ago=3))
    assert {name for name, hook in hooks.items() if kinds(hook)} == {"lead", "officer", "operator"}


def test_only_chosen_changes_are_told_and_none_after_the_end_of_the_account() -> None:
    lead = make_lead()
    make_lead(lead.unit)
    webhook, _secret = add(lead, changes=["published"])
    handler = make_account(lead.unit)
    close(make_course(handler, ago=3))
    assert not kinds(webhook)
    Webhook.objects.update(changes=["closed"])
    end(account=lead, by=acting(make_operator()))
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        close(make_course(handler, ago=3))
    assert not kinds(webhook)


# --- How they are sent -----------------------------------------------------------------------------------------------
def test_a_signature_is_that_of_the_standard() -> None:
    """The example of the specification (symmetric, v1)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = '{"test": 2432232314}'
    made = signatures.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_reaches_the_partner_once_with_a_signature_of_each_secret(partner: Partner) -> None:
    lead = make_lead()
    webhook, first = add(lead, partner.url)
    second = webhooks.renew_secret(webhook=webhook, by=acting(lead))
    close(make_course(make_account(lead.unit), ago=3))
    assert sending.send_waiting() == {"taken": 1, "failed": 0}
    assert sending.send_waiting() == {"taken": 0, "failed": 0}
    [(path, headers, body)] = partner.got
    row = webhook.deliveries.get()
    assert (path, headers["webhook-id"], body) == ("/hooks?of=unit", row.message_id, row.body)
    signed = f"{row.message_id}.{headers['webhook-timestamp']}.{body}".encode()
    wanted = [
        hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        for secret in (second, first)
    ]
    assert headers["webhook-signature"].split() == [f"v1,{base64.b64encode(one).decode()}" for one in wanted]
    assert row.delivered_at and row.attempts == 1
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        webhooks.replay(webhook=webhook, by=acting(lead), since=clock.today() - timedelta(days=3))
        sending.send_waiting()
    assert len(partner.got[1][1]["webhook-signature"].split()) == 1
    assert partner.got[1][1]["webhook-id"] == row.message_id


def test_a_second_renewal_does_not_end_the_first_secret_early() -> None:
    lead = make_lead()
    webhook, _first = add(lead)
    webhooks.renew_secret(webhook=webhook, by=acting(lead))
    kept = Webhook.objects.get()
    with time_machine.travel(clock.now() + timedelta(hours=23), tick=False):
        with pytest.raises(FormerSecretWorks):
            webhooks.renew_secret(webhook=webhook, by=acting(lead))
        now = Webhook.objects.get()
        assert (now.secret, now.former_secret) == (kept.secret, kept.former_secret)
        webhooks.renew_secret(webhook=webhook, by=acting(lead), end_former=True)
        assert Webhook.objects.get().former_secret == kept.secret
    event = AuditEvent.objects.filter(action="webhook.secret").latest("pk")
    assert "ended" in event.after
    with time_machine.travel(clock.now() + timedelta(hours=48), tick=False):
        webhooks.renew_secret(webhook=webhook, by=acting(lead))


def test_the_page_offers_to_end_a_former_secret_that_still_works(client: Client) -> None:
    from tests.security.test_doors import reauthenticate

    lead = make_lead()
    webhook, _first = add(lead)
    client.force_login(lead.user)
    reauthenticate(client)
    page, path = (reverse(f"webhooks:{name}", args=[webhook.pk]) for name in ("webhook", "renew_secret"))
    assert "end_former" not in client.get(page).content.decode()
    assert "whsec_" in client.post(path).content.decode()
    assert "end_former" in client.get(page).content.decode()
    said = client.post(path, follow=True).content.decode()
    assert "whsec_" not in said and str(FormerSecretWorks.sentence)[:12] in said
    assert "whsec_" in client.post(path, {"end_former": "on"}).content.decode()


@pytest.mark.parametrize("status", [301, 400, 500])
def test_what_is_not_taken_is_tried_again_after_growing_pauses(partner: Partner, status: int) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    webhooks.test(webhook=webhook, by=acting(lead))
    partner.status, now = status, clock.now()
    assert sending.send_waiting()["failed"] == 1
    # The second waits with the first: one attempt at an address that fails.
    assert len(partner.got) == 1
    row = webhook.deliveries.order_by("id").first()
    assert row and row.attempts == 1 and row.last_error == f"HTTP {status}"
    assert timedelta(0) < row.next_at - now <= timedelta(minutes=2)
    partner.status = 200
    with time_machine.travel(now + timedelta(minutes=3), tick=False):
        assert sending.send_waiting() == {"taken": 2, "failed": 0}


def test_messages_of_the_same_batch_wait_as_long_as_the_one_that_failed(partner: Partner) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    for attempts in (2, 0):
        row = webhooks.test(webhook=webhook, by=acting(lead))
        Delivery.objects.filter(pk=row.pk).update(attempts=attempts)
    partner.status, now = 500, clock.now()
    assert sending.send_waiting() == {"taken": 0, "failed": 1}
    first, second = webhook.deliveries.order_by("id")
    assert (first.attempts, second.attempts) == (3, 0)
    assert first.next_at == second.next_at >= now + sending.PAUSES[2]


def test_after_the_last_attempt_the_webhook_is_paused_and_its_keeper_is_notified(partner: Partner) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    partner.status, moment = 500, clock.now()
    for _ in range(len(sending.PAUSES) + 1):
        with time_machine.travel(moment, tick=False):
            assert sending.send_waiting()["failed"] == 1
        moment += timedelta(days=1, minutes=1)
    webhook.refresh_from_db()
    assert webhook.paused_at and AuditEvent.objects.filter(action="webhook.pause").exists()
    notice = Notice.objects.get(kind="webhook_paused")
    assert notice.recipient_id == lead.user_id and "HTTP 500" in notice.body
    with time_machine.travel(moment, tick=False):
        webhooks.test(webhook=webhook, by=acting(lead))
        assert sending.send_waiting() == {"taken": 0, "failed": 0}
        partner.status = 200
        webhooks.resume(webhook=webhook, by=acting(lead))
        assert sending.send_waiting() == {"taken": 2, "failed": 0}


def test_an_address_that_is_gone_is_paused_at_once(partner: Partner) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    partner.status = 410
    sending.send_waiting()
    webhook.refresh_from_db()
    assert webhook.paused_at


def test_what_waits_when_the_account_of_a_webhook_ends_is_not_sent(partner: Partner) -> None:
    """The account ends after the message was written, and before the task that pauses such webhooks runs."""
    lead = make_lead()
    make_lead(lead.unit)
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    end(account=lead, by=acting(make_operator()))
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert sending.send_waiting() == {"taken": 0, "failed": 1}
    webhook.refresh_from_db()
    assert not partner.got and webhook.paused_at and webhook.deliveries.get().given_up_at


def test_a_secret_that_cannot_be_read_is_a_failure_that_says_so(partner: Partner) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    Webhook.objects.update(secret="sealed by another key")
    assert sending.send_waiting() == {"taken": 0, "failed": 1}
    assert not partner.got and "renew it" in webhook.deliveries.get().last_error


def test_colleagues_are_notified_once_when_the_account_of_a_webhook_ends_and_take_it_over(
    partner: Partner,
) -> None:
    lead, operator = make_lead(), make_operator()
    colleague = make_lead(lead.unit)
    webhook, _secret = add(lead, partner.url)
    assert pausing.pause_left() == 0
    webhooks.test(webhook=webhook, by=acting(lead))
    end(account=lead, by=acting(operator))
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert [pausing.pause_left(), pausing.pause_left()] == [1, 0]
        notice = Notice.objects.get(kind="webhook_left")
        assert notice.recipient_id == colleague.user_id and lead.number in notice.body
        webhook.refresh_from_db()
        assert webhook.paused_at and AuditEvent.objects.filter(action="webhook.pause").count() == 1
        assert sending.send_waiting() == {"taken": 0, "failed": 0}
        client = Client()
        client.force_login(colleague.user)
        page = client.get(reverse("webhooks:webhook", args=[webhook.pk])).content.decode()
        assert "帳號目前不在效期內" in page and reverse("webhooks:resume", args=[webhook.pk]) not in page
        for action in (webhooks.resume, webhooks.test):
            with pytest.raises(WebhookLeft):
                action(webhook=webhook, by=acting(colleague))
        # The operator keeps all, but their account would send the courses of the whole country.
        with pytest.raises(OtherReach):
            webhooks.take_over(webhook=webhook, by=acting(operator))
        client.post(reverse("webhooks:take_over", args=[webhook.pk]))
        assert sending.send_waiting() == {"taken": 1, "failed": 0}
        webhook.refresh_from_db()
        assert webhook.account == colleague and not webhook.paused_at
        with pytest.raises(WebhookInUse):
            webhooks.take_over(webhook=webhook, by=acting(colleague))


def test_the_county_is_notified_where_no_colleague_is_left_also_of_a_paused_webhook() -> None:
    officer = make_officer(make_county("屏東縣"))
    lead = make_lead(make_unit(county=officer.unit.county))
    webhook, _secret = add(lead)
    Webhook.objects.update(paused_at=clock.now())
    BusinessAccount.objects.filter(pk=lead.pk).update(suspended_at=clock.now())
    assert [pausing.pause_left(), pausing.pause_left()] == [1, 0]
    notice = Notice.objects.get(kind="webhook_left")
    # The officer's account reaches further: a successor at the unit takes the webhook over, and is notified.
    assert notice.recipient == officer.user and "接管或停用" not in notice.body
    assert f"僅{lead.unit.name}持有" in notice.body and TAKEN_OVER_BELOW in page_of(webhook, officer)
    successor = make_lead(lead.unit)
    assert [pausing.pause_left(), pausing.pause_left()] == [1, 0]
    notice = Notice.objects.get(kind="webhook_left", recipient=successor.user)
    assert "接管或停用" in notice.body and TAKEN_OVER_BELOW not in page_of(webhook, successor)
    BusinessAccount.objects.filter(pk=successor.pk).update(suspended_at=clock.now())
    other = add(officer)[0]
    BusinessAccount.objects.filter(pk=officer.pk).update(suspended_at=clock.now())
    operator = make_operator()
    # Of both: nobody below is left who could be notified.
    assert pausing.pause_left() == 2
    notified = Notice.objects.filter(kind="webhook_left", recipient=operator.user)
    assert {row.object_ref for row in notified} == {f"webhook:{row.pk}" for row in (webhook, other)}


TAKEN_OVER_BELOW = "持有同類業務帳號的同仁可以接手"


def page_of(webhook: Webhook, reader: BusinessAccount) -> str:
    client = Client()
    client.force_login(reader.user)
    return client.get(reverse("webhooks:webhook", args=[webhook.pk])).content.decode()


@pytest.mark.parametrize("as_teacher", [True, False])
def test_the_page_in_a_notice_is_offered_under_the_hat_that_keeps_the_webhook(as_teacher: bool) -> None:
    lead = make_lead()
    elsewhere = make_lead(make_unit(), user=lead.user)
    path, client = reverse("webhooks:webhook", args=[add(lead)[0].pk]), Client()
    client.force_login(lead.user)
    client.post(reverse("switch_hat"), {"account": "" if as_teacher else elsewhere.pk})
    page = client.get(path)
    assert page.status_code == 403 and page.context["other_hats"] == [lead]
    client.force_login(make_lead().user)
    assert client.get(path).status_code == 404


def test_a_webhook_that_cannot_be_paused_keeps_no_other_from_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead = make_lead()
    make_lead(lead.unit)
    first, second = add(lead)[0], add(lead)[0]
    BusinessAccount.objects.filter(pk=lead.pk).update(suspended_at=clock.now())

    def failing(webhook: Webhook) -> Webhook:
        return lock_webhook(webhook) if webhook != second else 1 // 0  # type: ignore[return-value]

    monkeypatch.setattr(pausing, "lock_webhook", failing)
    with pytest.raises(ExceptionGroup):
        pausing.pause_left()
    assert set(Webhook.objects.exclude(paused_at=None)) == {first}


def test_a_worker_that_dies_leaves_its_messages_to_a_later_one(partner: Partner) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    assert len(sending._claim()) == 1  # and dies
    assert sending.send_waiting() == {"taken": 0, "failed": 0}
    with time_machine.travel(clock.now() + sending.LEASE + timedelta(seconds=1), tick=False):
        assert sending.send_waiting()["taken"] == 1
    assert len(partner.got) == 1


def test_a_host_that_does_not_answer_is_a_failure_with_its_name(settings: Any) -> None:
    settings.WEBHOOK_LOCAL = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    lead = make_lead()
    webhook, _secret = add(lead, url)
    webhooks.test(webhook=webhook, by=acting(lead))
    assert sending.send_waiting() == {"taken": 0, "failed": 1}
    assert "NewConnectionError" in webhook.deliveries.get().last_error


def test_a_partner_that_drips_is_cut_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte is in time, and the reply would never end."""
    settings.WEBHOOK_LOCAL = True
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 0.4)
    lead, stop = make_lead(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line = server.accept()[0]
            with suppress(OSError), line:
                while not stop.wait(0.05):
                    line.sendall(b"H")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        webhook, _secret = add(lead, f"http://127.0.0.1:{server.getsockname()[1]}/")
        webhooks.test(webhook=webhook, by=acting(lead))
        begun = time.monotonic()
        assert sending.send_waiting() == {"taken": 0, "failed": 1}
        assert time.monotonic() - begun < 3
        stop.set()
        thread.join(5)


def test_a_run_ends_before_the_next_one_begins(settings: Any, partner: Partner) -> None:
    lead = make_lead()
    webhook, _secret = add(lead, partner.url)
    webhooks.test(webhook=webhook, by=acting(lead))
    assert settings.OUTBOX_SECONDS / 2 + posting.WHOLE_SECONDS < settings.OUTBOX_EVERY
    settings.OUTBOX_SECONDS = 0
    assert sending.send_waiting() == {"taken": 0, "failed": 0}


def test_old_messages_go() -> None:
    lead = make_lead()
    webhook, _secret = add(lead)
    webhooks.test(webhook=webhook, by=acting(lead))
    assert deliveries.forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert deliveries.forget_old() == 1


# --- Addresses -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/", "ftp://school.example/", "https://", "https:///x", "https://localhost/",
        "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/", "https://169.254.169.254/latest/",
        "https://[::ffff:10.0.0.8]/", "https://[64:ff9b::a00:8]/", "https://[64:ff9b:1::a00:8]/",
        "https://[::a00:8]/", "https://[::ffff:0:a00:8]/", "https://[fec0::8]/", "https://[fe80::8%25eth0]/", "https://192.88.99.1/", "https://[2002:a00:8::]/", "https://user:pw@school.example/",
        "https://school.example:0/", "https://school.example:99999/", "https://school.example/ x", "https://school.example/\x01",
        "https://學校.example/", "https://school.example/#part", "https://0.0.0.0/", "https://224.0.0.1/", "javascript:1",
    ],
)  # fmt: skip
def test_no_message_goes_to_the_own_network(url: str) -> None:
    with pytest.raises(AddressNotAllowed):
        addresses.check(url)


@pytest.mark.parametrize("ips", [["10.0.0.8"], ["8.8.8.8", "127.0.0.1"], []])
def test_a_name_that_leads_to_the_own_network_is_not_reached(monkeypatch: Any, ips: list[str]) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ips]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: rows)
    with pytest.raises(addresses.NotReachable):
        addresses.look_up(URL)


def test_an_address_that_is_no_longer_allowed_or_has_no_host_is_a_failure_with_the_reason(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_LOCAL = True
    lead = make_lead()
    webhook, _secret = add(lead, "http://school.example/")
    webhooks.test(webhook=webhook, by=acting(lead))
    settings.WEBHOOK_LOCAL = False
    assert sending.send_waiting() == {"taken": 0, "failed": 1}
    assert "http://school.example/" in webhook.deliveries.get().last_error

    def unknown(*args: object, **more: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(addresses.NotReachable, match="no address"):
        addresses.look_up(URL)


def test_a_message_goes_to_the_address_that_was_checked(monkeypatch: Any) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: rows)
    target = addresses.look_up(f"{URL}?a=1")
    assert (target.ip, target.host, target.host_header, target.path) == (
        "8.8.8.8", "school.example", "school.example", "/hooks?a=1",
    )  # fmt: skip
    pool = posting.pool_of(target)
    assert (pool.host, pool.assert_hostname, pool.cert_reqs) == ("8.8.8.8", "school.example", "CERT_REQUIRED")  # type: ignore[attr-defined]


# --- Acts and pages --------------------------------------------------------------------------------------------------
def test_refusals() -> None:
    lead = make_lead()
    webhook, _secret = add(lead)
    for stranger in (make_account(lead.unit), make_lead(), make_officer(make_county("花蓮縣"))):
        with pytest.raises(MayNotKeepWebhooks):
            webhooks.end(webhook=webhook, by=acting(stranger))
    with pytest.raises(MayNotKeepWebhooks):
        add(make_account())
    with pytest.raises(MayNotKeepWebhooks):
        webhooks.add(by=teacher(lead.user), url=URL, purpose="校務系統", changes=PublicChange.values)
    with pytest.raises(AddressNotAllowed):
        add(lead, "http://school.example/")
    with pytest.raises(TooLongAgo):
        webhooks.replay(webhook=webhook, by=acting(lead), since=clock.today() - timedelta(days=31))
    webhooks.test(webhook=webhook, by=acting(lead))
    webhooks.end(webhook=webhook, by=acting(make_officer(lead.unit.county)))
    assert not Delivery.objects.waiting().exists()
    acts: list[Any] = [webhooks.end, webhooks.resume, webhooks.renew_secret, webhooks.test]
    for action in acts:
        with pytest.raises(WebhookEnded):
            action(webhook=webhook, by=acting(lead))
    for _ in range(webhooks.MOST):
        add(lead)
    with pytest.raises(TooManyWebhooks):
        add(lead)


def test_a_lead_adds_a_webhook_and_sees_its_secret_once(partner: Partner) -> None:
    lead = make_lead()
    client = Client()
    client.force_login(lead.user)
    page = client.get(reverse("webhooks:list"))
    assert "尚未新增事件推送" in page.content.decode()
    sent = {"url": "https://10.0.0.8:x/", "purpose": "校務系統", "changes": ["closed"]}
    answer = client.post(reverse("webhooks:list"), sent)
    assert answer.status_code in (200, 302) and not Webhook.objects.exists()
    client.session.save()
    from tests.security.test_doors import reauthenticate

    reauthenticate(client)
    answer = client.post(reverse("webhooks:list"), sent)
    assert "網址須以https://開頭" in answer.content.decode()
    answer = client.post(reverse("webhooks:list"), sent | {"url": partner.url})
    webhook = Webhook.objects.get()
    assert "whsec_" in answer.content.decode() and webhook.changes == ["closed"]
    assert "whsec_" not in webhook.secret
    page = reverse("webhooks:webhook", args=[webhook.pk])
    assert "whsec_" not in client.get(page).content.decode()
    client.post(reverse("webhooks:test", args=[webhook.pk]))
    sending.send_waiting()
    assert "已接收" in client.get(page).content.decode()
    answer = client.post(reverse("webhooks:replay", args=[webhook.pk]), {"since": "x"})
    assert answer.status_code == 200 and not Delivery.objects.waiting().exists()
    client.post(reverse("webhooks:replay", args=[webhook.pk]), {"since": clock.today().isoformat()})
    assert Delivery.objects.waiting().count() == 1
    assert "whsec_" in client.post(reverse("webhooks:renew_secret", args=[webhook.pk])).content.decode()
    Webhook.objects.update(paused_at=clock.now())
    client.post(reverse("webhooks:resume", args=[webhook.pk]))
    client.post(reverse("webhooks:end", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert webhook.ended_at and not webhook.paused_at
