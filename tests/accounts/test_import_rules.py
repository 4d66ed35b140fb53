"""What a file may change, what needs a human decision, and what the check shows before anything is saved."""

import io
import re
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.actions import imports
from accounts.errors import ConfirmNames
from accounts.imports import people as people_import
from accounts.imports.earlier_lines import EarlierLines
from accounts.imports.people import import_people
from accounts.imports.people_lines import Person, read_row
from accounts.imports.report import RowRefused
from accounts.imports.units import import_units
from accounts.models import Affiliation, BusinessAccount, FirstLoginLink, Unit, User
from audit.models import AuditEvent
from jobs.errors import HatGone
from kit import clock
from kit.tables import Line
from notices.models import Notice
from tests.factories import acting, make_account, make_operator, make_unit, make_user
from tests.jobs.work import checked, done, operator, upload

pytestmark = pytest.mark.django_db
PEOPLE = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n"
UNITS = "學校代碼,學校名稱,縣市名稱,學校級別\n"
NUMBERS = ["A123456789", "B123456780", "A800000014", "F131104093"]


def file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "list.csv"
    path.write_text(text)
    return str(path)


def stored(name: str, number: str, email: str) -> User:
    person = make_user(name, email=email)
    person.set_national_id(number)
    person.save(update_fields=User.NUMBER_FIELDS)
    return person


def row(name: str, number: str, email: str, title: str = "教師", more: str = "") -> str:
    return f"{name},{number},{email},134526,{title},{more}\n"


def test_a_number_in_the_name_is_refused_at_its_column_and_masked(tmp_path: Path) -> None:
    make_unit("134526")
    report = import_people(file(tmp_path, PEOPLE + row("陳一A123456789", "B123456780", "a@x.example")))
    [refused] = report.refused
    assert (refused.line, refused.column) == (2, "姓名") and "A123456789" not in str(refused)
    assert not User.objects.filter(email="a@x.example").exists()


# --- Who is meant -----------------------------------------------------------------------------------------------------
def test_one_number_with_two_names_or_mailboxes_in_a_file_is_a_question(tmp_path: Path) -> None:
    make_unit("134526"), make_unit("134527")
    for second in (
        "林二,A123456789,b@x.example,134527,教師,\n",
        "陳一,A123456789,b@x.example,134527,教師,\n",
    ):
        report = import_people(file(tmp_path, PEOPLE + row("陳一", "A123456789", "a@x.example") + second))
        assert [(r.line, r.column) for r in report.refused] == [(3, "姓名")] and not report.saved
    same = "陳 一,A123456789,a@x.example,134527,教師,\n"
    assert import_people(file(tmp_path, PEOPLE + row("陳一", "A123456789", "a@x.example") + same)).saved


def test_a_number_known_under_another_name_and_mailbox_is_a_question_and_recorded(tmp_path: Path) -> None:
    make_unit("134526")
    person = stored("陳一", "A123456789", "a@x.example")
    line = row("林二", "A123456789", "b@x.example")
    report = import_people(file(tmp_path, PEOPLE + line))
    assert [(r.line, r.column) for r in report.refused] == [(2, "姓名")]
    assert "陳一" in report.refused[0].reason and "a@x.example" in report.refused[0].reason
    person.refresh_from_db()
    assert person.name == "陳一" and not report.saved
    event = AuditEvent.objects.get(action="refused.identity")
    assert list(event.subjects.values_list("person_id", flat=True)) == [person.pk]


@pytest.mark.parametrize("answer", ["是", "Y"])
def test_the_question_is_answered_in_the_file(tmp_path: Path, answer: str) -> None:
    make_unit("134526")
    person = stored("陳一", "A123456789", "a@x.example")
    text = PEOPLE.strip() + f",同一人\n林二,A123456789,b@x.example,134526,教師,,{answer}\n"
    assert import_people(file(tmp_path, text)).saved
    person.refresh_from_db()
    assert (person.name, person.email) == ("林二", "b@x.example")


def test_another_answer_than_yes_or_no_is_refused(tmp_path: Path) -> None:
    make_unit("134526")
    text = PEOPLE.strip() + ",同一人\n林二,A123456789,b@x.example,134526,教師,,大概\n"
    assert import_people(file(tmp_path, text)).refused[0].column == "同一人"


def test_a_mailbox_known_under_another_name_is_a_question_where_no_number_is_stored(tmp_path: Path) -> None:
    make_unit("134526")
    person = make_user("陳一", email="a@x.example")
    report = import_people(file(tmp_path, PEOPLE + row("林二", "A123456789", "a@x.example")))
    assert report.refused[0].column == "姓名"
    assert import_people(file(tmp_path, PEOPLE + row("陳　一", "A123456789", "a@x.example"))).saved
    person.refresh_from_db()
    assert person.national_id == "A123456789"


# --- Mailboxes that pass on -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
@pytest.mark.parametrize("chunk", [1, 1000])
def test_a_mailbox_passes_to_a_colleague_within_one_file(
    tmp_path: Path, order: tuple[int, ...], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_import, "CHUNK", chunk)
    make_unit("134526")
    first, second = stored("陳一", NUMBERS[0], "a@x.example"), stored("林二", NUMBERS[1], "b@x.example")
    rows = [
        row("陳一", NUMBERS[0], "new@x.example"),
        row("林二", NUMBERS[1], "a@x.example"),
        row("王三", NUMBERS[2], "b@x.example"),
    ]
    text = PEOPLE + "".join(rows[n] for n in order)
    assert import_people(file(tmp_path, text), dry_run=True).counts["refused"] == 0
    report = import_people(file(tmp_path, text))
    assert report.saved and (report.created, report.changed) == (1, 2)
    for person in (first, second):
        person.refresh_from_db()
    assert (first.email, second.email) == ("new@x.example", "a@x.example")
    assert User.objects.get(email="b@x.example").name == "王三"


def test_three_people_exchange_their_mailboxes(tmp_path: Path) -> None:
    make_unit("134526")
    mails = ["a@x.example", "b@x.example", "c@x.example"]
    people = [stored(f"師{n}", NUMBERS[n], mails[n]) for n in range(3)]
    rows = "".join(row(f"師{n}", NUMBERS[n], mails[(n + 1) % 3]) for n in range(3))
    assert import_people(file(tmp_path, PEOPLE + rows)).saved
    assert [User.objects.get(pk=p.pk).email for p in people] == [mails[1], mails[2], mails[0]]


def test_a_mailbox_that_its_holder_keeps_is_refused_whatever_else_waits_for_it(tmp_path: Path) -> None:
    make_unit("134526")
    keeper = make_account(user=stored("陳一", NUMBERS[0], "a@x.example")).user
    stored("林二", NUMBERS[1], "b@x.example")
    text = PEOPLE + row("王三", NUMBERS[2], "b@x.example") + row("林二", NUMBERS[1], "a@x.example")
    report = import_people(
        file(tmp_path, text + row("陳一", NUMBERS[0], "new@x.example")), skip_bad_rows=True
    )
    assert sorted((r.line, r.column) for r in report.refused) == [
        (2, "身分證字號"),
        (3, "電子郵件"),
        (4, "電子郵件"),
    ]
    keeper.refresh_from_db()
    assert keeper.email == "a@x.example" and report.saved


# --- People in office -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("carried_out", [True, False])
def test_only_people_in_office_are_kept_from_changing_by_a_file(tmp_path: Path, carried_out: bool) -> None:
    make_unit("134526")
    person = stored("陳一", "A123456789", "a@x.example")
    account = make_account(user=person, valid_until=clock.today() - timedelta(days=700))
    if carried_out:
        BusinessAccount.objects.filter(pk=account.pk).update(ended_at=clock.now())
    assert import_people(file(tmp_path, PEOPLE + row("陳改", "A123456789", "a@x.example"))).saved
    person.refresh_from_db()
    account.refresh_from_db()
    assert person.name == "陳改" and account.ended_at


# --- Units that have closed, leads ------------------------------------------------------------------------------------
def test_an_import_adds_nobody_to_a_closed_unit_and_names_its_successor(tmp_path: Path) -> None:
    closed = make_unit("134526", until=clock.today() - timedelta(days=10))
    serving = stored("陳一", NUMBERS[0], "a@x.example")
    Affiliation.objects.create(user=serving, unit=closed, title="教師")
    text = PEOPLE + row("陳一", NUMBERS[0], "a@x.example") + row("林二", NUMBERS[1], "b@x.example")
    appoints = import_people(file(tmp_path, PEOPLE + row("陳一", NUMBERS[0], "a@x.example", more="承辦人")))
    assert appoints.refused[0].column == "學校代碼" and not BusinessAccount.objects.exists()
    report = import_people(file(tmp_path, text))
    assert [(bad.line, bad.column) for bad in report.refused] == [(3, "學校代碼")] and not report.saved


def test_an_import_names_no_second_lead(tmp_path: Path) -> None:
    make_unit("134526")
    text = PEOPLE + row("陳一", NUMBERS[0], "a@x.example", "主任", "單位管理者")
    two = text + row("林二", NUMBERS[1], "b@x.example", "主任", "單位管理者")
    assert [(bad.line, bad.column) for bad in import_people(file(tmp_path, two)).refused] == [(3, "角色")]
    assert import_people(file(tmp_path, text)).saved
    assert import_people(file(tmp_path, text)).unchanged == 1
    assert import_people(file(tmp_path, two)).refused[0].column == "角色"


def test_an_import_invites_its_new_people_on_request(tmp_path: Path, client: Client) -> None:
    make_unit("134526")
    account, by = operator()
    client.force_login(account.user)
    job = checked(PEOPLE + row("陳一", "A123456789", "a@x.example"), by)
    assert 'name="invite"' in client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    client.post(reverse("accounts:carry_out", args=[job.pk]), {"invite": "on"})
    assert done(type(job).objects.latest("pk")).outcome["invited"] == 1
    path, out = file(tmp_path, PEOPLE + row("林二", "B123456780", "b@x.example")), io.StringIO()
    call_command("import_people", path, "--invite", stdout=out)
    invited = set(Notice.objects.filter(kind="invitation").values_list("recipient__name", flat=True))
    assert invited == {"陳一", "林二"} and FirstLoginLink.objects.count() == 2


def test_a_file_with_a_bad_row_in_a_later_piece_invites_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_import, "CHUNK", 1)
    make_unit("134526")
    text = PEOPLE + row("陳一", NUMBERS[0], "a@x.example")
    report = import_people(file(tmp_path, text + row("林二", NUMBERS[1], "b")), invite=True)
    assert (report.refused_total, report.invited) == (1, None)
    assert not Notice.objects.exists() and not FirstLoginLink.objects.exists()


# --- The record -------------------------------------------------------------------------------------------------------
def test_each_change_of_a_person_or_place_by_a_file_is_recorded(tmp_path: Path) -> None:
    unit, other = make_unit("134526"), make_unit("134527")
    person = stored("陳一", "A123456789", "a@x.example")
    import_people(file(tmp_path, PEOPLE + row("陳一", "A123456789", "a@x.example")))
    text = (
        PEOPLE
        + row("陳改", "A123456789", "a@x.example", "校長")
        + f"陳改,A123456789,a@x.example,{other.code},教師,\n"
    )
    assert import_people(file(tmp_path, text)).saved
    events = {e.action: e for e in AuditEvent.objects.order_by("pk")}
    assert events["person.changed"].before == {"name": "陳一"} and events["person.changed"].after == {
        "name": "陳改"
    }
    assert (events["affiliation.changed"].before, events["affiliation.changed"].after) == (
        {"title": "教師"},
        {"title": "校長"},
    )
    assert (
        events["affiliation.changed"].unit_id == unit.pk and events["affiliation.added"].unit_id == other.pk
    )
    assert all(e.subjects.get().person_id == person.pk for e in events.values())


def test_a_unit_changed_by_a_file_is_recorded_with_old_and_new(tmp_path: Path) -> None:
    unit = make_unit("134526", name="縣立南州國中")
    assert import_units(file(tmp_path, UNITS + "134526,縣立改名國中,高雄市,國民中學\n")).changed == 1
    event = AuditEvent.objects.get(action="unit.changed")
    assert event.before == {"name": "縣立南州國中", "county": "屏東縣"} and event.unit_id == unit.pk
    assert event.after == {"name": "縣立改名國中", "county": "高雄市"}
    import_units(file(tmp_path, UNITS + "134527,縣立新校,高雄市,國民中學\n"))
    assert AuditEvent.objects.get(action="unit.added").after["name"] == "縣立新校"


# --- Units ------------------------------------------------------------------------------------------------------------
def test_the_command_renames_a_unit_only_on_request(tmp_path: Path) -> None:
    unit = make_unit("134526", name="縣立南州國中")
    path, out, err = (
        file(tmp_path, UNITS + "134526,縣立改名國中,屏東縣,國民中學\n"),
        io.StringIO(),
        io.StringIO(),
    )
    with pytest.raises(SystemExit):
        call_command("import_units", path, stdout=out, stderr=err)
    unit.refresh_from_db()
    assert unit.name == "縣立南州國中" and "縣立南州國中" in err.getvalue()
    call_command("import_units", path, "--rename", stdout=out)
    unit.refresh_from_db()
    assert unit.name == "縣立改名國中" and "縣立南州國中 → 縣立改名國中" in out.getvalue()


def test_renaming_by_the_page_has_to_be_confirmed_after_the_check(client: Client) -> None:
    unit = make_unit("134526", name="縣立南州國中")
    account, by = operator()
    client.force_login(account.user)
    job = done(
        imports.check("import_units", by=by, upload=upload(UNITS + "134526,縣立改名國中,屏東縣,國民中學\n"))
    )
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert 'name="rename"' in page and "縣立南州國中" in page and "縣立改名國中" in page
    with pytest.raises(ConfirmNames):
        imports.carry_out(by=by, checked=job, skip_bad_rows=False)
    answer: Any = client.post(reverse("accounts:carry_out", args=[job.pk]), {"rename": "on"})
    assert answer.status_code == 302
    done(type(job).objects.latest("pk"))
    unit.refresh_from_db()
    assert unit.name == "縣立改名國中"


@pytest.mark.parametrize(("typed", "near"), [("花蓮", "花蓮縣"), ("屏東市", "屏東縣"), ("嘉義", "嘉義市")])
def test_a_county_that_is_none_ends_with_the_nearest_names(tmp_path: Path, typed: str, near: str) -> None:
    with pytest.raises(CommandError) as ended:
        call_command("import_units", file(tmp_path, UNITS + "134526,甲,屏東縣,國民中學\n"), county=typed)
    assert near in str(ended.value) and ended.value.returncode == 1


def test_a_county_of_which_the_file_has_no_row_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as ended:
        call_command("import_units", file(tmp_path, UNITS + "134526,甲,屏東縣,國民中學\n"), county="花蓮縣")
    assert "屏東縣" in str(ended.value)


def test_unit_codes_in_full_width_are_the_same_codes(tmp_path: Path) -> None:
    assert import_units(file(tmp_path, UNITS + "３３０ｎ０１,甲,桃園市,國民小學\n")).saved
    assert Unit.objects.get().code == "330N01"
    report = import_people(file(tmp_path, PEOPLE + "陳一,A123456789,a@x.example,３３０Ｎ０１,教師,\n"))
    assert report.saved


# --- The check shows what it replaces ---------------------------------------------------------------------------------
def test_the_check_shows_old_and_new_of_every_value_it_would_replace(client: Client) -> None:
    make_unit("134526")
    stored("陳一", "A123456789", "a@x.example")
    account, by = operator()
    client.force_login(account.user)
    assert done(
        imports.carry_out(
            by=by, checked=checked(PEOPLE + row("陳一", "A123456789", "a@x.example"), by), skip_bad_rows=False
        )
    )
    job = checked(PEOPLE + row("陳改名", "A123456789", "a@x.example", "教務主任"), by)
    assert job.outcome["overwrites"] == 2 and job.outcome["changed"] == 1
    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    for word in ("陳一", "陳改名", "姓名", "教師", "教務主任", "職稱"):
        assert re.search(rf">\s*{re.escape(word)}\s*<", page)
    assert "陳改名" not in str(job.outcome), "personal data stay in the file"
    table = b"".join(client.get(reverse("jobs:result", args=[job.pk])).streaming_content).decode()  # type: ignore[attr-defined]
    assert "2,陳一,姓名,陳一,陳改名" in table and "2,陳改名,職稱,教師,教務主任" in table


def test_a_replaced_number_is_shown_masked(tmp_path: Path) -> None:
    make_unit("134526")
    person = stored("陳一", "A123456789", "a@x.example")
    person.set_passport("K12345678")
    person.save()
    text = PEOPLE.strip() + ",護照號碼\n陳一,A123456789,a@x.example,134526,教師,,L7654321\n"
    report = import_people(file(tmp_path, text), dry_run=True)
    assert list(report.overwrites.rows()) == [["2", "陳一", "護照號碼", "K1234****", "L765****"]]


def test_the_rows_that_a_check_shows_are_shown_under_its_hat_only(client: Client) -> None:
    make_unit("134526")
    stored("陳一", "A123456789", "a@x.example")
    account, by = operator()
    job = checked(PEOPLE + row("陳改名", "A123456789", "a@x.example"), by)
    type(job).objects.filter(pk=job.pk).update(account_number="134526-009")
    client.force_login(account.user)
    assert "陳改名" not in client.get(reverse("jobs:job", args=[job.pk])).content.decode()


# --- Rows that slid ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("county", ["", "屏東縣"])
def test_an_unquoted_comma_in_an_address_is_refused_with_the_line(tmp_path: Path, county: str) -> None:
    heading = "學校代碼,學校名稱,縣市名稱,地址,電話,學校級別\n"
    good = "134526,南州國中,屏東縣,仁里路1號,08-1,國民中學\n"
    for bad in (
        "134527,新校,屏東縣,仁里路1號,2樓,08-2,國民中學\n",
        "134527,新,校,屏東縣,仁里路1號,08-2,國民中學\n",
        "134527,新校\n",
    ):
        report = import_units(file(tmp_path, heading + good + bad), county=county)
        assert [r.line for r in report.refused] == [3] and not report.saved
    assert not Unit.objects.exists()


def test_a_row_of_people_that_slid_is_refused_and_taken_along_whole(client: Client) -> None:
    make_unit("134526")
    account, by = operator()
    client.force_login(account.user)
    heading = "本校名冊\n" + PEOPLE.strip().replace("姓名", "姓　名") + ",電話\n"
    text = (
        heading
        + "陳一,A123456789,a@x.example,134526,教師,主任,,+886-8-864\n林二,B123456780,b@x.example,134599,教師,,+886-8-1\n"
    )
    job = checked(text, by)
    assert [(r.line, r.column) for r in job.refusals.all()] == [(3, "整列"), (4, "學校代碼")]
    answer = client.get(reverse("jobs:refused", args=[job.pk]), {"format": "csv"})
    table = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert table.splitlines()[1].endswith(",'+886-8-864") and "姓 名" in table.splitlines()[0]
    # As they are, they are refused for the same reasons; mended, they are taken.
    assert [r.column for r in checked(table, by).refusals.all()] == ["整列", "學校代碼"]
    only = "\n".join([table.splitlines()[0], table.splitlines()[2].replace("134599", "134526")])
    assert checked(only, by).outcome["created"] == 1


# --- One row ----------------------------------------------------------------------------------------------------------
def read(text: str, earlier: EarlierLines) -> Person:
    columns = PEOPLE.strip().split(",")
    line = Line(7, dict(zip(columns, text.strip().split(","), strict=True)))
    return read_row(line, {"134526": [Unit(pk=1, code="134526")]}, earlier)


def test_a_row_is_a_person_or_refused_at_its_column() -> None:
    earlier = EarlierLines()
    good = read(row("陳一", "A123456789", "a@x.example", "組長"), earlier)
    assert isinstance(good, Person) and (good.line, good.title) == (7, "組長")
    for text, column in (
        (row("", "B123456780", "b@x.example"), "姓名"),
        (row("林二", "B123456781", "b@x.example"), "身分證字號"),
        (row("林二", "B123456780", "b"), "電子郵件"),
        (row("林二", "B123456780", "b@x.example", more="廚師"), "角色"),
        (row("林二", "B123456780", "a@x.example"), "電子郵件"),
        (row("陳一", "A123456789", "a@x.example"), "身分證字號"),
    ):
        with pytest.raises(RowRefused) as bad:
            read(text, earlier)
        assert [cell.column for cell in bad.value.cells] == [column] and bad.value.message


@pytest.mark.parametrize("what", ["people", "units"])
def test_a_file_of_an_account_that_ends_meanwhile_saves_nothing(tmp_path: Path, what: str) -> None:
    unit, account = make_unit("134526"), make_operator()
    by = acting(account)
    BusinessAccount.objects.filter(pk=account.pk).update(suspended_at=clock.now())
    with pytest.raises(HatGone):
        if what == "people":
            import_people(file(tmp_path, PEOPLE + row("陳一", NUMBERS[0], "a@x.example")), by=by)
        else:
            import_units(file(tmp_path, UNITS + "134526,新名國中,屏東縣,國民中學\n"), by=by, rename=True)
    unit.refresh_from_db()
    assert unit.name != "新名國中" and not User.objects.filter(name="陳一")


def test_the_lines_of_a_long_file_are_not_kept_in_memory() -> None:
    unit, earlier = Unit(pk=1, code="134526"), EarlierLines()

    def note(lines: range) -> None:
        for n in lines:
            earlier.note(Person(n, "陳一", "", f"P{n}", f"{n}@x.example", unit, "", None))

    # What the first lines load, a worker keeps in any case.
    note(range(10))
    tracemalloc.start()
    try:
        note(range(10, 5000))
        grown, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 100_000
