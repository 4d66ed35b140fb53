"""Every list that can be taken along is one file in three formats, with the filters of its page, and is recorded."""

import csv
import io
from typing import Any

import pytest
import python_calamine
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import transfers, withdrawal
from courses.enums import EnrolmentState as S
from courses.models import Course
from jobs import delivery
from kit import clock, tables
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db


class Scene:
    """A unit with a course of last year, one under review, a withdrawn one and a transfer."""

    def __init__(self) -> None:
        self.unit = make_unit(code="013301")
        self.lead = make_lead(self.unit)
        self.handler = make_account(self.unit)
        self.old = make_course(self.handler, ago=400, title="去年的研習")
        self.open = make_course(self.handler, admission="review", title="審核的研習")
        self.row = make_enrolment(self.open, make_user("王小明", self.unit), state=S.APPLIED)
        gone = make_course(self.handler, title="登錄錯誤的研習")
        withdrawal.withdraw(course=gone, by=acting(self.handler), reason="registered_twice")
        transfers.request(by=acting(self.lead), courses=[self.open], reason="接任")

    def client(self, account: BusinessAccount) -> Client:
        client = Client()
        client.force_login(account.user)
        return client


@pytest.fixture
def scene() -> Scene:
    return Scene()


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


LISTS: dict[str, tuple[str, str, str]] = {
    # route: who, the column looked at, a value in it
    "courses:year_end": ("officer", "研習課程名稱", "去年的研習"),
    "courses:county_export": ("officer", "單位代碼", "013301"),
    "courses:unit_courses": ("lead", "研習課程名稱", "審核的研習"),
    "courses:transfers": ("lead", "研習課程名稱", "審核的研習"),
    "courses:transfer_queue": ("operator", "研習課程名稱", "審核的研習"),
    "courses:operator_accounts": ("operator", "單位代碼", "013301"),
    "accounts:units": ("operator", "學校代碼", "013301"),
    "courses:operator_withdrawn": ("operator", "研習課程名稱", "登錄錯誤的研習"),
    "accounts:unit": ("lead", "單位代碼", "013301"),
    "courses:applicants": ("lead", "姓名", "王小明"),
}


def ask(scene: Scene, route: str, fmt: str) -> Any:
    who = LISTS[route][0]
    account = {"lead": scene.lead}.get(who) or {"officer": make_officer, "operator": make_operator}[who]()
    url = reverse(route, args=[scene.open.code] if route == "courses:applicants" else [])
    query = {"download": fmt}
    if route == "courses:unit_courses":
        query["year"] = str(scene.open.year)
    if route == "courses:year_end":
        query["year"] = str(scene.old.year)
    return scene.client(account).get(url, query)


@pytest.mark.parametrize("route", LISTS)
def test_a_list_is_a_file_in_every_format(scene: Scene, route: str) -> None:
    _who, column, value = LISTS[route]
    assert value in [row[column] for row in rows_of(ask(scene, route, "csv"))]
    for fmt in ("ods", "xlsx"):
        answer = ask(scene, route, fmt)
        assert answer["Content-Type"] == tables.TYPES[fmt]
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(
            0
        )
        heading, *rows = sheet.to_python()
        assert value in [row[heading.index(column)] for row in rows]


@pytest.mark.parametrize("route", [name for name in LISTS if name != "courses:county_export"])
def test_a_page_offers_its_list_in_every_format_and_a_download_is_recorded(scene: Scene, route: str) -> None:
    page = ask(scene, route, "").content.decode()
    assert all(f"download={fmt}" in page for fmt in tables.FORMATS)
    ask(scene, route, "csv")
    event = AuditEvent.objects.get(action="list.export")
    assert event.after["format"] == "csv" and event.after["rows"] >= 1


def test_hours_and_places_of_the_units_courses_are_numbers(scene: Scene) -> None:
    answer = ask(scene, "courses:unit_courses", "xlsx")
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
    heading, *rows = sheet.to_python()
    row = next(row for row in rows if row[heading.index("課程代碼")] == scene.open.code)
    assert row[heading.index("研習時數")] == 3.0 and row[heading.index("名額")] == 30.0


def test_a_filter_of_the_page_holds_for_its_file(scene: Scene) -> None:
    client = scene.client(scene.lead)
    query = {"download": "csv", "state": "withdrawn", "year": str(clock.this_year())}
    rows = rows_of(client.get(reverse("courses:unit_courses"), query))
    assert [row["研習課程名稱"] for row in rows] == ["登錄錯誤的研習"]


def test_a_list_too_long_for_a_spreadsheet_says_so_and_is_offered_as_csv(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_IN_A_SHEET", 1)
    client, url = scene.client(scene.lead), reverse("courses:unit_courses")
    answer = client.get(url, {"download": "ods", "q": "研習"}, follow=True)
    assert answer.request["QUERY_STRING"] == "q=%E7%A0%94%E7%BF%92"
    assert "CSV" in str(next(iter(answer.context["messages"])))
    assert len(rows_of(client.get(url, {"download": "csv", "q": "研習"}))) == 2


def test_a_teacher_takes_the_own_record_along_in_the_national_columns() -> None:
    person, course = make_user(), make_course(ago=2)
    make_enrolment(course, person)
    close(course)
    client = Client()
    client.force_login(person)
    [row] = rows_of(client.get(reverse("hours:my_record"), {"download": "csv"}))
    assert (row["教師姓名"], row["實核時數/學分數"]) == (person.name, "3")
    for route in ("accounts:my_record_export",):
        for fmt in tables.FORMATS:
            answer = client.get(reverse(route), {"download": fmt})
            assert answer["Content-Type"] == tables.TYPES[fmt]


def test_another_units_list_stays_out_of_reach(scene: Scene) -> None:
    stranger = scene.client(make_lead())
    url = reverse("courses:applicants", args=[scene.open.code])
    assert stranger.get(url, {"download": "csv"}).status_code == 404
    assert stranger.get(reverse("courses:operator_accounts"), {"download": "csv"}).status_code == 403
    assert not AuditEvent.objects.filter(action="list.export").exists()
    assert Course.objects.count() == 3
