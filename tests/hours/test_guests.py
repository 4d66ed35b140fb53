"""People from outside, without an account: entered for a course, with hours, and a person with a log-in later."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse

from accounts.actions import closing_people, guests, merging
from accounts.actions.guests import GuestFacts
from accounts.errors import OnlyOperatorMay, PersonIsClosed, ReasonNeeded
from accounts.errors.records import (
    GuestHasNoMailbox,
    GuestMailOfPerson,
    GuestMailTaken,
    GuestMailWrong,
    GuestNameTooLong,
    GuestNeedsName,
    GuestNeedsUnit,
    GuestWithNumber,
    MayNotEnterGuests,
    NotAGuest,
)
from accounts.models import Guest, User
from accounts.queries.names import KnownBy, distinguish, distinguish_people
from accounts.queries.people import people_named
from audit.models import AuditEvent
from courses.actions import participants
from courses.enums import EnrolmentState
from courses.errors import NotTheHandler
from courses.errors.participants import NobodyChosen
from courses.models import Course, Enrolment
from courses.models.typed import read_typed
from courses.queries.participants import Found, matches
from courses.queries.people import found_by
from courses.queries.sign_in_sheets import expected
from hours.actions import on_the_spot
from hours.errors import NotAtThisTime
from hours.models import Attendance, HourCredit, LookUpDay
from hours.queries.sheet_people import admitted
from kit import clock
from kit.errors import Refusal
from kit.own_data import OWN_DATA
from notices import outbox
from notices.models import Notice
from privacy import breach
from tests.factories import (
    PASSWORD,
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
LIN = GuestFacts("林來賓", "某某基金會", "Lin@guests.example ")


def enter(unit: object = None, facts: GuestFacts = LIN) -> User:
    unit = unit or make_unit()
    return guests.enter(unit=unit, facts=facts, by=acting(make_lead(unit)))


def at_no_unit(course: Course, person: User) -> Enrolment:
    row = make_enrolment(course, person)
    row.unit = None
    row.save(update_fields=["unit"])
    return row


def test_a_guest_is_a_person_without_a_log_in(client: Client) -> None:
    guest = enter()
    assert guest.is_guest and not guest.is_active and not guest.has_usable_password()
    assert guest.guest.email == "lin@guests.example" and guest.email.endswith("@guest.invalid")
    assert AuditEvent.objects.get(action="guest.added").after["organisation"] == "某某基金會"
    client.post(reverse("account_login"), {"login": guest.guest.email, "password": PASSWORD})
    assert client.get("/me/").status_code == 302


def test_guests_come_last_on_the_lists_of_a_course() -> None:
    """A null sorts first on one database and last on the other."""
    course = make_course(ago=1)
    guest, teacher = make_enrolment(course), make_enrolment(course)
    course.enrolments.filter(pk=guest.pk).update(unit=None)
    assert [row.pk for row in admitted(course)] == [teacher.pk, guest.pk]


def test_lists_and_files_of_a_course_name_where_a_guest_comes_from(client: Client) -> None:
    course = make_course(ago=1)
    make_enrolment(course)
    row = make_enrolment(course, enter(course.unit))
    Enrolment.objects.filter(pk=row.pk).update(unit=None)
    client.force_login(course.handler.user)
    applicants = reverse("courses:applicants", args=[course.code])
    pages = [applicants, f"{applicants}?download=csv"]
    pages += [reverse("hours:attendance", args=[course.code])]
    named = [page for page in pages if "某某基金會" in client.get(page).getvalue().decode()]
    assert named == pages
    close(course)
    receipt = reverse("hours:receipt", args=[course.code])
    pages = [receipt, f"{receipt}?download=csv"]
    pages += [reverse(f"hours:{name}", args=[course.code]) for name in ("correct", "certificates")]
    named = [page for page in pages if "某某基金會" in client.get(page).getvalue().decode()]
    assert named == pages


@pytest.mark.parametrize(
    ("name", "organisation", "field"),
    [("王A123456789小明", "社區大學", "guest_name"), ("王小明", "居民Ａ１２３４５６７８９", "guest_unit")],
)
def test_an_identity_number_is_no_part_of_a_guest(name: str, organisation: str, field: str) -> None:
    with pytest.raises(GuestWithNumber) as refused:
        enter(facts=GuestFacts(name, organisation))
    assert refused.value.field == field


def test_a_guest_whose_e_mail_another_act_has_taken_stays_a_guest() -> None:
    guest = enter()

    def take(sender: object, instance: User, **more: object) -> None:
        if instance.pk == guest.pk:
            User.objects.bulk_create([User(name="別人", email="LIN@guests.example")])

    pre_save.connect(take, sender=User)
    try:
        with pytest.raises(GuestMailOfPerson):
            guests.become_person(person=guest, by=acting(make_operator()), reason="有帳號了")
    finally:
        pre_save.disconnect(take, sender=User)
    guest.refresh_from_db()
    assert guest.is_guest and not guest.is_active


def test_a_guest_written_in_another_way_is_the_same_guest() -> None:
    unit = make_unit()
    guest = enter(unit, GuestFacts("陳臺生", "臺南市文化局", "chen@guests.example"))
    assert enter(unit, GuestFacts("陳台生", "台南市", "chen@guests.example")) == guest
    plain = enter(unit, GuestFacts("張　訪", "台南市文化局"))
    assert enter(unit, GuestFacts("張訪", "臺南市文化局")) == plain


def test_a_unit_enters_the_same_guest_once() -> None:
    unit = make_unit()
    guest = enter(unit)
    assert enter(unit, GuestFacts("林來賓", "別的單位", "lin@guests.example")) == guest
    plain = enter(unit, GuestFacts("王無信", "社區大學"))
    assert enter(unit, GuestFacts("王無信", "社區大學")) == plain
    assert enter(unit, GuestFacts("王無信", "某公司")) != plain
    assert enter(facts=LIN) != guest


def test_a_guest_who_was_merged_is_found_as_the_person() -> None:
    unit, person = make_unit(), make_user()
    guest = enter(unit)
    merging.merge(person=person, second=guest, by=acting(make_operator()), reason="同一人")
    assert enter(unit) == person
    guest.refresh_from_db()
    merging.undo(person=guest, by=acting(make_operator()), reason="誤併")
    guest.refresh_from_db()
    assert not guest.is_active and guest.is_guest


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        (GuestFacts(" ", "基金會"), GuestNeedsName),
        (GuestFacts("林來賓", ""), GuestNeedsUnit),
        (GuestFacts("林" * 61, "基金會"), GuestNameTooLong),
        (GuestFacts("林來賓", "會" * 101), GuestNameTooLong),
        (GuestFacts("林來賓", "基金會", "lin"), GuestMailWrong),
        (GuestFacts("林來賓", "基金會", "lin@" + "x." * 98 + "example"), GuestMailWrong),
    ],
    ids=["no name", "no unit", "long name", "long unit", "no mail", "long mail"],
)
def test_bad_facts_are_refused(facts: GuestFacts, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        enter(facts=facts)
    assert not Guest.objects.exists()


def test_another_name_under_a_mailbox_of_the_unit_is_refused() -> None:
    unit = make_unit()
    enter(unit)
    with pytest.raises(GuestMailTaken) as refused:
        enter(unit, GuestFacts("林小妹", "某某基金會", LIN.email))
    assert "林來賓" in refused.value.message


def test_only_the_units_own_hats_enter_guests() -> None:
    unit = make_unit()
    for account in (make_lead(), make_account(), make_officer(), make_operator()):
        with pytest.raises(MayNotEnterGuests):
            guests.enter(unit=unit, facts=LIN, by=acting(account))
    assert guests.enter(unit=unit, facts=LIN, by=acting(make_account(unit))).is_guest


def post(client: Client, course: Course, **data: str) -> str:
    return client.post(reverse("hours:close", args=[course.code]), data, follow=True).content.decode()


def test_the_closing_sheet_enters_a_guest_who_receives_hours(client: Client) -> None:
    handler = make_account()
    course = make_course(handler, ago=3)
    client.force_login(handler.user)
    client.post(reverse("switch_hat"), {"account": handler.pk})
    page = post(client, course, action="add_guest", guest_name="林來賓", guest_unit="")
    assert "請填寫此人的服務單位" in page and "林來賓" in page and not Guest.objects.exists()
    typed = {"guest_name": "林來賓", "guest_unit": "某某基金會", "guest_email": "lin@guests.example"}
    page = post(client, course, action="add_guest", **typed)
    guest = Guest.objects.get()
    assert "某某基金會" in page and guest.unit == course.unit
    token = page.split('name="walk_in_token" value="')[1].split('"')[0]
    key = page.split('name="request_key" value="')[1].split('"')[0]
    facts = {"walk_in_token": token, "request_key": key, f"hours_w{guest.person_id}": "3"}
    post(client, course, action="close", **facts)
    row = course.enrolments.get()
    assert row.user == guest.person and row.state == EnrolmentState.ATTENDED
    assert HourCredit.objects.get().hours == 3
    receipt = client.get(reverse("hours:receipt", args=[course.code])).content.decode()
    assert "林來賓" in receipt and "某某基金會" in receipt
    outbox.drain_all()
    assert not Notice.objects.filter(recipient=guest.person, by_mail=True).exists()


def test_a_guest_is_found_by_the_own_unit_only_and_costs_no_look_up() -> None:
    unit = make_unit()
    guest = enter(unit)
    typed = [read_typed("lin@guests.example")]
    assert found_by(typed, unit.pk) == [guest] and found_by(typed, make_unit().pk) == [None]
    from hours.actions import walk_ins

    course = make_course(make_account(unit), ago=3)
    assert walk_ins.look_up(course=course, by=acting(course.handler), typed=typed) == [guest]
    assert not LookUpDay.objects.filter(used__gt=0).exists()
    assert list(people_named("林來賓")) == [guest]


def test_a_guest_whom_the_unit_has_entered_is_put_on_a_list(client: Client) -> None:
    handler = make_account()
    course, guest = make_course(handler), enter(handler.unit)
    strange = make_course(make_account())
    page = reverse("courses:participants", args=[course.code])
    client.force_login(handler.user)
    body = client.post(page, {"lines": "lin@guests.example"}).content.decode()
    assert guest.name in body and "invalid" not in body
    [token] = re.findall(r'name="person"\s+value="([^"]+)"', body)
    client.post(page, {"act": "add", "person": token})
    row = course.enrolments.get()
    assert (row.user, row.state) == (guest, EnrolmentState.ADMITTED)
    assert course.starts_on and expected(course, course.starts_on)[0].unit_name == "某某基金會"
    with pytest.raises(NobodyChosen):
        participants.add(course=strange, by=acting(strange.handler), people=[guest.pk])
    [match] = matches(strange, [read_typed("lin@guests.example")])
    assert match.found == Found.NOBODY


def test_a_guest_becomes_a_person_by_an_invitation(client: Client) -> None:
    guest, by = enter(), make_operator()
    client.force_login(by.user)
    path = reverse("accounts:admit_guest", args=[guest.pk])
    page = client.post(path, {"reason": "本人申請"}, follow=True).content.decode()
    guest.refresh_from_db()
    assert guest.is_active and not guest.is_guest and guest.email == "lin@guests.example"
    assert "已邀請" in page and Notice.objects.filter(kind="invitation", address=guest.email).exists()
    assert AuditEvent.objects.get(action="guest.became_person").reason == "本人申請"
    assert "不是外部人員" in client.post(path, {"reason": "本人申請"}).content.decode()


def test_becoming_a_person_is_refused() -> None:
    by = acting(make_operator())

    def admit(person: User, **more: object) -> None:
        guests.become_person(**{"person": person, "by": by, "reason": "本人申請", **more})  # type: ignore[arg-type]

    guest = enter()
    with pytest.raises(OnlyOperatorMay):
        admit(guest, by=acting(make_lead()))
    with pytest.raises(ReasonNeeded):
        admit(guest, reason=" ")
    with pytest.raises(NotAGuest):
        admit(make_user())
    with pytest.raises(GuestHasNoMailbox):
        admit(enter(facts=GuestFacts("王無信", "社區大學")))
    make_user(email="LIN@guests.example")
    with pytest.raises(GuestMailOfPerson):
        admit(guest)


def test_a_guest_who_comes_is_listed_and_signed_in_on_the_spot(client: Client) -> None:
    course = make_course(day=clock.today(), capacity=1)
    session, place = course.sessions.get(), reverse("hours:attendance", args=[course.code])
    typed = {"guest_name": "林來賓", "guest_unit": "某某基金會", "guest_email": ""}
    with time_machine.travel(session.starts_at, tick=False):
        client.force_login(course.handler.user)
        bad = client.post(place, typed | {"guest_unit": ""}).content.decode()
        assert "請填寫" in bad and 'value="林來賓"' in bad and not Guest.objects.exists()
        for _double_click in range(2):
            page = client.post(place, typed, follow=True).content.decode()
        assert "林來賓已列入名單並簽到" in page and page.count("某某基金會") == 1
        row = course.enrolments.select_related("user").get()
        assert (row.state, row.walk_in, row.user.is_guest) == (EnrolmentState.ADMITTED, False, True)
        sign = Attendance.objects.get()
        assert (sign.user, sign.kind, sign.way) == (row.user, "in", "hand")
        # No place is left: raised on purpose only, and without it nothing of the guest is kept.
        full = client.post(place, typed | {"guest_name": "王來賓"}).content.decode()
        assert 'name="more_places"' in full and Guest.objects.count() == 1
        client.post(place, typed | {"guest_name": "王來賓", "more_places": "yes"})
    course.refresh_from_db()
    assert (course.capacity, course.seats_taken, Attendance.objects.count()) == (2, 2, 2)


def test_a_guest_who_was_merged_is_signed_in_under_the_record_with_the_place() -> None:
    course = make_course(day=clock.today())
    session, clerk = course.sessions.select_related("course__unit").get(), acting(course.handler)
    guest = guests.enter(unit=course.unit, facts=LIN, by=clerk)
    participants.add(course=course, by=clerk, people=[guest.pk])
    merging.merge(person=make_user(), second=guest, by=acting(make_operator()), reason="同一人")
    with time_machine.travel(session.starts_at, tick=False):
        on_the_spot.enter_guest(session=session, facts=LIN, by=clerk)
    assert course.enrolments.count() == 1 and Attendance.objects.get().user == guest


def test_a_guest_is_entered_on_the_spot_within_the_window_and_by_those_in_charge() -> None:
    course = make_course(day=clock.today())
    session = course.sessions.select_related("course__unit").get()
    for account, moment, refusal in (
        (course.handler, session.starts_at - timedelta(hours=2), NotAtThisTime),
        (make_account(course.unit), session.starts_at, NotTheHandler),
        (make_lead(), session.starts_at, MayNotEnterGuests),
    ):
        with time_machine.travel(moment, tick=False), pytest.raises(refusal):
            on_the_spot.enter_guest(session=session, facts=LIN, by=acting(account))
    assert not Guest.objects.exists() and not course.enrolments.exists()


def test_no_page_or_file_shows_the_technical_address_of_a_guest(client: Client) -> None:
    """It is nobody's mailbox: on the lists of a course, on its files, at the operator's and in a person's own data."""
    course = make_course(ago=1)
    guest = enter(course.unit, GuestFacts("林來賓", "社區大學"))
    person = make_user()
    for one in (guest, enter(course.unit, GuestFacts("林來賓", "社區大學", "lin@guests.example"))):
        at_no_unit(course, one)
    client.force_login(course.handler.user)
    by_handler = [reverse("courses:applicants", args=[course.code])]
    by_handler += [reverse(f"hours:{name}", args=[course.code]) for name in ("attendance", "close")]
    shown = [client.get(page).getvalue().decode() for page in (*by_handler, f"{by_handler[0]}?download=csv")]
    close(course)
    receipt = reverse("hours:receipt", args=[course.code])
    by_handler = [receipt, f"{receipt}?download=csv", reverse("hours:correct", args=[course.code])]
    shown += [client.get(page).getvalue().decode() for page in by_handler]
    operator = make_operator()
    client.force_login(operator.user)
    found = {"q": "林來賓"}
    shown.append(client.post(reverse("accounts:people"), found).content.decode())
    shown.append(client.get(reverse("accounts:person", args=[guest.pk])).content.decode())
    shown.append(client.post(reverse("hours:merge", args=[person.pk]), found).content.decode())
    shown.append(client.get(reverse("admin:accounts_user_changelist")).content.decode())
    shown.append(client.get(reverse("admin:accounts_user_change", args=[guest.pk])).content.decode())
    merging.merge(person=person, second=guest, by=acting(operator), reason="同一人")
    shown.append(client.get(reverse("accounts:person", args=[person.pk])).content.decode())
    shown += [str(list(section.rows([guest.pk]))) for section in OWN_DATA.values()]
    shown += [str(line) for line in breach.lines({guest.pk})]
    assert all("林來賓" in page for page in shown[:11])
    assert not [page for page in shown if "guest.invalid" in page or guest.email[:6] in page]


def test_guests_of_one_name_are_distinguished_by_what_was_written() -> None:
    course = make_course(ago=1)
    facts = [("社區大學", ""), ("社區大學", "lin@guests.example"), ("某公司", "")]
    people = [enter(course.unit, GuestFacts("林來賓", unit, mail)) for unit, mail in facts]
    rows = [at_no_unit(course, person) for person in people]
    known = distinguish(rows)
    # The list names the unit beside: only two of one unit need more.
    assert [known[person.pk] for person in people] == [
        KnownBy("", "社區大學"),
        KnownBy("", "社區大學 #2"),
        KnownBy("", ""),
    ]
    assert list(distinguish_people(people).values()) == ["社區大學", "社區大學 #2", "某公司"]


def test_a_guest_is_found_by_the_e_mail_that_was_written_only() -> None:
    guest = enter()
    assert list(people_named("lin@guests.example")) == [guest]
    assert not people_named(guest.email) and not people_named("guest.invalid")


def test_a_merge_mails_nothing_to_a_guest() -> None:
    person, guest = make_user(), enter()
    merging.merge(person=person, second=guest, by=acting(make_operator()), reason="同一人")
    merging.undo(person=guest, by=acting(make_operator()), reason="誤併")
    told = Notice.objects.filter(kind__in=["person_merged", "person_parted"])
    assert {(row.recipient, row.address) for row in told} == {(person, person.email)}


def test_a_guest_who_was_closed_is_entered_and_listed_no_more() -> None:
    unit = make_unit()
    guest, course = enter(unit), make_course(make_account(unit))
    closing_people.close(person=guest, because="deceased", by=acting(make_operator()), reason="辭世")
    with pytest.raises(PersonIsClosed):
        enter(unit)
    assert found_by([read_typed("lin@guests.example")], unit.pk) == [None]
    with pytest.raises(NobodyChosen):
        participants.add(course=course, by=acting(course.handler), people=[guest.pk])


def test_a_guest_is_invited_though_everybody_of_the_county_has_a_log_in(settings: LazySettings) -> None:
    settings.OIDC_ISSUERS = [{"id": "pt", "name": "屏東縣", "county": "屏東縣"}]
    guest = enter(make_unit(county=make_county("屏東縣")))
    guests.become_person(person=guest, by=acting(make_operator()), reason="本人申請")
    assert Notice.objects.filter(kind="invitation", recipient=guest).exists()
