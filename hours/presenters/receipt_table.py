"""The receipt of a closing as a table."""

from collections.abc import Iterator
from typing import Any

from accounts.queries.unit_history import unit_names
from courses.models import Course
from hours.presenters import record_table
from hours.queries.receipts import Receipt

# All national columns, which school tools find by their names (`record_table.HEADER`), and the receipt's further columns.
HEADER = [
    "課程代碼", "研習課程名稱", "教師姓名", "服務單位", "出席狀況", "實核時數/學分數", "主辦單位", "課程結束時間", "核准文號",
    "簽到場次", "在場分鐘", "依簽到退時數", "帳號（遮蔽）", record_table.KIND,
]  # fmt: skip


def lines(course: Course, found: Receipt) -> Iterator[list[Any]]:
    names = unit_names()
    for row in found.rows:
        enrolment = row.enrolment
        cells = record_table.cells(enrolment.user.name, course, row.net, names)
        cells.append(record_table.kind_words(enrolment.participation))
        facts = dict(zip(record_table.HEADER, cells, strict=True)) | {
            "服務單位": names.on(enrolment.unit, course.ends_on) if enrolment.unit else enrolment.unit_name,
            "出席狀況": enrolment.get_state_display(),
            "簽到場次": row.stay.sessions,
            "在場分鐘": row.stay.minutes if row.stay.whole else None,
            "依簽到退時數": row.by_signs,
            "帳號（遮蔽）": row.known.account,
        }
        yield [facts[name] for name in HEADER]
