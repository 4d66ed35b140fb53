"""簽到表: who is on it, in which order, how it is made, and what must not be on it."""

import io
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Affiliation
from audit.models import AuditEvent
from courses.enums import EnrolmentState
from courses.models import Course, Enrolment, Session
from courses.presenters.sign_in_sheets import SignInSheet, drawn, sign_in_sheets
from courses.queries.sign_in_sheets import Expected, SheetChoices
from kit import clock
from tests.factories import make_account, make_course, make_enrolment, make_unit, make_user

pytestmark = pytest.mark.django_db
NAMES = ("𠮷野㛢", "谷辣斯·尤達卡", "王小明", "丁一")


def participant(
    course: Course, name: str, unit: Any = None, title: str = "教師", rank: int = 40, **more: Any
) -> Enrolment:
    unit = unit or make_unit(county=course.unit.county)
    person = make_user(name=name)
    Affiliation.objects.create(user=person, unit=unit, title=title, rank=rank)
    row = make_enrolment(course, person, **more)
    Enrolment.objects.filter(pk=row.pk).update(unit=unit)
    return row


def sheets(course: Course, **choices: Any) -> list[SignInSheet]:
    return sign_in_sheets(course, course.sessions.all(), SheetChoices(**choices))


def names(sheet: SignInSheet) -> list[str]:
    return [row[3] for row in sheet.rows if row[3]]


def test_a_sheet_has_the_facts_the_people_blank_rows_and_signatures() -> None:
    course = make_course(approval_number="屏府教字第1150000001號", place="視聽教室")
    for name in NAMES[:3]:
        participant(course, name)
    participant(course, "林未錄取", state=EnrolmentState.APPLIED)
    [sheet] = sheets(course)
    assert sheet.title.endswith("簽到表") and sheet.unit == course.unit.name
    assert [column.heading for column in sheet.columns] == [
        "序號",
        "服務單位",
        "職稱",
        "姓名",
        "簽到",
        "簽退",
        "備註",
    ]
    assert [label for label, _value in sheet.facts] == [
        "課程代碼",
        "核准文號",
        "日期",
        "地點",
        "講師",
        "時數",
    ]
    assert dict(sheet.facts)["日期"] == "115年12月8日（星期二）13:30–16:30"
    assert set(names(sheet)) == set(NAMES[:3]) and "林未錄取" not in str(sheet.rows)
    assert [row[-1] for row in sheet.rows] == ["", "", "", *["現場報名"] * 5]
    assert sheet.count.startswith("應到 3 人") and sheet.signatures == ("承辦人", "單位主管", "校長")


def test_the_names_are_in_the_order_that_was_chosen() -> None:
    course = make_course()
    early, late = make_unit("100001"), make_unit("900001")
    participant(course, "王小明", late, "校長", 10)
    participant(course, "丁一", late, "教師", 40)
    participant(course, "陳主任", early, "主任", 20)
    assert names(sheets(course, order="unit")[0]) == ["陳主任", "王小明", "丁一"]
    assert names(sheets(course, order="rank")[0]) == ["王小明", "陳主任", "丁一"]
    assert names(sheets(course, order="strokes")[0]) == ["丁一", "王小明", "陳主任"]


def test_sheets_are_made_for_each_half_and_for_signing_out() -> None:
    course = make_course()
    participant(course, "王小明")
    session = course.sessions.get()
    session.starts_at -= timedelta(hours=5)
    session.save(update_fields=["starts_at"])
    made = sheets(course, separate=True, halves=True)
    assert [sheet.title.removeprefix(course.title) for sheet in made] == ["簽到表", "簽退表"] * 2
    assert [dict(sheet.facts)["日期"][-2:] for sheet in made] == ["上午", "上午", "下午", "下午"]
    assert "簽退" not in [column.heading for column in made[0].columns]
    assert len(sheets(make_course(), halves=True)) == 1


def test_a_course_of_the_own_school_has_departments_instead_of_units() -> None:
    course = make_course()
    participant(course, "王小明", course.unit)
    [sheet] = sheets(course)
    assert sheet.columns[1].heading == "處室／領域" and sheet.rows[0][1] == ""


def test_unit_and_title_are_those_of_the_day() -> None:
    course = make_course()
    row = participant(course, "王小明", title="組長")
    place = Affiliation.objects.get(user=row.user)
    place.until = clock.day_of(course.sessions.get().starts_at) - timedelta(days=1)
    place.save(update_fields=["until"])
    assert sheets(course)[0].rows[0][2] == ""


def client_of(course: Course) -> Client:
    client = Client()
    client.force_login(course.handler.user)
    return client


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_file_and_the_printed_page_hold_the_same_people_and_are_recorded() -> None:
    course = make_course()
    rows = [participant(course, name) for name in NAMES]
    client, address = client_of(course), reverse("courses:sign_in_sheets", args=[course.code])
    assert "簽到表" in client.get(address).content.decode()
    answer = client.get(address, {"as": "pdf", "order": "unit", "blanks": "2"})
    text = text_of(answer.content)
    assert answer["Content-Type"] == "application/pdf" and "第1頁，共1頁" in text
    page = client.get(address, {"as": "print", "order": "unit", "blanks": "2"}).content.decode()
    for row in rows:
        assert row.user.name in text and row.user.name in page
        assert row.user.email not in text + page
    assert AuditEvent.objects.filter(action="list.export").count() == 2
    assert AuditEvent.objects.filter(action="read.people").exists()


def test_what_was_typed_wrong_is_said_at_the_field() -> None:
    course = make_course()
    page = client_of(course).get(
        reverse("courses:sign_in_sheets", args=[course.code]), {"as": "pdf", "order": "odd", "blanks": "1000"}
    )
    assert page.status_code == 200 and page.content.decode().count("is-invalid") >= 2


def test_too_many_rows_are_refused_by_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courses.views.sign_in_sheets.MOST_ROWS", 3)
    course = make_course()
    answer = client_of(course).get(
        reverse("courses:sign_in_sheets", args=[course.code]), {"as": "pdf", "order": "unit", "blanks": "5"}
    )
    assert "列數過多" in answer.content.decode()


def test_a_name_that_no_font_has_leads_to_the_page_to_print() -> None:
    course = make_course()
    participant(course, "王\U00016a40明")
    answer = client_of(course).get(
        reverse("courses:sign_in_sheets", args=[course.code]), {"as": "pdf", "order": "unit", "blanks": "5"}
    )
    page = answer.content.decode()
    assert "U+16A40" in page and "王\U00016a40明" in page and "data-print" in page


def test_another_unit_has_no_sheets() -> None:
    course = make_course()
    client = Client()
    client.force_login(make_account().user)
    assert client.get(reverse("courses:sign_in_sheets", args=[course.code])).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_people() -> None:
    found = []
    for number in (1, 12):
        course = make_course(capacity=50)
        for _n in range(number):
            participant(course, "王小明")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            sheets(Course.objects.select_related("unit").get(pk=course.pk))
        found.append(len(queries))
    assert found[0] == found[1]


def test_the_people_of_a_day_are_read_once_for_all_its_sheets() -> None:
    course = make_course()
    participant(course, "王小明")
    with CaptureQueriesContext(connection) as queries:
        assert len(sheets(course, separate=True)) == 2
    tables = ("courses_enrolment", "accounts_affiliation", "courses_instructor")
    assert [sum(f'FROM "{table}"' in query["sql"] for query in queries) for table in tables] == [1, 1, 1]


def test_a_session_until_midnight_ends_at_24_o_clock() -> None:
    course = make_course()
    session = course.sessions.get()
    session.ends_at = clock.at_taipei(clock.day_of(session.starts_at) + timedelta(days=1), time(0))
    session.save(update_fields=["ends_at"])
    assert dict(sheets(course)[0].facts)["日期"].endswith("13:30–24:00")


def pages_of(rows: int) -> list[str]:
    course = make_course(title="週三進修")
    row = Expected("王小明", "", course.unit, course.unit.name, "教師", 40)
    made = sign_in_sheets(course, course.sessions.all(), SheetChoices(blanks=0))
    numbered = [
        [str(number), row.unit_name, row.title, row.name, "", "", ""] for number in range(1, rows + 1)
    ]
    file = drawn([replace(made[0], rows=numbered)], "簽到表").made(clock.now())
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file)).pages]


def test_the_signatures_are_never_alone_on_a_page() -> None:
    for rows in range(14, 24):
        last = pages_of(rows)[-1]
        assert "承辦人" in last and "王小明" in last, rows


def test_every_page_but_the_first_says_which_sheet_it_is() -> None:
    first, *others = pages_of(60)
    assert len(others) >= 2 and first.count("簽到表") == 1
    for page in others:
        assert "週三進修簽到表" in page and "序號" in page


def test_the_sessions_are_a_list_that_wraps_on_a_phone() -> None:
    """The closed list of a browser cuts "115年11月24日（二） 09:00–12:00" at 375 px: 273 px in a field of 259."""
    course = make_course()
    address = reverse("courses:sign_in_sheets", args=[course.code])
    page = client_of(course).get(address).content.decode()
    assert '<select name="session"' not in page
    first = course.sessions.get()
    assert page.count('type="radio" name="session"') == 1
    start = first.starts_at + timedelta(days=1)
    Session.objects.create(course=course, starts_at=start, ends_at=start + timedelta(hours=3))
    page = client_of(course).get(address).content.decode()
    assert page.count('type="radio" name="session"') == 3
