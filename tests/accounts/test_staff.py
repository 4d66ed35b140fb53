"""現職人員: the staff list, who keeps it, and how people come on it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions import appointments, closing_people, places, staff
from accounts.actions.places import PlaceFacts
from accounts.enums import OfferState, Role
from accounts.errors import (
    AlreadyOffered,
    MailboxOfAnother,
    MayNotAppoint,
    MayNotKeepPlaces,
    OfferAnswered,
    ServesHere,
    SubstituteNeedsLastDay,
    TooManyStaffLookUps,
    UnitClosed,
    UnknownNeedsFacts,
    UnreadablePerson,
)
from accounts.models import Affiliation, BusinessAccount, FirstLoginLink, PlaceOffer, Unit, User
from accounts.presenters.staff import offered_name
from accounts.queries.staff import BY_NAME, LEFT, NEVER, NO_SECOND_STEP, NOW, TO_COME, StaffFilter, staff_of
from audit.models import AuditEvent
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    make_account,
    make_course,
    make_lead,
    make_offer,
    make_officer,
    make_operator,
    make_roster_keeper,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TEACHER = PlaceFacts(title="教師", since=date(2026, 8, 1))


def serving(unit: Unit, name: str, **fields: Any) -> Affiliation:
    return Affiliation.objects.create(user=make_user(name), unit=unit, **{"title": "教師", **fields})


def names(unit: Unit, **wanted: Any) -> list[str]:
    return [row.user.name for row in staff_of(unit, StaffFilter(**wanted))]


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_is_in_the_units_order_then_by_title_then_by_strokes() -> None:
    unit = make_unit()
    serving(unit, "龔一"), serving(unit, "丁一"), serving(unit, "王長", title="校長", rank=10)
    serving(unit, "黃先", order=1)
    assert names(unit) == ["黃先", "王長", "丁一", "龔一"]
    assert names(unit, order=BY_NAME) == ["丁一", "王長", "黃先", "龔一"]


def test_the_list_shows_who_serves_today_and_on_request_who_comes_and_who_left() -> None:
    unit, today = make_unit(), clock.today()
    serving(unit, "現職"), serving(unit, "將到", since=today + DAY), serving(unit, "已離", until=today - DAY)
    serving(unit, "最後一天", until=today), serving(make_unit(), "他校")
    assert set(names(unit)) == {"現職", "最後一天"}
    assert names(unit, when=TO_COME) == ["將到"] and names(unit, when=LEFT) == ["已離"]


def test_a_search_finds_name_title_post_and_e_mail() -> None:
    unit = make_unit()
    person = serving(unit, "林美", title="主任", post="教務主任").user
    serving(unit, "王大")
    for words in ("林美", "主任", "教務", person.email, "林 教務"):
        assert names(unit, words=words) == ["林美"], words


def test_who_never_logged_in_and_which_account_lacks_the_second_step_are_found() -> None:
    unit = make_unit()
    holder, safe = make_account(unit).user, make_account(unit).user
    Authenticator.objects.create(user=safe, type="totp", data={})
    serving(unit, "老師")
    User.objects.filter(pk=safe.pk).update(last_login=clock.now())
    assert names(unit, lacks=NO_SECOND_STEP) == [holder.name]
    assert set(names(unit, lacks=NEVER)) == {holder.name, "老師"}


def test_the_page_says_what_the_list_holds(client: Client) -> None:
    unit = make_unit()
    client.force_login(make_roster_keeper(unit).user)
    row = serving(unit, "林代", title="代理教師", is_substitute=True, until=clock.today() + DAY)
    Affiliation.objects.create(user=row.user, unit=make_unit(), is_concurrent=True)
    page = client.get(reverse("accounts:staff")).content.decode()
    for text in (
        "林代",
        "代理教師",
        "另於 1 個單位任職",
        "從未登入",
        clock.to_roc(clock.today() + DAY),
        "名冊管理",
    ):
        assert text in page, text


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "ods"])
def test_the_list_is_downloaded_as_it_is_narrowed(client: Client, fmt: str) -> None:
    unit = make_unit()
    serving(unit, "林美"), serving(unit, "王大")
    client.force_login(make_lead(unit).user)
    answer = client.get(reverse("accounts:staff"), {"download": fmt, "q": "林美"})
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200 and f".{fmt}" in answer["Content-Disposition"]
    if fmt == "csv":
        text = body.decode("utf-8-sig")
        assert "林美" in text and "王大" not in text and text.startswith("姓名")


def test_the_file_of_an_english_reader_has_chinese_words_under_its_chinese_headings(client: Client) -> None:
    lead = make_lead(make_unit())
    type(lead.user).objects.filter(pk=lead.user_id).update(language="en")
    client.force_login(lead.user)
    answer = client.get(reverse("accounts:staff"), {"download": "csv"})
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")
    assert "單位管理者" in text and "unit lead" not in text


def test_the_list_costs_at_most_twelve_queries_for_any_number_of_people(client: Client) -> None:
    unit = make_unit()
    client.force_login(make_lead(unit).user)
    counts = []
    for number in (1, 50):
        for n in range(number):
            make_account(unit, serving(unit, f"林{n}").user)
        client.get(reverse("accounts:staff"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("accounts:staff")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_looking_at_the_list_is_recorded_for_the_people_on_it(client: Client) -> None:
    unit = make_unit()
    row = serving(unit, "林美")
    client.force_login(make_roster_keeper(unit).user)
    client.get(reverse("accounts:staff"))
    assert AuditEvent.objects.filter(action="read.staff", subjects__person_id=row.user_id).count() == 1


# --- The role ---------------------------------------------------------------------------------------------------------


def test_a_roster_keeper_begins_on_the_staff_list_and_has_no_rights_to_courses(client: Client) -> None:
    keeper = make_roster_keeper()
    course = make_course(make_account(keeper.unit))
    client.force_login(keeper.user)
    assert client.get("/", follow=True).request["PATH_INFO"] == reverse("accounts:staff")
    for path in ("/unit/", reverse("courses:register"), reverse("courses:edit", args=[course.code])):
        assert client.get(path).status_code == 403, path
    assert client.get(reverse("accounts:unit")).status_code == 403


def test_a_lead_appoints_a_roster_keeper_and_a_keeper_appoints_nobody() -> None:
    lead = make_lead()
    unit, person = lead.unit, make_user(unit=lead.unit)
    account = appointments.appoint(user=person, unit=unit, role=Role.ROSTER, by=acting(lead))
    with pytest.raises(MayNotAppoint):
        appointments.appoint(user=make_user(unit=unit), unit=unit, role=Role.HANDLER, by=acting(account))
    appointments.end(account=account, by=acting(lead), reason="調整")


KEEPERS: list[Any] = [
    make_lead,
    make_roster_keeper,
    lambda unit: make_officer(unit.county),
    lambda unit: make_operator(),
]


@pytest.mark.parametrize("keeper", KEEPERS)
def test_who_keeps_the_list_adds_corrects_and_ends(keeper: Any) -> None:
    unit = make_unit()
    by = acting(keeper(unit))
    assert isinstance(
        staff.add(unit=unit, who="new@x.example", name="林新", facts=TEACHER, by=by), Affiliation
    )
    row = serving(unit, "林美")
    places.correct_place(place=row, facts=PlaceFacts(title="組長"), by=by)
    places.end_place(place=row, by=by, last_day=clock.today())


@pytest.mark.parametrize(
    "other",
    [
        make_account,
        lambda unit: make_lead(),
        lambda unit: make_roster_keeper(),
        lambda unit: make_officer(make_lead(unit).unit.county),
        lambda unit: make_roster_keeper(unit, suspended_at=clock.now()),
    ],
)
def test_nobody_else_does(other: Any) -> None:
    unit = make_unit()
    row, offer, by = serving(unit, "林美"), make_offer(unit), acting(other(unit))
    for act in (
        lambda: staff.add(unit=unit, who="new@x.example", name="林新", facts=TEACHER, by=by),
        lambda: places.correct_place(place=row, facts=PlaceFacts(title="組長"), by=by),
        lambda: places.end_place(place=row, by=by),
        lambda: staff.take_back(offer=offer, by=by),
    ):
        with pytest.raises(MayNotKeepPlaces):
            act()
    assert not AuditEvent.objects.filter(action=staff.LOOK_UP).exists()


# --- Adding -----------------------------------------------------------------------------------------------------------


def known(name: str = "王小明") -> User:
    person = make_user(name)
    person.set_national_id("A123456789")
    person.save(update_fields=User.NUMBER_FIELDS)
    return person


@pytest.mark.parametrize("way", ["email", "number", "account"])
def test_a_known_person_is_asked_and_the_name_stays_masked(client: Client, way: str) -> None:
    unit, person = make_unit(), known()
    who = {
        "email": person.email.upper(),
        "number": "a123456789",
        "account": make_account(user=person).number,
    }[way]
    client.force_login(make_roster_keeper(unit).user)
    facts = {"who": who, "title": "教師", "since": "2026-08-01"}
    page = client.post(reverse("accounts:staff_add", args=[unit.pk]), facts, follow=True).content.decode()
    assert "王○明" in page and "王小明" not in page
    assert not unit.affiliations.filter(user=person)
    assert Notice.objects.get(kind="place_offered").recipient == person
    client.force_login(person)
    page = client.get(reverse("accounts:mine")).content.decode()
    assert unit.name in page
    client.post(reverse("accounts:answer_offer", args=[PlaceOffer.objects.get().pk]), {"answer": "accept"})
    assert unit.affiliations.get(user=person).since == date(2026, 8, 1)
    assert "王小明" in Notice.objects.get(kind="place_answered").body


@pytest.mark.parametrize(
    ("name", "masked"), [("王小明", "王○明"), ("王明", "王○"), ("歐陽小明", "歐○○明"), ("Wang Ming", "W○")]
)
def test_the_mask_of_a_name(name: str, masked: str) -> None:
    assert offered_name(make_offer(make_unit(), make_user(name))) == masked


def test_who_declines_is_not_entered_and_stays_unnamed() -> None:
    offer = make_offer(make_unit(), known())
    staff.decline(offer=offer, by=Actor(offer.user))
    assert not offer.user.affiliations.exists()
    notice = Notice.objects.get(kind="place_answered")
    assert "王" not in notice.body + notice.subject
    for act in (staff.accept, staff.decline):
        with pytest.raises(OfferAnswered):
            act(offer=offer, by=Actor(offer.user))
    with pytest.raises(OfferAnswered):
        staff.take_back(offer=offer, by=acting(make_lead(offer.unit)))


def test_nobody_answers_for_another(client: Client) -> None:
    offer, stranger = make_offer(make_unit()), make_user()
    for act in (staff.accept, staff.decline):
        with pytest.raises(MayNotKeepPlaces):
            act(offer=offer, by=Actor(stranger))
    client.force_login(stranger)
    path = reverse("accounts:answer_offer", args=[offer.pk])
    assert client.post(path, {"answer": "accept"}).status_code == 404


def test_the_unit_takes_an_offer_back_and_may_offer_again() -> None:
    unit, person = make_unit(), known()
    by = acting(make_lead(unit))
    offer = staff.add(unit=unit, who=person.email, facts=TEACHER, by=by)
    assert isinstance(offer, PlaceOffer)
    with pytest.raises(AlreadyOffered):
        staff.add(unit=unit, who=person.email, facts=TEACHER, by=by)
    staff.take_back(offer=offer, by=by)
    staff.add(unit=unit, who=person.email, facts=TEACHER, by=by)


def test_an_unknown_person_is_entered_and_invited() -> None:
    unit = make_unit()
    place = staff.add(
        unit=unit,
        who="A123456789",
        name="林新",
        email="New@x.example",
        facts=TEACHER,
        by=acting(make_lead(unit)),
    )
    person = place.user
    assert (person.name, person.email, person.national_id) == ("林新", "new@x.example", "A123456789")
    assert FirstLoginLink.objects.get().user == person and not person.has_usable_password()
    assert Notice.objects.get().kind == "invitation"


def test_an_unknown_person_needs_name_and_mailbox_and_the_look_up_counts_all_the_same(client: Client) -> None:
    unit = make_unit()
    client.force_login(make_lead(unit).user)
    path = reverse("accounts:staff_add", args=[unit.pk])
    page = client.post(path, {"who": "A123456789", "title": "教師"}).content.decode()
    assert "查無此人" in page and "尚可查詢 29 次" in page
    with pytest.raises(UnknownNeedsFacts):
        staff.add(unit=unit, who="A123456789", name="林新", facts=TEACHER, by=acting(make_lead(unit)))


def test_the_mailbox_of_somebody_else_is_refused() -> None:
    unit, other = make_unit(), make_user(email="taken@x.example")
    with pytest.raises(MailboxOfAnother):
        staff.add(
            unit=unit,
            who="A123456789",
            name="林",
            email="taken@x.example",
            facts=TEACHER,
            by=acting(make_lead(unit)),
        )
    assert AuditEvent.objects.filter(action=staff.LOOK_UP, subjects__person_id=other.pk).exists()


def test_a_person_who_serves_there_is_not_added_twice() -> None:
    unit = make_unit()
    row = serving(unit, "林美")
    with pytest.raises(ServesHere):
        staff.add(unit=unit, who=row.user.email, facts=TEACHER, by=acting(make_lead(unit)))


def test_a_substitute_needs_a_last_day(client: Client) -> None:
    unit = make_unit()
    by = make_lead(unit)
    with pytest.raises(SubstituteNeedsLastDay):
        staff.add(unit=unit, who=known().email, facts=PlaceFacts(is_substitute=True), by=acting(by))
    client.force_login(by.user)
    page = client.post(
        reverse("accounts:staff_add", args=[unit.pk]),
        {"who": "x@x.example", "title": "代理教師", "is_substitute": "on"},
    ).content.decode()
    assert 'aria-invalid="true"' in page and "請填寫任職迄日" in page
    assert not PlaceOffer.objects.exists()


def test_thirty_look_ups_a_day_and_each_is_in_the_record_of_the_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(staff, "MOST_A_DAY", 2)
    unit, person = make_unit(), known()
    by = acting(make_lead(unit))
    staff.add(unit=unit, who=person.email, facts=TEACHER, by=by)
    with pytest.raises(UnknownNeedsFacts):
        staff.add(unit=unit, who="nobody@x.example", facts=TEACHER, by=by)
    with pytest.raises(TooManyStaffLookUps):
        staff.add(unit=unit, who=make_user().email, facts=TEACHER, by=by)
    assert AuditEvent.objects.filter(action=staff.LOOK_UP).count() == 2
    assert AuditEvent.objects.filter(action=staff.LOOK_UP, subjects__person_id=person.pk).count() == 1
    assert "A123456789" not in str(list(AuditEvent.objects.values()))


# --- Ending -----------------------------------------------------------------------------------------------------------


def test_ending_the_last_lead_asks_and_says_what_follows(client: Client) -> None:
    lead = make_lead()
    make_account(lead.unit)
    place = lead.user.affiliations.get()
    client.force_login(make_roster_keeper(lead.unit).user)
    path = reverse("accounts:end_place", args=[place.pk])
    facts = {"last_day": clock.today().isoformat(), "reason": "退休"}
    page = client.post(path, facts).content.decode()
    assert "最後一位單位管理者" in page and 'name="confirmed"' in page
    place.refresh_from_db()
    assert place.until is None
    client.post(path, facts | {"confirmed": "on"})
    place.refresh_from_db()
    assert place.until == clock.today()
    assert BusinessAccount.objects.get(pk=lead.pk).valid_until == clock.today()


def test_a_correction_that_ends_the_last_lead_asks_as_well(client: Client) -> None:
    lead = make_lead()
    place = lead.user.affiliations.get()
    client.force_login(make_roster_keeper(lead.unit).user)
    facts = {"title": "主任", "until": clock.today().isoformat(), "seen": places.mark(place)}
    page = client.post(reverse("accounts:place", args=[place.pk]), facts).content.decode()
    assert 'name="confirmed"' in page
    client.post(reverse("accounts:place", args=[place.pk]), facts | {"confirmed": "on"})
    place.refresh_from_db()
    assert (place.title, place.until) == ("主任", clock.today())


def test_the_page_of_a_place_says_what_the_person_still_has_open(client: Client) -> None:
    holder = make_account()
    make_course(holder, ago=3)
    client.force_login(make_lead(holder.unit).user)
    page = client.get(reverse("accounts:place", args=[holder.user.affiliations.get().pk])).content.decode()
    assert holder.number in page and "1 門課程尚未結案" in page


def test_a_county_officer_sees_the_list_of_a_school_with_a_lead_and_changes_nothing(client: Client) -> None:
    lead = make_lead()
    client.force_login(make_officer(lead.unit.county).user)
    page = client.get(reverse("accounts:staff_of", args=[lead.unit_id])).content.decode()
    assert lead.user.name in page and reverse("accounts:staff_add", args=[lead.unit_id]) not in page
    BusinessAccount.objects.filter(pk=lead.pk).update(suspended_at=clock.now())
    page = client.get(reverse("accounts:staff_of", args=[lead.unit_id])).content.decode()
    assert "目前沒有單位管理者" in page and reverse("accounts:staff_add", args=[lead.unit_id]) in page


def test_the_invitation_is_sent_again_from_the_list(client: Client) -> None:
    unit = make_unit()
    row = serving(unit, "林新")
    client.force_login(make_roster_keeper(unit).user)
    client.post(reverse("signin:invite_again", args=[row.pk]))
    assert Notice.objects.get(kind="invitation").recipient == row.user


def test_nobody_is_added_to_a_unit_that_has_closed(client: Client) -> None:
    operator, known = make_operator(), make_user()
    shut = make_unit(until=clock.today() - 10 * DAY)
    for who in (known.email, "new@x.example"):
        with pytest.raises(UnitClosed):
            staff.add(
                unit=shut, who=who, facts=TEACHER, by=acting(operator), name="新人", email="new@x.example"
            )
    # What was forgotten may be entered for the days before.
    until = PlaceFacts(title="教師", since=date(2025, 8, 1), until=shut.until)
    assert places.add_place(person=known, unit=shut, facts=until, by=acting(operator)).pk
    with pytest.raises(UnitClosed):
        places.add_place(person=make_user(), unit=shut, facts=PlaceFacts(), by=acting(operator))


# --- What a page or a person has not seen -----------------------------------------------------------------------------


def test_a_page_from_before_does_not_overwrite_what_another_wrote(client: Client) -> None:
    lead = make_lead()
    row = serving(lead.unit, "陳一")
    client.force_login(lead.user)
    path = reverse("accounts:place", args=[row.pk])
    seen = re.search(r'name="seen" value="(\w+)"', client.get(path).content.decode())
    assert seen
    places.end_place(place=row, by=acting(lead), last_day=clock.today() - DAY)
    sent = {"title": "組長", "seen": seen[1]}
    page = client.post(path, sent).content.decode()
    row.refresh_from_db()
    assert "請重新查看" in page and (row.title, row.until) == ("教師", clock.today() - DAY)
    client.post(path, sent | {"seen": places.mark(row), "until": row.until.isoformat()})
    row.refresh_from_db()
    assert row.title == "組長"


@pytest.mark.parametrize(
    "who", ["A12345678", "A123456788", "A12345678O", "900001-001", "王小明", "not an @ mail"]
)
def test_a_slip_in_a_number_makes_no_person_without_it(who: str) -> None:
    unit = make_unit()
    with pytest.raises(UnreadablePerson) as refused:
        staff.add(
            unit=unit, who=who, name="林二", email="b@x.example", facts=TEACHER, by=acting(make_lead(unit))
        )
    assert "A1234567" not in refused.value.message and not User.objects.filter(name="林二")


def test_the_answer_goes_to_somebody_in_office() -> None:
    offered = make_lead()
    other = make_roster_keeper(offered.unit)
    offer = make_offer(offered.unit, offered_by=offered)
    appointments.end(account=offered, by=acting(make_operator()), reason="離職", confirmed=True)
    staff.accept(offer=offer, by=Actor(offer.user))
    assert Notice.objects.get(kind="place_answered").recipient == other.user


def test_an_answer_that_is_neither_declines_nothing(client: Client) -> None:
    offer = make_offer(make_unit())
    client.force_login(offer.user)
    client.post(reverse("accounts:answer_offer", args=[offer.pk]), {"answer": "later"})
    offer.refresh_from_db()
    assert offer.state == OfferState.PENDING


def test_an_e_mail_in_full_width_is_the_same() -> None:
    lead, person = make_lead(), make_user(email="abc@x.example")
    staff.add(unit=lead.unit, who="ａｂｃ＠x.example", facts=TEACHER, by=acting(lead))
    assert PlaceOffer.objects.get().user == person


def test_a_person_who_was_closed_before_the_first_day_has_left() -> None:
    unit, tomorrow = make_unit(), clock.today() + timedelta(days=1)
    person, stays = make_user(), make_user(unit=unit)
    place = Affiliation.objects.create(user=person, unit=unit, since=tomorrow)
    closing_people.close(person=person, because="retired", by=acting(make_operator()), reason="退休")
    for day in (clock.today(), tomorrow):
        shown = {when: list(staff_of(unit, StaffFilter(when=when), day)) for when in (NOW, TO_COME)}
        assert [row.user for row in shown[NOW]] == [stays] and not shown[TO_COME]
    assert list(staff_of(unit, StaffFilter(when=LEFT), tomorrow)) == [place]


def test_who_is_to_come_is_invited_and_who_has_left_is_not(client: Client) -> None:
    lead = make_lead()
    for since, until in ((9, None), (None, -9)):
        days = {"since": since and clock.today() + timedelta(days=since)}
        days["until"] = until and clock.today() + timedelta(days=until)
        Affiliation.objects.create(user=make_user(last_login=None), unit=lead.unit, **days)
    comes = Affiliation.objects.get(unit=lead.unit, since__gt=clock.today())
    client.force_login(lead.user)
    path = reverse("accounts:staff_of", args=[lead.unit_id])
    button = reverse("signin:invite_again", args=[comes.pk])
    assert button in client.get(path, {"when": "to_come"}).content.decode()
    assert "/invite/" not in client.get(path, {"when": "left"}).content.decode()
    client.post(button)
    assert Notice.objects.filter(kind="invitation", recipient=comes.user).exists()
