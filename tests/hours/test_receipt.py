"""The receipt of a closing: its totals are the sum of its rows, also after corrections, and its file has the national columns."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from courses.enums import EnrolmentState as S
from courses.models import Course
from hours.actions import corrections
from hours.models import Closing
from hours.presenters import record_table
from hours.presenters.record_table import HEADER
from hours.queries import records
from hours.queries.receipts import Totals, receipt_of
from kit import clock
from kit.periods import Period
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_unit, make_user

pytestmark = pytest.mark.django_db


def page_of(course: Course, **query: str) -> Any:
    client = Client()
    client.force_login(course.handler.user)
    return client.get(reverse("hours:receipt", args=[course.code]), query)


def lines_of(course: Course) -> list[dict[str, str]]:
    text = page_of(course, download="csv").getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_receipt_after_corrections_agrees_with_its_rows_and_says_what_was_corrected() -> None:
    course = make_course(ago=2)
    here, gone, ill = (make_enrolment(course) for _ in range(3))
    close(course, absent=(gone,))
    actor = acting(course.handler)
    corrections.correct(enrolment=here, by=actor, state=S.ATTENDED, hours=Decimal("2"), reason="提早離席")
    corrections.correct(enrolment=gone, by=actor, state=S.EXCUSED, hours=Decimal("0"), reason="公假單補送")
    corrections.correct(enrolment=ill, by=actor, state=S.ABSENT, hours=Decimal("0"), reason="冒名簽到")
    found = receipt_of(course, Closing.objects.get())
    assert found.totals == Totals(1, 1, 1, Decimal("2")) and found.issued == Totals(2, 1, 0, Decimal("6"))
    assert [(c.row, c.hours_before, c.hours_after) for c in found.corrections] == [
        (here, 3, 2),
        (gone, 0, 0),
        (ill, 3, 0),
    ]
    page = page_of(course).content.decode()
    for text in ("提早離席", "公假單補送", "冒名簽到", "結案時：出席 2 人"):
        assert text in page


def test_a_person_added_after_closing_counts_in_the_totals() -> None:
    course, person = make_course(ago=2), make_user("補登者")
    close(course)
    corrections.add_person(
        course=course, person=person, by=acting(course.handler), hours=Decimal("3"), reason="漏列"
    )
    found = receipt_of(course, Closing.objects.get())
    assert found.totals == Totals(1, 0, 0, Decimal("3")) and found.issued.attended == 0
    assert [c.row.user for c in found.corrections] == [person]


def test_a_receipt_without_corrections_says_nothing_of_them() -> None:
    course = make_course(ago=2)
    make_enrolment(course)
    close(course)
    assert not receipt_of(course, Closing.objects.get()).is_corrected
    assert "結案後的更正" not in page_of(course).content.decode()


def test_the_file_of_a_receipt_has_the_national_columns() -> None:
    course = make_course(ago=2, approval_number="屏府教學字第11207522100號", title="甲\n乙")
    row = make_enrolment(course)
    close(course)
    [line] = lines_of(course)
    assert set(HEADER) <= line.keys()
    assert (line["教師姓名"], line["課程代碼"], line["研習課程名稱"]) == (
        row.user.name,
        course.code,
        "甲 乙",
    )
    assert line["實核時數/學分數"] == "3" and line["課程結束時間"] == f"{course.ends_on:%Y/%m/%d}"
    assert line["主辦單位"] == course.unit.name and line["核准文號"] == "屏府教學字第11207522100號"


def test_two_people_of_one_name_at_one_school_are_distinguished_without_an_id() -> None:
    unit = make_unit()
    course = make_course(make_account(unit), ago=2)
    twins = [make_user("王小明", unit, email=f"wang{n}@school.example") for n in ("hao", "han")]
    alike = [make_user("李大同", unit, email=f"lee-{n}@school.example") for n in range(2)]
    other = make_user("陳一", unit)
    for person in (*twins, *alike, other):
        make_enrolment(course, person)
    client = Client()
    client.force_login(course.handler.user)
    pages = [client.get(reverse("hours:close", args=[course.code])).content.decode()]
    close(course)
    pages.append(client.get(reverse("hours:correct", args=[course.code])).content.decode())
    assert all(page.count("wan***@school.example") == 2 for page in pages)
    known = {row.enrolment.user: row.known.known_by for row in receipt_of(course, Closing.objects.get()).rows}
    assert known[other] == ""
    assert len({known[p] for p in (*twins, *alike)}) == 4
    page = page_of(course).content.decode()
    assert "wan***@school.example" in page and "wanghao@" not in page
    assert len({(line["教師姓名"], line["帳號（遮蔽）"]) for line in lines_of(course)}) == 5


def test_the_receipt_costs_the_same_for_two_and_for_forty_people(django_assert_max_num_queries: Any) -> None:
    for people in (2, 40):
        course = make_course(ago=2, capacity=60)
        rows = [make_enrolment(course) for _ in range(people)]
        close(course)
        for row in rows[: people // 2]:
            corrections.correct(
                enrolment=row, by=acting(course.handler), state=S.ABSENT, hours=Decimal("0"), reason="未到"
            )
        closing = Closing.objects.get(course=course)
        with django_assert_max_num_queries(4):
            receipt_of(course, closing)


def test_the_countys_file_distinguishes_people_of_one_name_at_one_school() -> None:
    unit = make_unit()
    course = make_course(make_account(unit), ago=2)
    twins = [make_user("王小明", unit, email=f"wang-{n}@school.example") for n in range(2)]
    for person in twins:
        make_enrolment(course, person)
    close(course)
    rows = list(record_table.county_rows(records.county_records(unit.county_id, Period(clock.this_year()))))
    found = [dict(zip(record_table.COUNTY_HEADER, row, strict=True)) for row in rows]
    assert [row["帳號（遮蔽）"] for row in found] == ["wan***@school.example", "wan***@school.example #2"]
    assert [row["實核時數/學分數"] for row in found] == [3, 3]
    # The column of a later release follows those that other people's tools read by their place.
    assert record_table.COUNTY_HEADER[-2:] == ["帳號（遮蔽）", "時數類別"] and found[0]["時數類別"] == "參加"
