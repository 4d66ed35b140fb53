"""The county letter of 112-03-01 played from beginning to end, through the pages."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.models import Course, TransferRequest
from courses.queries.lights import teacher_light
from demo import events
from notices.models import Notice

pytestmark = pytest.mark.django_db


def person(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=f"{email}@demo.example"))
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def close(client: Client, title: str, absent: str = "") -> str:
    course = Course.objects.get(title=title)
    url = reverse("hours:close", args=[course.code])
    page = text(client.get(url))
    form = {"request_key": re.search(r'name="request_key" value="(\w+)"', page).group(1), "action": "close"}  # type: ignore[union-attr]
    for row in course.enrolments.select_related("user"):
        form[f"state_{row.pk}"] = "absent" if row.user.name == absent else "attended"
        form[f"hours_{row.pk}"] = "3"
    return text(client.post(url, form, follow=True))


def test_the_letter_from_beginning_to_end() -> None:
    events.load()
    handler, lead, operator, teacher, county = (
        person(p) for p in ("handler", "lead", "operator", "teacher", "county")
    )

    # The unit is red, registration is off, and the page lists the five courses and what to do.
    home = text(handler.get("/unit/"))
    assert "紅燈" in home and "課程登錄功能已關閉" in home and home.count("申請移轉") >= 2
    assert "課程登錄功能已關閉" in text(handler.get("/unit/courses/new/"))

    # One click notifies the handlers, once a day.
    unclosed = [c.pk for c in Course.objects.filter(unit__code="134526").closable()]
    assert "本次已通知" in text(handler.post("/unit/courses/notify/", {"course": unclosed}, follow=True))
    assert Notice.objects.filter(kind="please_close").count() == 2
    handler.post("/unit/courses/notify/", {"course": unclosed})
    assert Notice.objects.filter(kind="please_close").count() == 2

    # Closing one turns the light yellow and opens registration at once; the absent teacher turns from yellow to red.
    yellow = User.objects.get(email="teacher@demo.example")
    assert teacher_light(yellow.pk).absences == 2
    receipt = close(handler, "資通安全與個資保護研習", absent="張雅婷")
    assert "黃燈" in receipt and "課程登錄功能開放中" in receipt
    assert teacher_light(yellow.pk).colour == "red"
    me = text(teacher.get("/me/"))
    assert "紅燈" in me and "資通安全與個資保護研習" in me

    # The teacher objects; the handler corrects with a reason and replies.
    course = Course.objects.get(title="資通安全與個資保護研習")
    teacher.post(reverse("hours:object", args=[course.code]), {"text": "我有簽到"})
    assert "我有簽到" in text(handler.get("/unit/objections/"))
    row = course.enrolments.get(user=yellow)
    form = {"enrolment": row.pk, "state": "attended", "hours": "3", "reason": "查有簽到紀錄"}
    handler.post(reverse("hours:correct", args=[course.code]), form)
    assert teacher_light(yellow.pk).absences == 2
    objection = row.course.objections.get()
    handler.post(reverse("hours:answer_objection", args=[objection.pk]), {"text": "已更正"})
    assert "已更正" in text(teacher.get("/me/"))

    # The courses of a colleague who has left: requested, approved, and the new handler closes them.
    left = Course.objects.filter(handler__user__name="王建國").closable()
    handler.post("/unit/transfers/request/", {"course": [c.pk for c in left], "reason": "王師離職"})
    queue = text(operator.get("/operator/transfers/"))
    assert "資料相符" in queue and "陳怡君" in queue
    waiting = TransferRequest.objects.filter(state="pending", to_account__user__name="陳怡君")
    operator.post("/operator/transfers/decide/", {"action": "approve", "transfer": [t.pk for t in waiting]})
    assert not Course.objects.filter(handler__user__name="王建國").closable().exists()
    for title in ("性別平等教育教師增能研習", "校園霸凌防制與輔導知能研習", "環境教育戶外學習課程設計"):
        assert "已結案" in close(handler, title)

    # A course registered in error becomes a tombstone that the operator sees.
    wrong = Course.objects.get(title="家庭教育親職溝通工作坊")
    lead.post(reverse("courses:withdraw", args=[wrong.code]), {"reason": "not_held"})
    assert wrong.title in text(operator.get("/operator/withdrawn/"))
    assert "綠燈" in text(handler.get("/unit/"))

    # The county sees it, chases the neighbour, and the records can be taken along.
    overview = text(county.get("/county/"))
    assert "縣立南州國中" in overview and "黃燈" in overview
    assert "本次已通知 1 人" in text(county.post("/county/chase/", {"all": "1"}, follow=True))
    export = county.get("/county/export.csv").getvalue().decode("utf-8-sig")
    assert export.startswith("縣市,單位代碼") and "134525" in export
    records = lead.get("/unit/records/download.csv").getvalue()
    assert records.startswith(b"\xef\xbb\xbf") and "教師姓名,課程代碼".encode() in records

    # Nothing in the database contradicts anything else.
    call_command("check_invariants")
