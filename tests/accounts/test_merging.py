"""The operator merges two records of one natural person, and undoes it."""

from datetime import date, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import closing_people, merging
from accounts.actions.places import PlaceFacts, correct_place
from accounts.enums import CloseReason
from accounts.errors import OnlyOperatorMay, ReasonNeeded
from accounts.errors.records import (
    MergeAccountsHeld,
    MergeChain,
    MergeClosed,
    MergedPerson,
    MergeIntoGuest,
    MergeNotOneself,
    MergeRequestsWait,
    MergeWithOneself,
    NotMerged,
)
from accounts.models import Affiliation, Unit, User
from audit.models import AuditEvent
from hours.models import HourCredit
from kit import clock
from notices import mail_preferences, outbox
from notices.enums import Category
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_offer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def by() -> Actor:
    return acting(make_operator())


def merge(person: User, second: User, by: Actor) -> User:
    return merging.merge(person=person, second=second, by=by, reason="同一人")


def test_merging_closes_the_second_record_and_moves_nothing(by: Actor) -> None:
    person, second = make_user(unit=make_unit()), make_user(unit=make_unit())
    course = make_course(ago=5)
    row = make_enrolment(course, second)
    close(course)
    UserSession.objects.create(user=second, ip="10.0.0.9", user_agent="x", session_key="a")
    merge(person, second, by)
    second.refresh_from_db()
    row.refresh_from_db()
    assert second.merged_into == person and second.closed_because == CloseReason.MERGED
    assert not second.is_active and not UserSession.objects.filter(user=second)
    assert row.user == second and HourCredit.objects.get().user == second
    told = Notice.objects.filter(kind="person_merged")
    assert {notice.recipient for notice in told} == {person, second}
    event = AuditEvent.objects.get(action="person.merged")
    assert event.reason == "同一人" and event.subjects.count() == 2


def test_places_of_the_second_begin_with_the_first_unless_it_serves_there(by: Actor) -> None:
    shared, other = make_unit(), make_unit()
    person, second = make_user(unit=shared), make_user(unit=shared)
    later = clock.today() + 30 * DAY
    Affiliation.objects.create(user=second, unit=other, title="主任", rank=20, since=later)
    merge(person, second, by)
    assert not Affiliation.objects.filter(user=second).serving().exists()
    assert Affiliation.objects.filter(user=person, unit=shared).count() == 1
    place = Affiliation.objects.get(user=person, unit=other)
    assert (place.title, place.rank, place.since) == ("主任", 20, later)


def test_undoing_clears_the_pointer_and_lets_the_second_log_in(by: Actor) -> None:
    person, second = make_user(), make_user()
    merge(person, second, by)
    with pytest.raises(MergedPerson):
        closing_people.reopen(person=second, by=by, reason="誤停用")
    merging.undo(person=second, by=by, reason="兩人同名")
    second.refresh_from_db()
    assert second.merged_into is None and second.is_active and not second.closed_at
    assert Notice.objects.filter(kind="person_parted").count() == 2
    assert AuditEvent.objects.get(action="person.parted").reason == "兩人同名"
    with pytest.raises(NotMerged):
        merging.undo(person=second, by=by, reason="兩人同名")


def test_only_the_operator_merges_with_a_reason(by: Actor) -> None:
    person, second = make_user(), make_user()
    with pytest.raises(OnlyOperatorMay):
        merge(person, second, acting(make_lead()))
    with pytest.raises(ReasonNeeded):
        merging.merge(person=person, second=second, by=by, reason=" ")
    merge(person, second, by)
    with pytest.raises(OnlyOperatorMay):
        merging.undo(person=second, by=acting(make_lead()), reason="誤併")
    with pytest.raises(ReasonNeeded):
        merging.undo(person=second, by=by, reason=" ")


def test_merging_is_refused(by: Actor) -> None:
    person, second, third = make_user(), make_user(), make_user()
    with pytest.raises(MergeWithOneself):
        merge(person, person, by)
    with pytest.raises(MergeNotOneself):
        merge(person, by.user, by)
    with pytest.raises(MergeNotOneself):
        merge(by.user, second, by)
    offer = make_offer(make_unit(), second)
    with pytest.raises(MergeRequestsWait):
        merge(person, second, by)
    offer.delete()
    merge(person, second, by)
    for first, other in ((second, third), (third, second), (third, person)):
        with pytest.raises(MergeChain):
            merge(first, other, by)
    closed, guest = make_user(), make_user(is_guest=True, is_active=False)
    closing_people.close(person=closed, because=CloseReason.RETIRED, by=by, reason="退休")
    for first, other in ((closed, third), (third, closed)):
        with pytest.raises(MergeClosed):
            merge(first, other, by)
    with pytest.raises(MergeIntoGuest):
        merge(guest, third, by)


def test_business_accounts_of_the_second_end_before(by: Actor) -> None:
    account, person = make_account(), make_user()
    with pytest.raises(MergeAccountsHeld) as refused:
        merge(person, account.user, by)
    assert account.number in refused.value.message


def test_the_page_finds_compares_merges_and_undoes(client: Client, by: Actor) -> None:
    client.force_login(by.user)
    unit = make_unit()
    person, second = make_user("陳曉雯", unit=unit), make_user("陳小雯", unit=unit)
    course = make_course(ago=5)
    make_enrolment(course, person)
    make_enrolment(course, second)
    path = reverse("hours:merge", args=[person.pk])
    assert "陳小雯" in client.post(path, {"q": "陳小雯"}).content.decode()
    page = client.get(path, {"other": second.pk}).content.decode()
    assert "姓名不同" in page and course.title in page and unit.name in page
    facts = {"other": second.pk, "reason": "同一人"}
    page = client.post(path, facts, follow=True).content.decode()
    assert "已合併為同一人" in page and second.email in page
    page = client.get(reverse("accounts:person", args=[second.pk])).content.decode()
    assert "還原合併" in page
    page = client.post(reverse("hours:part", args=[second.pk]), {"reason": ""}, follow=True).content.decode()
    assert "請填寫事由" in page
    client.post(reverse("hours:part", args=[second.pk]), {"reason": "誤併"})
    second.refresh_from_db()
    assert second.merged_into is None


def test_the_preview_names_what_forbids_the_merge(client: Client, by: Actor) -> None:
    client.force_login(by.user)
    person, account = make_user(), make_account()
    path = reverse("hours:merge", args=[person.pk])
    page = client.get(path, {"other": account.user_id}).content.decode()
    assert account.number in page and "合併紀錄</button>" not in page
    page = client.post(path, {"other": account.user_id, "reason": "同一人"}).content.decode()
    assert account.number in page and not User.objects.exclude(merged_into=None).exists()


def test_undoing_gives_back_the_places_that_the_merge_began(by: Actor) -> None:
    unit, other, kept = make_unit(), make_unit(), make_unit()
    person, second = make_user(unit=other), make_user(unit=unit)
    Affiliation.objects.create(user=second, unit=kept, title="教師")
    merge(person, second, by)
    make_account(kept, user=person)
    merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="誤併")
    later = clock.today() + DAY
    serving = Affiliation.objects.serving(later).filter(user__in=[person, second])
    assert set(serving.values_list("user", "unit")) == {
        (person.pk, other.pk),
        (person.pk, kept.pk),  # appointed there since
        (second.pk, unit.pk),
    }
    event = AuditEvent.objects.get(action="person.parted")
    assert event.after["places"] == [unit.name]


def days_at(person: User, unit: Unit) -> list[tuple[date | None, date | None]]:
    rows = Affiliation.objects.filter(user=person, unit=unit).order_by(F("since").asc(nulls_first=True))
    return list(rows.values_list("since", "until"))


def test_a_place_of_the_second_begins_for_the_days_that_the_person_has_none(by: Actor) -> None:
    unit, today = make_unit(), clock.today()
    person, second = make_user(), make_user(unit=unit)
    Affiliation.objects.create(user=person, unit=unit, since=today + 20 * DAY, until=today + 30 * DAY)
    merge(person, second, by)
    assert days_at(person, unit) == [
        (today, today + 19 * DAY),
        (today + 20 * DAY, today + 30 * DAY),
        (today + 31 * DAY, None),
    ]


def test_undoing_one_of_two_merges_keeps_the_place_of_the_other(by: Actor) -> None:
    unit = make_unit()
    person, second, third = make_user(), make_user(unit=unit), make_user(unit=unit)
    merge(person, second, by)
    merge(person, third, by)
    merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="誤併")
    later = Affiliation.objects.serving(clock.today() + DAY).filter(unit=unit)
    assert set(later.values_list("user", flat=True)) == {person.pk, second.pk}
    merging.undo(person=User.objects.get(pk=third.pk), by=by, reason="誤併")
    assert set(later.all().values_list("user", flat=True)) == {second.pk, third.pk}


def test_undoing_lets_a_place_go_on_until_the_next_one_of_the_second(by: Actor) -> None:
    unit, today = make_unit(), clock.today()
    lead = acting(make_lead(unit))
    person, second = make_user(), make_user()
    for since, until in ((None, today + 30 * DAY), (today + 31 * DAY, None)):
        Affiliation.objects.create(user=second, unit=unit, since=since, until=until)
    merge(person, second, by)
    first, then = Affiliation.objects.filter(user=person).order_by("since")
    correct_place(place=then, facts=PlaceFacts("教師", since=today + 61 * DAY), by=lead)
    correct_place(place=first, facts=PlaceFacts("教師", since=today, until=today + 60 * DAY), by=lead)
    merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="誤併")
    assert days_at(second, unit) == [(None, today + 30 * DAY), (today + 31 * DAY, None)]


def test_undoing_brings_no_place_back_that_would_end_before_it_begins(by: Actor) -> None:
    unit, today = make_unit(), clock.today()
    person, second = make_user(), make_user()
    Affiliation.objects.create(user=second, unit=unit, since=today + 30 * DAY)
    merge(person, second, by)
    facts = PlaceFacts("教師", since=today, until=today + 10 * DAY)
    correct_place(place=Affiliation.objects.get(user=person), facts=facts, by=acting(make_lead(unit)))
    merging.undo(person=User.objects.get(pk=second.pk), by=by, reason="誤併")
    assert days_at(second, unit) == [(today + 30 * DAY, today + 30 * DAY)]
    assert AuditEvent.objects.get(action="person.parted").after["places"] == []


def notify(person: User, number: int) -> None:
    outbox.write([outbox.NewNotice(kind="place_offered", to=person, about=f"place:{number}", event=number)])


def test_notices_of_the_second_record_reach_the_person(client: Client, by: Actor) -> None:
    person, second, stranger = make_user(), make_user(), make_user()
    notify(second, 1)
    merge(person, second, by)
    notify(second, 2)
    client.force_login(person)
    page = client.get(reverse("notices:inbox"))
    assert [row.object_ref for row in page.context["page"] if row.kind == "place_offered"] == [
        "place:2",
        "place:1",
    ]
    first = Notice.objects.get(object_ref="place:1")
    client.post(reverse("notices:open", args=[first.pk]))
    assert Notice.objects.get(pk=first.pk).read_at
    client.force_login(stranger)
    assert client.post(reverse("notices:open", args=[first.pk])).status_code == 404
    outbox.drain_all()
    sent = {(message.subject, tuple(message.to)) for message in mail.outbox}
    addresses = [to for _subject, to in sent]
    # The notice of the merge goes to both mailboxes; what is owed to the second record goes to the person's.
    assert (second.email,) in addresses
    mailed = Notice.objects.filter(kind="place_offered", mailed_at__isnull=False)
    assert mailed.count() == 2
    assert [m.to for m in mail.outbox if "邀請" in m.subject or "任職" in m.subject].count(
        [person.email]
    ) == 2


def test_mail_of_a_merged_guest_goes_to_the_person(by: Actor) -> None:
    person, guest = make_user(), make_user(email="g@guest.invalid", is_guest=True, is_active=False)
    merge(person, guest, by)
    notify(guest, 3)
    outbox.drain_all()
    assert Notice.objects.get(object_ref="place:3").mailed_at
    assert [person.email] in [message.to for message in mail.outbox]


def test_who_switched_a_category_off_gets_none_for_the_second_record(by: Actor) -> None:
    person, second = make_user(), make_user()
    merge(person, second, by)
    mail_preferences.set_mail(person_id=person.pk, category=Category.UPCOMING, by_mail=False)
    facts = {"to": second, "about": "course:1", "event": 5, "category": Category.UPCOMING}
    outbox.write([outbox.NewNotice(kind="place_offered", **facts)])
    outbox.drain_all()
    assert not Notice.objects.get(object_ref="course:1").mailed_at
