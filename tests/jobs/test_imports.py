"""The operator's imports as jobs: check, carry out, refused rows by line and column, nothing half-saved."""

import io
import zipfile
from typing import Any
from unittest.mock import ANY

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import appointments, imports, rosters
from accounts.errors import CheckFirst, OnlyOperatorMay
from accounts.models import Affiliation, BusinessAccount, Unit, User
from audit.models import AuditEvent
from jobs import progress, runner
from jobs.enums import JobState
from jobs.models import Job
from tests.factories import acting, make_account, make_county, make_operator, make_roster_keeper, make_unit
from tests.jobs.work import BAD, GOOD, PEOPLE, checked, checking, content, done, fresh, operator, upload

pytestmark = pytest.mark.django_db


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def test_a_check_counts_and_saves_nothing_and_the_import_does_what_the_check_said() -> None:
    make_unit("134526")
    _, by = operator()
    job = checked(PEOPLE + GOOD, by)
    assert job.state == JobState.DONE and job.message
    assert job.outcome == {
        "created": 2, "changed": 0, "unchanged": 0, "refused": 0, "saved": False, "dry_run": True,
        "mark": ANY,
    }  # fmt: skip
    assert (job.done, job.total) == (2, 2) and not User.objects.filter(email="a@x.example").exists()

    real = done(imports.carry_out(by=by, checked=job, skip_bad_rows=False))
    assert real.outcome["saved"] and real.outcome["created"] == 2 and real.committed_at
    assert User.objects.get(email="a@x.example").business_accounts.get().number == "134526-001"
    assert checked(PEOPLE + GOOD, by).outcome["unchanged"] == 2


def test_refused_rows_are_kept_by_line_and_column_with_the_number_masked() -> None:
    make_unit("134526")
    _, by = operator()
    job = checked(PEOPLE + GOOD + BAD, by)
    rows = [(r.line, r.column, r.value) for r in job.refusals.all()]
    assert rows == [(4, "身分證字號", "A12345****"), (5, "學校代碼", "999999")]
    assert job.refused == 2 and "A123456788" not in str(job.refusals.values_list())


def test_refused_rows_are_taken_along_mended_and_sent_alone() -> None:
    make_unit("134526")
    account, by = operator()
    job = checked(PEOPLE + GOOD + BAD, by)
    for fmt in ("csv", "ods", "xlsx"):
        answer = client_of(account).get(reverse("jobs:refused", args=[job.pk]), {"format": fmt})
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    table = content(client_of(account).get(reverse("jobs:refused", args=[job.pk]), {"format": "csv"}))
    assert table.splitlines()[0] == PEOPLE.strip() + ",行號,欄位,理由"
    assert table.splitlines()[1].startswith("王一,A123456788,c@x.example,134526,教師,,4,身分證字號,")
    mended = table.replace("A123456788", "A123456789").replace("999999", "134526")
    assert checked(mended, by).outcome == {
        "created": 2, "changed": 0, "unchanged": 0, "refused": 0, "saved": False, "dry_run": True,
        "mark": ANY,
    }  # fmt: skip


def test_only_the_first_thousand_refused_rows_are_kept() -> None:
    _, by = operator()
    job = checked(PEOPLE + "王一,A123456788,c@x.example,134526,教師,\n" * 1200, by)
    kept = job.refusals.values("line").distinct().count()
    assert (job.refused, kept, job.outcome["refused"]) == (1200, 1000, 1200)
    # Each with all its wrong cells: there is no unit of the code either.
    assert job.refusals.count() == 2000


def test_bad_rows_are_skipped_only_on_demand() -> None:
    make_unit("134526")
    _, by = operator()
    job = checked(PEOPLE + GOOD + BAD, by)
    with pytest.raises(CheckFirst):
        imports.carry_out(by=by, checked=job, skip_bad_rows=False)
    real = done(imports.carry_out(by=by, checked=job, skip_bad_rows=True))
    assert (real.outcome["created"], real.outcome["refused"], real.refusals.count()) == (2, 2, 2)


def test_an_import_that_is_not_a_finished_check_is_not_carried_out() -> None:
    _, by = operator()
    job = checking(PEOPLE + GOOD, by)
    with pytest.raises(CheckFirst):
        imports.carry_out(by=by, checked=job, skip_bad_rows=True)
    with pytest.raises(OnlyOperatorMay):
        imports.check("import_people", by=acting(make_account()), upload=upload(PEOPLE))


def test_units_are_imported_from_a_file_too() -> None:
    _, by = operator()
    text = "學校代碼,學校名稱,縣市名稱,學校級別\n134526,南州國中,屏東縣,國民中學\n1,短,屏東縣,國民中學\n"
    job = done(imports.check("import_units", by=by, upload=upload(text)))
    assert job.outcome["created"] == 1 and not Unit.objects.filter(code="134526").exists()
    assert [(r.line, r.column) for r in job.refusals.all()] == [(3, "學校代碼")]
    done(imports.carry_out(by=by, checked=job, skip_bad_rows=True))
    assert Unit.objects.get(code="134526").county.name == "屏東縣"


def test_rights_are_checked_again_when_the_work_is_done() -> None:
    account, by = operator()
    make_operator()  # the last one could not be ended
    job = checking(PEOPLE + GOOD, by)
    appointments.end(account=account, by=None, reason="離職")
    assert done(job).state == JobState.FAILED and "已失效" in fresh(job).message


def test_the_operator_gives_no_account_to_oneself_by_a_file() -> None:
    make_unit("134526")
    account, by = operator()
    person = account.user
    person.set_national_id("A123456789")
    person.save()
    line = f"{person.name},A123456789,{person.email},134526,教師,承辦人\n"
    job = checked(PEOPLE + line, by)
    assert [r.column for r in job.refusals.all()] == ["角色"]


def test_cancel_in_the_middle_leaves_nothing_half_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thousand are written when the wish arrives; the transaction takes them back."""
    make_unit("134526")
    account, by = operator()
    heading = PEOPLE.strip() + ",護照號碼\n"
    lines = "".join(f"師{i},,m{i}@x.example,134526,教師,,P{i:07d}\n" for i in range(2500))
    job = imports.carry_out(by=by, checked=checked(heading + lines, by), skip_bad_rows=False)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    written = []

    def wish(self: progress.Work, count: int, refused: int = 0) -> None:
        written.append(User.objects.filter(email__endswith="@x.example").count())
        client_of(account).post(reverse("jobs:cancel", args=[job.pk]))
        step(self, count, refused)

    step = progress.Work.step
    monkeypatch.setattr(progress.Work, "step", wish)
    job = done(job)
    assert written == [1000]
    assert job.state == JobState.CANCELLED and not User.objects.filter(email__endswith="@x.example").exists()


def test_a_crash_in_the_middle_leaves_nothing_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_unit("134526")
    _, by = operator()
    job = imports.carry_out(by=by, checked=checked(PEOPLE + GOOD, by), skip_bad_rows=False)

    def crash(self: progress.Work) -> None:
        assert User.objects.filter(email="a@x.example").exists()
        raise RuntimeError("disk full")

    monkeypatch.setattr(progress.Work, "commit", crash)
    job = done(job)
    assert job.state == JobState.FAILED and "系統發生錯誤" in job.message and "disk full" not in job.message
    assert "disk full" in caplog.text and not User.objects.filter(email="a@x.example").exists()


def test_a_worker_given_up_for_dead_saves_nothing_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    make_unit("134526")
    _, by = operator()
    job = imports.carry_out(by=by, checked=checked(PEOPLE + GOOD, by), skip_bad_rows=False)
    commit = progress.Work.commit

    def buried_meanwhile(self: progress.Work) -> None:
        Job.objects.filter(pk=job.pk).update(attempts=7)
        commit(self)

    monkeypatch.setattr(progress.Work, "commit", buried_meanwhile)
    runner.run(job.pk)
    assert not User.objects.filter(email="a@x.example").exists()
    assert fresh(job).state == JobState.RUNNING


def test_a_file_that_is_no_table_ends_with_a_sentence() -> None:
    _, by = operator()
    assert "缺少" in checked("a,b\n1,2\n", by).message
    assert checked(PEOPLE + '"offen,x\n', by).state == JobState.FAILED


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", b"0" * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize("data", [bomb(), b"PK\x03\x04broken", b""], ids=["bomb", "broken", "empty"])
def test_a_bomb_a_broken_and_an_empty_file_are_refused_at_the_door(data: bytes) -> None:
    account, _ = operator()
    answer = client_of(account).post(
        reverse("accounts:import_people"), {"file": SimpleUploadedFile("a.ods", data)}
    )
    assert (
        answer.status_code == 200 and "field-errors" in answer.content.decode() and not Job.objects.exists()
    )


def test_an_old_excel_file_is_called_by_its_name_at_the_door() -> None:
    account, _ = operator()
    old = SimpleUploadedFile("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    answer = client_of(account).post(reverse("accounts:import_people"), {"file": old})
    assert ".xls" in answer.content.decode() and not Job.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.tables.file_check.MAX_BYTES", 10)
    account, _ = operator()
    answer = client_of(account).post(reverse("accounts:import_units"), {"file": upload(PEOPLE)})
    assert "50 MB" in answer.content.decode() and not Job.objects.exists()


def test_nothing_of_the_files_own_name_becomes_a_path() -> None:
    _, by = operator()
    job = imports.check("import_people", by=by, upload=upload(PEOPLE, "..\\..\\etc/passwd\n.csv"))
    assert job.input_file.startswith("jobs/") and len(job.input_file) == 37 and "passwd" not in job.input_file
    assert "/" not in job.input_name


def test_upload_check_carry_out_by_the_pages_alone() -> None:
    make_unit("134526")
    account, _ = operator()
    client = client_of(account)
    answer: Any = client.post(reverse("accounts:import_people"), {"file": upload(PEOPLE + GOOD)})
    job = Job.objects.get()
    assert answer.url == reverse("jobs:job", args=[job.pk])
    done(job)
    page = client.get(answer.url).content.decode()
    assert "執行匯入" in page and "尚未儲存" in page
    answer = client.post(reverse("accounts:carry_out", args=[job.pk]))
    done(Job.objects.get(pk=answer.url.split("/")[2]))
    assert User.objects.filter(email="a@x.example").exists()
    acts = list(AuditEvent.objects.filter(action__startswith="job.").values_list("action", flat=True))
    assert acts.count("job.start") == 2


def test_an_import_of_people_is_bound_to_what_its_check_showed() -> None:
    make_unit("134526")
    _, by = operator()
    job, other = checked(PEOPLE + GOOD, by), checked(PEOPLE + GOOD, by)
    assert done(imports.carry_out(by=by, checked=other, skip_bad_rows=False)).state == JobState.DONE
    events = AuditEvent.objects.filter(action="person.added").count()
    late = done(imports.carry_out(by=by, checked=job, skip_bad_rows=False))
    assert late.state == JobState.FAILED and not late.committed_at
    assert "檢查時：新增 2 列" in late.message and "目前：新增 0 列" in late.message
    assert (
        Affiliation.objects.count() == 3
        and AuditEvent.objects.filter(action="person.added").count() == events
    )
    fresh_check = checked(PEOPLE + GOOD, by)
    assert done(imports.carry_out(by=by, checked=fresh_check, skip_bad_rows=False)).state == JobState.DONE


def test_a_value_that_was_replaced_since_the_check_is_not_overwritten() -> None:
    """The figures are the same: one row that changes a title."""
    make_unit("134526")
    _, by = operator()
    done(imports.carry_out(by=by, checked=checked(PEOPLE + GOOD, by), skip_bad_rows=False))
    job = checked(PEOPLE + GOOD.replace("教務主任", "組長"), by)
    Affiliation.objects.filter(title="教務主任").update(title="校長")
    late = done(imports.carry_out(by=by, checked=job, skip_bad_rows=False))
    assert late.state == JobState.FAILED and Affiliation.objects.filter(title="校長").exists()


def test_rows_refused_for_their_parent_count_among_the_refused_rows_of_the_job() -> None:
    _, by = operator()
    heading = "學校代碼,學校名稱,縣市名稱,學校級別,類別,上級單位\n"
    rows = "".join(f"13A00{n},第{n}科,屏東縣,,教育局處科室,13A009\n" for n in range(3))
    job = done(imports.check("import_units", by=by, upload=upload(heading + rows)))
    assert job.outcome["refused"] == job.refused == 3


def test_an_import_of_units_is_bound_to_what_its_check_showed() -> None:
    _, by = operator()
    make_county("屏東縣")
    text = "學校代碼,學校名稱,縣市名稱,學校級別\n134527,縣立新設國中,屏東縣,國民中學\n"
    job = done(imports.check("import_units", by=by, upload=upload(text)))
    assert job.outcome["created"] == 1, job.message
    make_unit("134527", name="縣立新設國中")
    late = done(imports.carry_out(by=by, checked=job, skip_bad_rows=False))
    assert late.state == JobState.FAILED and "請重新檢查檔案" in late.message


@pytest.mark.parametrize(("text", "is_offered"), [(BAD, False), (GOOD + BAD, True)])
def test_a_file_whose_every_row_is_refused_is_not_offered_to_be_carried_out(
    text: str, is_offered: bool
) -> None:
    make_unit("134526")
    account, by = operator()
    job = checked(PEOPLE + text, by)
    page = client_of(account).get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert (reverse("accounts:carry_out", args=[job.pk]) in page) is is_offered
    assert ("每一列都被退回" in page) is not is_offered
    assert reverse("accounts:import_people") in page


@pytest.mark.parametrize(("text", "is_offered"), [(BAD, False), (GOOD + BAD, True)])
def test_a_staff_list_whose_every_row_is_refused_is_not_offered_to_be_saved(
    text: str, is_offered: bool
) -> None:
    account = make_roster_keeper(make_unit("134526"))
    # The clerk serves there, and would be listed as missing from the file.
    Affiliation.objects.filter(unit=account.unit).delete()
    job = done(rosters.check(by=acting(account), upload=upload(PEOPLE + text.replace("承辦人", ""))))
    page = client_of(account).get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert (reverse("accounts:roster_carry_out", args=[job.pk]) in page) is is_offered
    assert ("每一列都被退回" in page) is not is_offered
