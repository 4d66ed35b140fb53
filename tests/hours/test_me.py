"""A teacher's home: the light in words, what lies ahead, what is owed, what was forgotten; the yearly record."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from courses.models import Course, Enrolment, Tag, YearlyPolicy
from courses.queries.lights import teacher_light
from courses.queries.windows import last_day_to_cancel
from hours.actions import objections
from hours.queries import teacher as mine
from kit import clock
from signin import sessions
from tests.factories import close, make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db


def home_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(client.get("/me/").content.decode().split())


def attended(user: User, ago: int = 5, absent: bool = False, **fields: Any) -> Enrolment:
    course = make_course(ago=ago, **fields)
    row = make_enrolment(course, user)
    close(course, absent=(row,) if absent else ())
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    ("absences", "sentences"),
    [
        (0, ["本年度您報名且已結案的研習都有參與。", "綠燈"]),
        (1, ["您今年有 1 次報名但未參與：", "黃燈", "再有 2 次未參與即為紅燈。"]),
        (2, ["您今年有 2 次報名但未參與：", "黃燈", "再有 1 次未參與即為紅燈。"]),
        (3, ["您今年有 3 次報名但未參與：", "紅燈"]),
    ],
)
def test_the_light_is_explained_in_words_and_with_its_courses(absences: int, sentences: list[str]) -> None:
    user = make_user()
    rows = [attended(user, ago=5 + number, absent=True) for number in range(absences)]
    attended(user, ago=400, absent=True, title="去年的缺席")
    page = home_of(user)
    light = page.split('id="light-title"')[1].split("</section>")[0]
    assert [words for words in [*sentences, *(row.course.title for row in rows)] if words not in light] == []
    assert "燈號僅供參考" in light and "去年的缺席" not in light
    assert ("即為紅燈" in light) == (0 < absences < 3)
    assert teacher_light(user.pk).absences == absences == len(mine.record_of_year(user.pk, 115).absences)


def test_the_next_course_is_counted_down_in_words() -> None:
    user = make_user()
    assert "您目前沒有即將參加的研習。" in home_of(user)
    make_enrolment(make_course(title="遠的"), user)
    assert "您下一場研習「遠的」還有 14 天。" in home_of(user)
    make_enrolment(make_course(ago=-1, title="明日的"), user)
    assert "明天 13:30：「明日的」。" in home_of(user)
    make_enrolment(make_course(ago=0, title="今日的"), user)
    assert "今天 13:30：「今日的」。" in home_of(user)
    with time_machine.travel(clock.at_taipei(clock.today(), time(14)), tick=False):
        assert "「今日的」進行中，16:30 結束。" in home_of(user)


def test_between_two_sessions_the_next_one_is_named_with_hour_and_place() -> None:
    user, course = make_user(), make_course(ago=7, title="三場的")
    for days, place in ((-1, "圖書館"), (-8, "")):
        starts = clock.at_taipei(clock.today() - timedelta(days=days), time(9, 30))
        course.sessions.create(starts_at=starts, ends_at=starts + timedelta(hours=3), place=place)
    Course.objects.filter(pk=course.pk).update(
        ends_on=clock.day_of(starts), ends_at=starts + timedelta(hours=3)
    )
    make_enrolment(course, user)
    make_enrolment(make_course(ago=-3, title="後天的"), user)
    page = home_of(user)
    assert "明天 09:30：「三場的」。" in page and "09:30–12:30 · 圖書館" in page
    ahead = page.split('id="ahead-title"')[1].split("</section>")[0]
    assert "第 2 場，共 3 場" in ahead and ahead.index("三場的") < ahead.index("後天的")


@pytest.mark.parametrize("days", [1, 7])
def test_the_last_day_to_cancel_is_that_of_the_courses_own_year(days: int) -> None:
    user, course = make_user(), make_course(day=date(2027, 1, 20))
    YearlyPolicy.objects.create(year=116, cancel_days_before=days)
    make_enrolment(course, user)
    assert f"{clock.to_roc(last_day_to_cancel(course))}（含）以前可取消" in home_of(user)  # type: ignore[arg-type]
    assert last_day_to_cancel(course) == date(2027, 1, 20 - days)


def test_a_course_ahead_says_until_when_cancelling_is_no_absence() -> None:
    user = make_user()
    make_enrolment(make_course(), user)
    assert "115年12月7日（含）以前可取消" in home_of(user)


def test_places_on_waiting_lists_are_said_and_move_up() -> None:
    course, user = make_course(capacity=1), make_user()
    now = clock.now()
    first, second = make_user(), make_user()
    rows = [make_enrolment(course, who, "waitlisted", enrolled_at=now) for who in (first, second)]
    make_enrolment(course, user, "waitlisted", enrolled_at=now - timedelta(minutes=-5))
    make_enrolment(make_course(), make_user(), "waitlisted", enrolled_at=now - timedelta(days=1))
    assert "備取第 3 位" in home_of(user)
    assert "備取第 1 位" in home_of(first) and "備取第 2 位" in home_of(second)
    Enrolment.objects.filter(pk=rows[0].pk).update(state="cancelled")
    assert "備取第 2 位" in home_of(user)


def test_owed_hours_say_since_when_and_whom_to_ask() -> None:
    user = make_user()
    make_enrolment(
        make_course(ago=12, contact_phone="08-123", contact_name="王承辦", contact_mail="a@b.example"), user
    )
    page = home_of(user)
    assert re.search("已結束 ?<strong>12</strong> ?天", page)
    for words in ("王承辦", "08-123", "mailto:a@b.example"):
        assert words in page


def test_forgotten_hours_can_be_objected_to_once() -> None:
    user = make_user()
    row = attended(user, ago=400, absent=True)
    page = home_of(user)
    forgotten = page.split("已結案但未獲時數")[1].split("</section>")[0]
    assert f"/me/objections/{row.course.code}/" in forgotten
    objections.object_to(course=row.course, by=teacher(user), text="有到")
    page = home_of(user)
    assert "已提出疑義" in page and f"/me/objections/{row.course.code}/" not in page


def test_hours_by_topic_sum_corrections_and_leave_out_what_was_taken_back() -> None:
    user = make_user()
    row = attended(user)
    row.course.tags.set(Tag.objects.order_by("code")[:2])
    attended(user, ago=6)
    attended(user, ago=400)
    topics = mine.hours_by_topic(user.pk, 115)
    assert sorted(hours for _, hours in topics) == [Decimal(3)] * 3 and ("", Decimal(3)) in topics
    assert "6" in home_of(user).split('id="hours-title"')[1][:120]


def test_the_yearly_record_sums_its_own_year_only() -> None:
    user = make_user()
    this, other = attended(user), attended(user, ago=400)
    client = Client()
    client.force_login(user)
    page = client.get("/me/hours/").content.decode()
    assert this.course.title in page and other.course.title not in page and "合計" in page
    last = client.get("/me/hours/?year=114").content.decode()
    assert other.course.title in last and this.course.title not in last
    assert "本年度沒有研習時數" in client.get("/me/hours/?year=110").content.decode()


def test_the_home_takes_as_many_queries_for_one_row_of_each_kind_as_for_fifty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Building the rows may take a minute, after which a session notes that it is in use.
    monkeypatch.setattr(sessions, "GRAIN", float("inf"))
    user, handler, asked = make_user(), make_account(), []
    client = Client()
    client.force_login(user)
    for rows in (1, 49):
        for number in range(rows):
            make_enrolment(make_course(handler), user)
            make_enrolment(make_course(handler, ago=2 + number), user)
            for ago in (3, 400):
                absent = make_enrolment(make_course(handler, ago=ago), user)
                close(absent.course, absent=(absent,))
                close(make_enrolment(make_course(handler, ago=ago), user).course)
            objections.object_to(course=absent.course, by=teacher(user), text="有到")
        client.get("/me/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/me/").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 13


def test_who_got_too_few_hours_finds_where_to_object(client: Client) -> None:
    row = make_enrolment(make_course(ago=10))
    close(row.course)
    client.force_login(row.user)
    page = client.get(reverse("hours:me")).content.decode()
    assert reverse("hours:object", args=[row.course.code]) in page
