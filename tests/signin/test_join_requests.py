"""A visitor who is in no register requests to be entered at a unit; those who keep its staff list decide."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import identity
from accounts.acting import Actor
from accounts.actions import merging, staff
from accounts.actions.places import PlaceFacts
from accounts.errors import AlreadyDecided, ReasonNeeded, RequestForgotten, UnknownNeedsFacts
from accounts.forms.requests import IdentityForm
from accounts.identity import BadNationalId
from accounts.models import FirstLoginLink, JoinRequest, PlaceProposal, Unit, User
from audit.models import AuditEvent
from kit import clock
from notices.models import Notice
from signin.actions import join_requests
from signin.errors import MailboxTaken, MayNotEnter, OtherName, TooManyRequests
from tests.factories import (
    acting,
    make_account,
    make_join_request,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
NUMBER = "A123456789"


def typed(where: Unit, **more: Any) -> dict[str, Any]:
    return {"unit": where.code, "name": "林新進", "national_id": NUMBER, "email": "new@x.example"} | more


def asking(unit: Unit, **more: Any) -> dict[str, Any]:
    facts = {"name": "林新進", "email": "new@x.example", "number": NUMBER, "title": "教師", "reason": ""}
    return {"unit": unit, "language": "zh-hant", "address": "203.0.113.7", **facts, **more}


def known_person(unit: Unit | None = None, **fields: Any) -> User:
    person = make_user("林新進", unit=unit, **fields)
    person.set_national_id(NUMBER)
    person.save(update_fields=User.NUMBER_FIELDS)
    return person


def test_a_visitor_requests_and_the_lead_enters_and_invites(client: Client) -> None:
    unit = make_unit()
    lead = make_lead(unit)
    page = client.post(reverse("signin:join"), typed(unit), follow=True)
    assert "您的申請已送出" in page.content.decode()
    row = JoinRequest.objects.get()
    assert Notice.objects.get(kind="join_requested").recipient == lead.user
    person = join_requests.approve(request=row, by=acting(lead))
    assert (person.name, person.national_id, person.affiliations.get().unit) == ("林新進", NUMBER, unit)
    assert not person.has_usable_password() and FirstLoginLink.objects.get().user == person
    row.refresh_from_db()
    assert row.person == person and row.id_sealed == ""


def test_the_response_is_the_same_for_known_and_unknown_people(client: Client) -> None:
    """The same page, the same queries: nothing is looked up before the decision."""
    unit = make_unit()
    make_lead(unit)
    known_person()
    client.post(reverse("signin:join"), typed(unit, national_id=next(NUMBERS)))
    found = []
    for number in ("A123456789", "B123456780"):
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            page = client.post(reverse("signin:join"), typed(unit, national_id=number))
        found.append((page.status_code, page["Location"], len(queries)))
        looks = [
            q["sql"] for q in queries if re.search(r'FROM "accounts_user" WHERE.*(id_hash|email)', q["sql"])
        ]
        assert not looks
    assert found[0] == found[1]


def test_a_known_person_gets_the_place_and_the_mail_goes_to_the_known_mailbox() -> None:
    unit = make_unit()
    person = known_person(email="own@x.example")
    row = make_join_request(unit, NUMBER, email="thief@x.example")
    assert join_requests.approve(request=row, by=acting(make_lead(unit))) == person
    assert person.affiliations.get().unit == unit
    assert {n.address for n in Notice.objects.filter(kind="invitation")} == {"own@x.example"}
    person.refresh_from_db()
    assert person.email == "own@x.example"


def test_a_number_of_a_merged_record_means_its_person() -> None:
    unit, person = make_unit(), make_user("林新進", email="own@x.example")
    second = known_person(email="second@x.example")
    merging.merge(person=person, second=second, by=acting(make_operator()), reason="同一人")
    row = make_join_request(unit, NUMBER, email="other@x.example")
    assert join_requests.approve(request=row, by=acting(make_lead(unit))) == person
    assert person.affiliations.get().unit == unit and not second.affiliations.exists()
    assert {n.address for n in Notice.objects.filter(kind="invitation")} == {"own@x.example"}


def test_a_person_who_serves_there_gets_no_second_place() -> None:
    unit = make_unit()
    person = known_person(unit)
    join_requests.approve(request=make_join_request(unit, NUMBER), by=acting(make_lead(unit)))
    assert person.affiliations.count() == 1


def test_a_number_that_is_stored_with_another_name_is_not_entered() -> None:
    unit = make_unit()
    known_person()
    row = make_join_request(unit, NUMBER, name="別人")
    with pytest.raises(OtherName) as refused:
        join_requests.approve(request=row, by=acting(make_lead(unit)))
    assert "林新進" not in refused.value.message and not unit.affiliations.filter(user__name="林新進")


def test_the_mailbox_of_another_person_is_refused_to_the_decider() -> None:
    unit = make_unit()
    make_user(email="taken@x.example")
    row = make_join_request(unit, email="Taken@x.example")
    with pytest.raises(MailboxTaken):
        join_requests.approve(request=row, by=acting(make_lead(unit)))
    assert JoinRequest.objects.get().state == "pending"


def test_the_same_request_waits_once_and_the_lead_is_notified_once_a_day() -> None:
    unit = make_unit()
    make_lead(unit)
    for name in ("林新進", "林 新進"):
        join_requests.apply(**asking(unit, name=name))
    join_requests.apply(**asking(unit, number="B123456780"))
    assert JoinRequest.objects.count() == 2 and Notice.objects.filter(kind="join_requested").count() == 1


def test_a_wrong_number_is_refused_at_its_field(client: Client) -> None:
    unit = make_unit()
    page = client.post(reverse("signin:join"), typed(unit, national_id="A123456788")).content.decode()
    assert "A123456788" not in page and "A12345****" in page and not JoinRequest.objects.exists()
    with pytest.raises(BadNationalId):
        join_requests.apply(**asking(unit, number="A123456788"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("999999", "查無此代碼或名稱的單位"), ("南州", "符合的單位有"), ("縣立", "符合的單位過多")],
)
def test_a_unit_is_found_by_its_name_or_the_sentence_helps(client: Client, text: str, sentence: str) -> None:
    make_unit(name="縣立南州國中"), make_unit(name="縣立南州國小")
    for number in range(8):
        make_unit(name=f"縣立其他國小{number}")
    page = client.post(reverse("signin:join"), typed(make_unit(name="省立"), unit=text)).content.decode()
    assert sentence in page and not JoinRequest.objects.exists()


def test_the_whole_name_finds_the_unit(client: Client) -> None:
    unit = make_unit(name="縣立南州國中")
    make_unit(name="縣立南州國中分校")
    for name in ("縣立南州國中", "分校"):
        client.post(reverse("signin:join"), typed(unit, unit=name))
    assert {row.unit.name for row in JoinRequest.objects.all()} == {"縣立南州國中", "縣立南州國中分校"}


def test_one_address_requests_so_often_in_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join_requests, "FROM_ONE_ADDRESS", 2)
    unit = make_unit()
    for _ in range(2):
        join_requests.apply(**asking(unit))
    with pytest.raises(TooManyRequests):
        join_requests.apply(**asking(unit))
    join_requests.apply(**asking(unit, address="203.0.113.8"))


def test_only_the_keepers_of_the_staff_list_decide() -> None:
    unit = make_unit()
    lead = make_lead(unit)
    for by in (
        Actor(make_user(unit=unit)),
        acting(make_account(unit)),
        acting(make_lead()),
        acting(make_officer(unit.county)),
    ):
        row = make_join_request(unit, next(NUMBERS))
        with pytest.raises(MayNotEnter):
            join_requests.approve(request=row, by=by)
        with pytest.raises(MayNotEnter):
            join_requests.refuse(request=row, by=by, reason="不認識")
    join_requests.approve(request=make_join_request(unit, next(NUMBERS)), by=acting(make_operator()))
    # The county decides where there is no lead.
    lead.valid_until = clock.today() - timedelta(days=1)
    lead.save(update_fields=["valid_until"])
    row = make_join_request(unit, next(NUMBERS))
    join_requests.approve(request=row, by=acting(make_officer(unit.county)))


NUMBERS = iter([n for s in range(100, 999) if identity.is_checked(n := f"A1{s:03d}00000")])


def test_a_refusal_has_a_reason_and_is_mailed_to_the_typed_mailbox() -> None:
    unit = make_unit()
    row, by = make_join_request(unit), acting(make_lead(unit))
    with pytest.raises(ReasonNeeded):
        join_requests.refuse(request=row, by=by, reason=" ")
    join_requests.refuse(request=row, by=by, reason="本校無此人")
    notice = Notice.objects.get(kind="join_refused")
    assert notice.address == row.email and "本校無此人" in notice.body and notice.recipient is None
    row.refresh_from_db()
    assert row.id_sealed == ""
    with pytest.raises(AlreadyDecided):
        join_requests.approve(request=row, by=by)


def test_the_page_of_requests_masks_the_number(client: Client) -> None:
    unit = make_unit()
    make_join_request(unit)
    client.force_login(make_lead(unit).user)
    page = client.get(reverse("signin:join_requests")).content.decode()
    assert "林新進" in page and NUMBER not in page and "A12345****" in page
    row = JoinRequest.objects.get()
    client.post(reverse("signin:decide_join", args=[row.pk]), {"decision": "approve"})
    row.refresh_from_db()
    assert row.state == "approved"


def test_what_nobody_decides_is_forgotten() -> None:
    make_join_request(make_unit())
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(days=59), tick=True):
        assert join_requests.forget_old() == 0
    with time_machine.travel(clock.now().astimezone(clock.TAIPEI) + timedelta(days=61), tick=True):
        assert join_requests.forget_old() == 1


def test_a_blank_in_a_name_does_not_make_it_another() -> None:
    unit = make_unit()
    person = known_person()
    row = make_join_request(unit, NUMBER, name="林　新進")
    assert join_requests.approve(request=row, by=acting(make_lead(unit))) == person


def test_a_refused_look_stays_in_the_record_of_the_person_found() -> None:
    unit, other = make_unit(), make_user(email="taken@x.example")
    person = known_person()
    lead = acting(make_lead(unit))
    with pytest.raises(OtherName):
        join_requests.approve(request=make_join_request(unit, NUMBER, name="別人"), by=lead)
    with pytest.raises(MailboxTaken):
        join_requests.approve(request=make_join_request(unit, "B123456780", email="taken@x.example"), by=lead)
    found = AuditEvent.objects.filter(action="read.id_lookup").values_list("subjects__person_id", flat=True)
    assert set(found) == {person.pk, other.pk}


def test_a_request_that_was_deleted_for_its_age_is_refused_by_a_sentence() -> None:
    unit = make_unit()
    row = make_join_request(unit)
    JoinRequest.objects.all().delete()
    with pytest.raises(RequestForgotten):
        join_requests.refuse(request=row, by=acting(make_lead(unit)), reason="x")


def test_the_school_of_before_is_proposed_the_end() -> None:
    lead, former = make_lead(), make_unit()
    person = known_person(former)
    join_requests.approve(request=make_join_request(lead.unit), by=acting(lead))
    [proposal] = PlaceProposal.objects.all()
    assert (proposal.unit, proposal.person, proposal.day) == (
        former,
        person,
        clock.today() - timedelta(days=1),
    )


def test_an_address_that_receives_nothing_is_no_e_mail_of_a_person(client: Client) -> None:
    page = client.post(reverse("signin:join"), typed(make_unit(), email="new@anonymised.INVALID"))
    assert page.status_code == 200 and "email" in page.context["form"].errors
    form = IdentityForm({"new_name": "林新進", "new_email": "new@guest.invalid", "reason": "改名"})
    assert "new_email" in form.errors
    lead = make_lead()
    with pytest.raises(UnknownNeedsFacts):
        staff.add(
            unit=lead.unit,
            who=NUMBER,
            facts=PlaceFacts("教師"),
            by=acting(lead),
            name="林新進",
            email="a@b.invalid",
        )
