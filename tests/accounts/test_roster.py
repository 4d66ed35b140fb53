"""A unit's staff list from a file: old and new for each person, who is missing, and what is refused at row and column."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.acting import Actor
from accounts.actions import proposals, rosters
from accounts.enums import AccountState, ProposalSource, RequestState, Role
from accounts.errors import CheckFirst, LastDayNeeded, LeavesUnitWithout, MayNotKeepPlaces, RegisterChanged
from accounts.imports.report import Checked
from accounts.imports.roster import Choices, Plan, import_roster
from accounts.jobs import roster as roster_job
from accounts.models import Affiliation, BusinessAccount, FormerCode, PlaceProposal, Unit, UnitSuccessor, User
from checks import invariants
from jobs.models import Job
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)
from tests.jobs.work import done, upload

pytestmark = pytest.mark.django_db
HEADER = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色,職務,到職日,離職日,代理,兼任,順序\n"
NUMBERS = ["A123456789", "B123456780", "A800000014", "F131104093"]


def day(number: int) -> date:
    return clock.today() + timedelta(days=number)


def stored(name: str, number: str, unit: Unit | None = None, **fields: Any) -> User:
    person = make_user(name, **fields)
    person.set_national_id(number)
    person.save(update_fields=User.NUMBER_FIELDS)
    if unit:
        Affiliation.objects.create(user=person, unit=unit, title="教師")
    return person


def row(name: str, number: str, code: str = "134526", more: str = "教師,", rest: str = ",,,,,") -> str:
    return f"{name},{number},{number.lower()}@x.example,{code},{more},{rest}\n"


def send(tmp_path: Path, by: BusinessAccount | Actor, text: str, **choices: Any) -> Plan:
    path = tmp_path / "roster.csv"
    path.write_text(HEADER + text)
    actor = by if isinstance(by, Actor) else acting(by)
    dry_run = choices.pop("dry_run", False)
    return import_roster(path, by=actor, dry_run=dry_run, choices=Choices(**choices))


def lead_of(code: str = "134526", **fields: Any) -> BusinessAccount:
    return make_lead(make_unit(code, **fields))


def test_a_check_saves_nothing_and_shows_old_and_new(tmp_path: Path) -> None:
    lead = lead_of()
    stored("陳一", NUMBERS[0], lead.unit)
    text = row("陳一", NUMBERS[0], more="組長,", rest="教學組長,,,,,3") + row("林二", NUMBERS[1])
    plan = send(tmp_path, lead, text, dry_run=True)
    assert plan.report.counts == {"created": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert [line[1:] for line in plan.report.overwrites.rows()] == [
        ["陳一", "職稱", "教師", "組長"],
        ["陳一", "職務", "", "教學組長"],
        ["陳一", "順序", "", "3"],
        ["林二", "服務單位", "", f"{lead.unit.name} 教師"],
    ]
    assert not User.objects.filter(name="林二").exists() and not plan.report.saved


def test_what_was_checked_is_saved_with_record_and_notices(tmp_path: Path) -> None:
    lead = lead_of()
    known, comes = stored("陳一", NUMBERS[0], lead.unit), stored("林二", NUMBERS[1], make_unit())
    text = row("陳一", NUMBERS[0], more="組長,") + row("林二", NUMBERS[1]) + row("新三", NUMBERS[2])
    assert send(tmp_path, lead, text).report.saved
    assert known.affiliations.get().title == "組長" and known.affiliations.get().rank == 30
    assert comes.affiliations.get(unit=lead.unit).since == clock.today()
    assert User.objects.get(name="新三").affiliations.get().since is None
    kinds = {(notice.recipient, notice.kind) for notice in Notice.objects.all()}
    assert {(known, "place_corrected"), (comes, "place_added")} <= kinds


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    lead = lead_of()
    text = row("陳一", NUMBERS[0], rest="導師,115/8/1,116/7/31,是,,2")
    assert send(tmp_path, lead, text).report.created == 1
    assert send(tmp_path, lead, text).report.counts["unchanged"] == 1
    place = Affiliation.objects.get(user__name="陳一")
    assert (place.post, place.since, place.until, place.is_substitute, place.order) == (
        "導師",
        date(2026, 8, 1),
        date(2027, 7, 31),
        True,
        2,
    )


def test_known_people_keep_their_names_e_mails_and_numbers(tmp_path: Path) -> None:
    lead = lead_of()
    person = stored("陳一", NUMBERS[0], email="chen@school.example")
    assert send(tmp_path, lead, row("陳一", NUMBERS[0])).report.saved
    person.refresh_from_db()
    assert person.email == "chen@school.example"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (row("別人", NUMBERS[0]), "姓名"),
        (row("林二", NUMBERS[1], code="999999"), "學校代碼"),
        (row("林二", NUMBERS[1], code="134527"), "學校代碼"),
        (row("林二", NUMBERS[1], code="194666"), "學校代碼"),
        (row("林二", NUMBERS[1], rest=",八月一日,,,,"), "到職日"),
        (row("林二", NUMBERS[1], rest=",,13/13/13,,,"), "離職日"),
        (row("林二", NUMBERS[1], rest=",115/8/1,115/7/31,,,"), "離職日"),
        (row("林二", NUMBERS[1], rest=",,,是,,"), "離職日"),
        (row("林二", NUMBERS[1], rest=",,,,也許,"), "兼任"),
        (row("林二", NUMBERS[1], rest=",,,,,第一"), "順序"),
        (row("林二", NUMBERS[1], rest="職" * 41 + ",,,,,"), "職務"),
        (row("林二", NUMBERS[1], more="教師,單位管理者"), "角色"),
        (row("林二", NUMBERS[1], more="教師,縣市承辦人"), "角色"),
        (row("古三", NUMBERS[2], rest=",115/1/1,,,,"), "到職日"),
        (row("林二", NUMBERS[1]) * 2, "身分證字號"),
        (row("陳一", NUMBERS[0], more="教師,單位管理者"), "角色"),
    ],
)
def test_a_bad_row_is_refused_at_its_column_and_nothing_is_saved(
    tmp_path: Path, text: str, column: str
) -> None:
    lead = lead_of()
    make_unit("134527"), make_unit("194666", county=make_county("臺東縣"))
    stored("陳一", NUMBERS[0], lead.unit)
    back = stored("古三", NUMBERS[2])
    Affiliation.objects.create(user=back, unit=lead.unit, until=date(2026, 7, 31))
    before = set(Affiliation.objects.values_list("pk", "until", "title"))
    plan = send(tmp_path, lead, row("好四", NUMBERS[3]) + text)
    assert [(bad.line >= 3, bad.column) for bad in plan.report.refused] == [(True, column)]
    assert plan.report.refused[0].reason and not plan.report.saved
    assert set(Affiliation.objects.values_list("pk", "until", "title")) == before
    assert not User.objects.filter(name="好四").exists()


def shut(code: str = "134526", **fields: Any) -> Unit:
    """A unit that closed ten days ago, with a successor."""
    unit = make_unit(code, until=day(-10), **fields)
    UnitSuccessor.objects.create(unit=unit, successor=make_unit("134527", name="新校"), since=day(-9))
    return unit


@pytest.mark.parametrize("rest", [",,,,,", ",115/12/1,,,,", ",115/8/1,,,,"])
def test_nobody_begins_to_serve_at_a_closed_unit(tmp_path: Path, rest: str) -> None:
    operator = make_operator()
    unit = shut(name="舊校")
    plan = send(tmp_path, operator, row("林二", NUMBERS[1], rest=rest))
    bad = plan.report.refused[0]
    assert bad.column == "學校代碼" and unit.name in bad.reason and "134527 新校" in bad.reason
    assert not User.objects.filter(name="林二").exists()


def test_a_closed_unit_gets_no_account_by_a_file_but_a_last_day(tmp_path: Path) -> None:
    operator = make_operator()
    person = stored("陳一", NUMBERS[0], shut())
    plan = send(tmp_path, operator, row("陳一", NUMBERS[0], more="教師,承辦人"))
    assert plan.report.refused[0].column == "學校代碼"
    assert send(tmp_path, operator, row("陳一", NUMBERS[0], rest=f",,{day(-10)},,,")).report.saved
    assert person.affiliations.get().until == day(-10)


def test_a_roster_finds_units_by_their_former_codes(tmp_path: Path) -> None:
    lead = lead_of("134599")
    FormerCode.objects.create(unit=lead.unit, code="134526", level=lead.unit.level, until=day(-1))
    assert send(tmp_path, lead, row("新三", NUMBERS[2])).report.saved
    assert User.objects.get(name="新三").affiliations.get().unit == lead.unit


def test_an_own_lead_is_no_second_one(tmp_path: Path) -> None:
    officer, lead = make_officer(), lead_of()
    text = f"{lead.user.name},{NUMBERS[1]},{lead.user.email},134526,教師,單位管理者,,,,,,\n"
    assert not send(tmp_path, officer, text).report.refused_total
    second = send(tmp_path, officer, row("林二", NUMBERS[2], more="教師,單位管理者")).report
    assert second.refused[0].column == "角色" and not second.saved


def test_a_refused_name_tells_nothing_of_the_stored_person(tmp_path: Path) -> None:
    lead = lead_of()
    stored("秘密人", NUMBERS[0], email="secret@x.example")
    plan = send(tmp_path, lead, row("別人", NUMBERS[0]))
    assert "秘密" not in plan.report.refused[0].reason and "secret" not in plan.report.refused[0].reason


def test_good_rows_are_saved_when_bad_ones_are_skipped(tmp_path: Path) -> None:
    lead = lead_of()
    text = row("好四", NUMBERS[3]) + row("林二", NUMBERS[1], code="999999")
    assert send(tmp_path, lead, text, skip_bad_rows=True).report.saved
    assert User.objects.filter(name="好四").exists() and not User.objects.filter(name="林二").exists()


def test_who_is_missing_goes_on_serving_unless_ticked(tmp_path: Path) -> None:
    lead = lead_of()
    stays, leaves = stored("陳一", NUMBERS[0], lead.unit), stored("林二", NUMBERS[1], lead.unit)
    make_account(lead.unit), make_account(lead.unit, leaves)
    text = row("新三", NUMBERS[2])
    plan = send(tmp_path, lead, text, dry_run=True)
    assert {stays, leaves, lead.user} <= {place.user for place in plan.missing}
    ends = [leaves.affiliations.get().pk]
    with pytest.raises(LastDayNeeded):
        send(tmp_path, lead, text, ends=ends)
    assert send(tmp_path, lead, text, ends=ends, last_day=day(-3)).report.saved
    assert leaves.affiliations.get().until == day(-3) and stays.affiliations.get().until is None
    assert leaves.business_accounts.get().state() == AccountState.ENDED
    assert Notice.objects.filter(kind="place_ended", recipient=leaves).exists()
    assert not invariants.accounts_outliving_places()


def test_a_tick_ends_only_places_of_units_in_the_file(tmp_path: Path) -> None:
    lead = lead_of()
    elsewhere = stored("林二", NUMBERS[1], make_unit()).affiliations.get()
    send(tmp_path, lead, row("新三", NUMBERS[2]), ends=[elsewhere.pk], last_day=day(-3))
    elsewhere.refresh_from_db()
    assert elsewhere.until is None


def test_the_last_lead_goes_only_when_confirmed(tmp_path: Path) -> None:
    lead, operator = lead_of(), make_operator()
    make_account(lead.unit)
    ends, text = [lead.user.affiliations.get().pk], row("新三", NUMBERS[2])
    with pytest.raises(LeavesUnitWithout):
        send(tmp_path, operator, text, ends=ends, last_day=day(-1))
    assert lead.user.affiliations.get().until is None and not User.objects.filter(name="新三").exists()
    send(tmp_path, operator, text, ends=ends, last_day=day(-1), confirmed=True)
    assert lead.user.affiliations.get().until == day(-1)


def test_a_row_with_a_last_day_ends_the_place_and_its_account(tmp_path: Path) -> None:
    lead = lead_of()
    leaves = stored("林二", NUMBERS[1], lead.unit)
    account = make_account(lead.unit, leaves)
    make_account(lead.unit)
    send(tmp_path, lead, row("林二", NUMBERS[1], rest=",,115/12/31,,,"))
    account.refresh_from_db()
    assert account.valid_until == date(2026, 12, 31) and account.is_active()


def test_the_turnover_of_a_county_in_one_file(tmp_path: Path) -> None:
    officer = make_officer()
    old, new = make_unit("134526"), make_unit("134527")
    foreign = make_unit("194666", county=make_county("臺東縣"))
    moves, both, comes = (
        stored("陳一", NUMBERS[0], old),
        stored("林二", NUMBERS[1], old),
        stored("古三", NUMBERS[2], foreign),
    )
    text = (
        row("陳一", NUMBERS[0], "134527", rest=",115/8/1,,,,")
        + row("林二", NUMBERS[1], "134527", rest=",115/8/1,,,是,")
        + row("古三", NUMBERS[2], "134527", rest=",115/8/1,,,,")
    )
    plan = send(tmp_path, officer, text, dry_run=True)
    assert {place.user for place, _last in plan.elsewhere} == {moves, comes}
    assert send(tmp_path, officer, text, end_elsewhere=True).report.saved
    assert moves.affiliations.get(unit=old).until == date(2026, 7, 31)
    assert both.affiliations.get(unit=old).until is None
    # Another county's place is that county's affair.
    assert comes.affiliations.get(unit=foreign).until is None
    assert new.affiliations.count() == 3


def test_a_roster_appoints_whom_the_sender_may_appoint(tmp_path: Path) -> None:
    officer = make_officer()
    make_unit("134526")
    send(tmp_path, officer, row("陳一", NUMBERS[0], more="主任,單位管理者"))
    account = BusinessAccount.objects.get(user__name="陳一")
    assert account.role == Role.UNIT_LEAD and account.unit.code == "134526"


def test_the_new_people_of_a_file_are_invited_on_request_and_counted(
    tmp_path: Path, settings: LazySettings, django_assert_max_num_queries: Any
) -> None:
    operator = make_operator()
    make_unit("134526"), make_unit("194666", county=make_county("臺東縣"))
    stored("陳一", NUMBERS[0], make_unit("134527"))
    known = row("陳一", NUMBERS[0])
    assert send(tmp_path, operator, known + row("林二", NUMBERS[1])).report.invited is None
    assert not Notice.objects.filter(kind="invitation").exists()
    # The county's education log-in knows everybody of 臺東縣.
    settings.OIDC_ISSUERS = [{"id": "tt", "name": "臺東縣", "county": "臺東縣"}]
    text = known + row("新三", NUMBERS[2], code="194666") + row("新四", NUMBERS[3])
    assert send(tmp_path, operator, text, invite=True).report.invited == 1
    assert Notice.objects.get(kind="invitation").recipient == User.objects.get(name="新四")
    many = "".join(row(f"師{n}", number(n)) for n in range(40))
    with django_assert_max_num_queries(45):
        assert send(tmp_path, operator, many, invite=True).report.invited == 40


def test_a_handler_sends_no_roster() -> None:
    with pytest.raises(MayNotKeepPlaces):
        rosters.check(by=acting(make_account()), upload=upload(HEADER))


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def test_a_lead_checks_ticks_and_saves_on_the_pages() -> None:
    lead = lead_of()
    leaves = stored("林二", NUMBERS[1], lead.unit)
    client = client_of(lead)
    sent = client.post(reverse("accounts:roster"), {"file": upload(HEADER + row("陳一", NUMBERS[0]))})
    checked = done(Job.objects.get())
    page = client.get(sent.url).content.decode()
    assert "林二" in page and "陳一" in page
    path = reverse("accounts:roster_carry_out", args=[checked.pk])
    place = leaves.affiliations.get()
    refused = client.post(path, {"ends": [place.pk]}, follow=True).content.decode()
    assert str(LastDayNeeded().message) in refused
    tick = re.search(rf'<input[^>]*value="{place.pk}"[^>]*>', refused)
    assert tick and "checked" in tick[0], "what was ticked is kept"
    client.post(path, {"ends": [place.pk], "last_day": "115/10/31", "invite": "on"})
    saved = done(Job.objects.latest("pk"))
    assert saved.outcome["saved"] and saved.outcome["invited"] == 1
    page = client.get(reverse("jobs:job", args=[saved.pk])).content.decode()
    assert "已邀請" in page and f'href="{reverse("accounts:staff_of", args=[lead.unit_id])}"' in page
    place.refresh_from_db()
    assert place.until == date(2026, 10, 31)


def test_a_file_with_refused_rows_is_not_saved_past_the_page() -> None:
    lead = lead_of()
    job = done(rosters.check(by=acting(lead), upload=upload(HEADER + row("林二", NUMBERS[1], "999999"))))
    with pytest.raises(CheckFirst):
        rosters.carry_out(by=acting(lead), checked=job)


def test_the_file_to_fill_in_is_refused_as_long_as_its_example_is_in_it() -> None:
    lead = lead_of()
    sent = b"".join(client_of(lead).get(reverse("accounts:roster"), {"download": "csv"}))
    job = done(rosters.check(by=acting(lead), upload=upload(sent.decode("utf-8-sig"))))
    assert job.outcome["refused"] == 1


def test_the_statements_do_not_grow_with_the_rows(tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    operator = make_operator()
    unit = make_unit("134526")
    for first, last in ((0, 1), (1, 41)):
        people = [stored(f"人{n}", number(n), unit) for n in range(first, last)]
        text = "".join(row(p.name, p.national_id, more="組長,") for p in people)
        with django_assert_max_num_queries(40):
            send(tmp_path, operator, text)


def number(serial: int) -> str:
    """Return a valid national ID."""
    digits = [1, 0, 1, *(int(d) for d in f"{serial:07d}")]
    weights = [1, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    rest = sum(a * b for a, b in zip(digits, weights, strict=True)) % 10
    return f"A1{serial:07d}{-rest % 10}"


# --- What two rows, or a row and what is stored, do to one place --------------------------------------------------------


def test_an_account_for_somebody_who_has_left_is_refused_at_its_row(tmp_path: Path) -> None:
    lead_of()
    text = row("新三", NUMBERS[2], more="教師,承辦人", rest=f",{day(-30)},{day(-5)},,,")
    plan = send(tmp_path, make_operator(), text)
    assert [refused.column for refused in plan.report.refused] == ["角色"] and not plan.report.saved


def test_the_account_of_somebody_to_come_begins_on_the_first_day_of_service(tmp_path: Path) -> None:
    lead_of()
    send(tmp_path, make_operator(), row("新三", NUMBERS[2], more="教師,承辦人", rest=f",{day(5)},,,,"))
    account = BusinessAccount.objects.get(user__name="新三")
    assert account.valid_from == day(5) and not account.is_active()


def test_who_comes_to_two_units_gets_one_proposal_at_the_former_one(tmp_path: Path) -> None:
    county = make_county("屏東縣")
    for code in ("134526", "134527"):
        make_unit(code, county=county)
    person = stored("陳一", NUMBERS[0], make_unit(county=make_county("高雄市")))
    text = row("陳一", NUMBERS[0]) + row("陳一", NUMBERS[0], code="134527")
    assert send(tmp_path, make_officer(county), text, end_elsewhere=True).report.saved
    assert PlaceProposal.objects.get().person == person


def test_a_place_that_the_file_names_does_not_end_for_another_row_of_it(tmp_path: Path) -> None:
    county = make_county("屏東縣")
    first = make_unit("134526", county=county)
    make_unit("134527", county=county)
    person = stored("陳一", NUMBERS[0], first)
    text = row("陳一", NUMBERS[0], code="134527") + row("陳一", NUMBERS[0])
    send(tmp_path, make_officer(county), text, end_elsewhere=True)
    assert person.affiliations.get(unit=first).until is None


def test_a_place_that_ends_for_two_reasons_ends_on_the_earlier_day(tmp_path: Path) -> None:
    county = make_county("屏東縣")
    first = make_unit("134526", county=county)
    make_unit("134527", county=county)
    leaves, stays = stored("陳一", NUMBERS[0], first), stored("林二", NUMBERS[1], first)
    place = leaves.affiliations.get()
    text = row("林二", NUMBERS[1]) + row("陳一", NUMBERS[0], code="134527", rest=f",{day(3)},,,,")
    send(tmp_path, make_officer(county), text, ends=[place.pk], last_day=day(-9), end_elsewhere=True)
    place.refresh_from_db()
    assert place.until == day(-9) and stays.affiliations.get().until is None


def test_a_file_settles_what_was_proposed(tmp_path: Path) -> None:
    lead = lead_of()
    person = stored("陳一", NUMBERS[0], make_unit())
    [waiting] = proposals.propose_place(person, lead.unit, title="教師", source=ProposalSource.LOG_IN)
    send(tmp_path, lead, row("陳一", NUMBERS[0]))
    waiting.refresh_from_db()
    assert waiting.state == RequestState.TAKEN_BACK


def test_a_day_of_another_century_is_refused_at_its_column(tmp_path: Path) -> None:
    lead = lead_of()
    plan = send(tmp_path, lead, row("新三", NUMBERS[2], rest=",1115/8/1,,,,"), dry_run=True)
    assert [refused.column for refused in plan.report.refused] == ["到職日"]


def test_a_roster_of_an_account_that_ends_meanwhile_saves_nothing(tmp_path: Path) -> None:
    lead = lead_of()
    by = acting(lead)
    BusinessAccount.objects.filter(pk=lead.pk).update(suspended_at=clock.now())
    with pytest.raises(MayNotKeepPlaces):
        send(tmp_path, by, row("新三", NUMBERS[2]))
    assert not User.objects.filter(name="新三")


def test_a_roster_is_bound_to_what_its_check_showed(tmp_path: Path) -> None:
    lead = lead_of()
    person = stored("陳一", NUMBERS[0], lead.unit)
    text = row("陳一", NUMBERS[0], more="組長,")
    report = send(tmp_path, lead, text, dry_run=True).report
    shown = Checked(report.mark, report.counts)
    Affiliation.objects.filter(user=person).update(title="主任")
    with pytest.raises(RegisterChanged) as caught:
        import_roster(tmp_path / "roster.csv", by=acting(lead), dry_run=False, checked=shown)
    assert "變更 1 列" in caught.value.message and person.affiliations.get().title == "主任"
    Affiliation.objects.filter(user=person).update(title="教師")
    saved = import_roster(tmp_path / "roster.csv", by=acting(lead), dry_run=False, checked=shown)
    assert saved.report.saved and person.affiliations.get().title == "組長"


def test_a_roster_job_of_a_hat_that_keeps_no_places_reads_no_file() -> None:
    handler = make_account()
    with mock.patch("accounts.jobs.wearer", return_value=acting(handler)), pytest.raises(MayNotKeepPlaces):
        roster_job(mock.Mock())


def test_a_file_that_was_checked_in_one_language_is_carried_out_in_another(tmp_path: Path) -> None:
    lead = lead_of()
    stored("陳一", NUMBERS[0], lead.unit)
    text = row("陳一", NUMBERS[0], rest=",,2026-12-31,是,,") + row("林二", NUMBERS[1], rest=",2026-08-01,,,,")
    text += "多,出,一,格" + "," * 12 + "\n"
    path = tmp_path / "roster.csv"
    path.write_text(HEADER + text)
    checks = []
    for language in ("zh-hant", "en"):
        with override(language):
            checks.append(import_roster(path, by=acting(lead), dry_run=True).report)
    chinese, english = (list(check.overwrites.rows()) for check in checks)
    assert chinese != english and len({check.mark for check in checks}) == 1
    with override("en"):
        checked = Checked(checks[0].mark, checks[0].counts)
        choices = Choices(skip_bad_rows=True)
        plan = import_roster(path, by=acting(lead), dry_run=False, choices=choices, checked=checked)
    assert plan.report.saved


def test_a_place_that_is_over_ends_none_elsewhere(tmp_path: Path) -> None:
    officer = make_officer()
    former, unit = make_unit(), make_unit("134526")
    person = stored("陳一", NUMBERS[0], former)
    send(tmp_path, officer, row("陳一", NUMBERS[0], rest=",104/8/1,105/7/31,,,"), end_elsewhere=True)
    assert person.affiliations.get(unit=unit).until == date(2016, 7, 31)
    assert person.affiliations.get(unit=former).until is None


def test_a_place_lasts_no_longer_at_a_closed_unit_by_a_file(tmp_path: Path) -> None:
    unit = shut()
    person = stored("陳一", NUMBERS[0])
    Affiliation.objects.create(user=person, unit=unit, title="教師", until=day(3))
    plan = send(tmp_path, make_operator(), row("陳一", NUMBERS[0], rest=f",,{day(9)},,,"))
    assert plan.report.refused[0].column == "學校代碼" and person.affiliations.get().until == day(3)
