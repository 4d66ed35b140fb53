"""Who came: on the receipt, in the statistics of a unit's year, and everything about a course in one archive."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from courses.actions import course_files
from courses.models import Course, Enrolment
from files.storage import opened, remove
from hours.actions import attendance, surveys
from hours.actions.attendance import HandSign
from hours.jobs import EVIDENCE
from hours.queries.presence import Signed
from hours.queries.receipts import receipt_of
from hours.queries.turnout import Stay, Turnout, closed_of_year, stay_of, summed, turnout
from jobs import actions, runner
from jobs.enums import JobState
from jobs.models import Job
from kit import clock
from kit.tables import read_table
from tests.courses.test_course_files import picture
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_unit,
    teacher,
)

pytestmark = pytest.mark.django_db


def sign(course: Course, row: Enrolment, minutes: int | None = 180) -> None:
    """The person signs in at the start, and out so many minutes later."""
    session = course.sessions.get()
    signs = [HandSign(row.user_id, "in", session.starts_at)]
    if minutes is not None:
        signs.append(HandSign(row.user_id, "out", session.starts_at + timedelta(minutes=minutes)))
    attendance.sign_by_hand(session=session, by=acting(course.handler), signs=signs)


def held(**fields: Any) -> tuple[Course, list[Enrolment]]:
    """A closed course: four enrolled, of whom three came, two of them with both signs."""
    course = make_course(ago=3, **fields)
    rows = [make_enrolment(course) for _number in range(4)]
    for row, minutes in zip(rows, (180, 120, None), strict=False):
        sign(course, row, minutes)
    close(course, absent=(rows[3],), key=course.code)
    course.refresh_from_db()
    return course, rows


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_stay_counts_sessions_and_the_minutes_between_both_signs() -> None:
    now = clock.now()
    later = now + timedelta(minutes=95, seconds=59)
    assert stay_of([Signed(now, later), Signed(now, None), Signed(None, now), Signed()]) == Stay(3, 95, 1)
    assert stay_of([Signed(later, now)]).minutes == 0 and stay_of([]) == Stay()


def test_the_turnout_of_nobody_has_no_share_and_no_mean() -> None:
    assert turnout([], []) == Turnout(0, 0, 0) and Turnout(0, 0, 0).share is None


def test_the_receipt_says_who_came_and_how_long() -> None:
    course, rows = held()
    make_enrolment(course, state="attended", walk_in=True)
    found = receipt_of(course, course.closing)
    assert found.turnout == Turnout(4, 3, 1, signed=3, mean_minutes=150) and found.turnout.share == 75
    stays = {row.enrolment.pk: row.stay for row in found.rows}
    assert [stays[row.pk].minutes for row in rows] == [180, 120, 0, 0]
    client = browser(course.handler.user)
    page = client.get(reverse("hours:receipt", args=[course.code])).content.decode()
    assert "報名 4 人，實到 3 人" in page and "平均在場 150 分鐘" in page and "簽到場次" in page
    table = client.get(reverse("hours:receipt", args=[course.code]) + "?download=csv")
    lines = b"".join(table.streaming_content).decode()  # type: ignore[arg-type]
    assert "在場分鐘" in lines and ",1,180," in lines


def test_a_course_without_signs_has_no_columns_for_them() -> None:
    course = make_course(ago=3)
    make_enrolment(course)
    close(course)
    page = browser(course.handler.user).get(reverse("hours:receipt", args=[course.code])).content.decode()
    assert "報名 1 人，實到 1 人" in page and "簽到場次" not in page and "平均在場" not in page


def test_a_units_year_sums_its_closed_courses_only() -> None:
    unit = make_unit()
    handler = make_account(unit)
    course, _rows = held(handler=handler)
    make_enrolment(make_course(handler, ago=5))
    held()
    year = course.year or 0
    [row] = closed_of_year(unit.pk, year)
    assert row.course == course and row.turnout == Turnout(4, 3, 0, signed=3, mean_minutes=150)
    assert row.hours == 9 and summed([row]).share == 75
    assert closed_of_year(unit.pk, year - 1) == []


def test_the_year_costs_the_same_queries_for_one_course_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    handler = make_account()
    for number in (1, 3):
        for _course in range(number):
            held(handler=handler)
        with django_assert_num_queries(2):
            closed_of_year(handler.unit_id, clock.this_year())


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "ods"])
def test_the_year_is_a_page_and_a_file(fmt: str) -> None:
    course, _rows = held()
    client, path = browser(make_lead(course.unit).user), reverse("hours:unit_turnout")
    page = client.get(path).content.decode()
    assert course.title in page and "75" in page and "尚無已結案" not in page
    assert course.title not in browser(make_lead().user).get(path).content.decode()
    found = client.get(f"{path}?download={fmt}")
    assert found.status_code == 200 and "attachment" in found["Content-Disposition"]


def collected(course: Course, by: Any) -> Job:
    job = actions.start(EVIDENCE, by=by, parameters={"course": course.pk})
    runner.run(job.pk)
    job.refresh_from_db()
    return job


def names_in(job: Job) -> dict[str, bytes]:
    with opened(job.result_file) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_about_a_course_is_collected_in_one_archive(tmp_path: Path) -> None:
    course = make_course(ago=3, questionnaire="voluntary")
    plan = b"%PDF-1.7 plan"
    by = acting(course.handler)
    course_files.add(course=course, by=by, kind="plan", upload=SimpleUploadedFile("計畫.pdf", plan))
    course_files.add(course=course, by=by, kind="material", upload=SimpleUploadedFile("a.pdf", plan))
    rows = [make_enrolment(course) for _number in range(5)]
    sign(course, rows[0])
    for row in rows:
        Enrolment.objects.filter(pk=row.pk).update(state="admitted")
    close(course)
    for row in rows:
        surveys.answer(course=course, by=teacher(row.user), answers={"content": 5})
    surveys.end(course=course, by=by)
    job = collected(course, by)
    assert job.state == JobState.DONE and job.result_name == f"{course.code}_成果資料.zip"
    files = names_in(job)
    assert list(files) == [
        "1_實施計畫.pdf",
        "3_簽到表.pdf",
        "4_簽到退紀錄.ods",
        "5_意見調查.ods",
        "6_核發時數.ods",
    ]
    assert files["1_實施計畫.pdf"] == plan and files["3_簽到表.pdf"].startswith(b"%PDF")
    table = tmp_path / "t.ods"
    table.write_bytes(files["4_簽到退紀錄.ods"])
    assert len(read_table(table, ["教師姓名"])) == 5
    event = AuditEvent.objects.get(action="evidence.collect")
    assert event.after == {"files": 5} and event.subjects.count() == 5


def test_what_there_is_not_is_left_out() -> None:
    course = make_course(ago=3)
    make_enrolment(course)
    close(course)
    assert list(names_in(collected(course, acting(course.handler)))) == ["3_簽到表.pdf", "6_核發時數.ods"]


@pytest.mark.parametrize(
    ("kind", "name", "content", "instead"),
    [
        ("plan", "計畫.pdf", b"%PDF-1.7 plan", "1_實施計畫.txt"),
        ("poster", "海報.png", picture(), "2_海報.txt"),
    ],
    ids=["plan", "poster"],
)
def test_a_file_that_the_storage_has_lost_is_named_and_stops_nothing(
    kind: str, name: str, content: bytes, instead: str
) -> None:
    course = make_course(ago=3)
    upload = SimpleUploadedFile(name, content)
    row = course_files.add(course=course, by=acting(course.handler), kind=kind, upload=upload)
    close(course)
    remove(row.file.path)
    found = names_in(collected(course, acting(course.handler)))
    assert name in found[instead].decode() and "6_核發時數.ods" in found


def test_only_those_in_charge_of_a_closed_course_collect_it() -> None:
    course, _rows = held()
    for other in (make_account(course.unit), make_lead()):
        assert collected(course, acting(other)).state == JobState.FAILED
    path = reverse("hours:evidence", args=[course.code])
    assert "/jobs/" in browser(course.handler.user).post(path)["Location"]
    assert "/jobs/" not in browser(make_account(course.unit).user).post(path)["Location"]
    open_course = make_course(course.handler, ago=1)
    assert (
        "/jobs/"
        not in browser(course.handler.user).post(reverse("hours:evidence", args=[open_course.code]))[
            "Location"
        ]
    )
