"""The homes of unit, county and operator: they show first what to do, in as many queries for fifty rows as for one."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import BusinessAccount, Unit
from courses.actions import lights, transfers
from courses.models import Course, LightChange, UnitLight
from courses.queries import oversight, system_state
from courses.tasks import watch_calendar
from courses.views.registration import own_course
from hours.actions import objections
from kit import clock
from notices.models import Notice
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    overdue_courses,
    teacher,
)
from tests.security.world import _application

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def page_of(client: Client, route: str, query: str = "") -> str:
    return " ".join(client.get(reverse(route) + query).content.decode().split())


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_operator_of_an_empty_installation_is_led_to_the_import_of_units() -> None:
    operator = make_operator()
    Unit.objects.filter(pk=operator.unit_id).update(county=None)
    client = client_of(operator)
    link = f'href="{reverse("accounts:import_units")}">匯入單位'
    assert link in page_of(client, "courses:operator")
    make_unit("134526", county=make_county("屏東縣"))
    assert link not in page_of(client, "courses:operator")


def test_the_clerk_sees_own_courses_by_deadline_with_people_days_and_one_button() -> None:
    handler = make_account()
    late, soon, open_ = (make_course(handler, ago=ago, title=f"課程{ago}") for ago in (40, 26, 2))
    make_enrolment(late)
    make_course(handler, title="以後的課程")
    page = page_of(client_of(handler), "courses:unit_home")
    due = page.split('id="due-title"')[1].split("</section>")[0]
    assert [due.index(course.title) for course in (late, soon, open_)] == sorted(
        due.index(course.title) for course in (late, soon, open_)
    )
    assert due.count("核發時數並結案") == 3 and "以後的課程" not in due
    assert re.search("已逾期 ?<strong>10</strong> ?天", due) and re.search(
        "尚餘 ?<strong>4</strong> ?天", due
    )
    assert "1 人" in due
    assert "您有 3 門課程待核發時數。" in page and "其中 1 門已逾期。" in page


def test_courses_of_colleagues_are_notified_about_and_those_of_people_who_left_are_requested() -> None:
    handler = make_account()
    colleague = make_account(handler.unit)
    gone = make_account(handler.unit, valid_until=clock.today() - timedelta(days=1))
    make_course(colleague, ago=3)
    make_course(gone, ago=4)
    theirs = page_of(client_of(handler), "courses:unit_home").split('id="theirs-title"')[1]
    assert f"通知{colleague.user.name}" in theirs and "申請移轉" in theirs and "帳號已停用" in theirs
    assert "一次通知所有承辦人" not in theirs and "由您代為核發" not in theirs


def test_the_lead_notifies_all_colleagues_in_one_click_and_comes_back() -> None:
    lead = make_lead()
    handlers = [make_account(lead.unit) for _ in range(3)]
    for handler in handlers:
        make_course(handler, ago=3)
    own = make_course(lead, ago=3)
    client = client_of(lead)
    page = page_of(client, "courses:unit_home")
    form = re.search(r'<form[^>]*data-confirm="確定通知這些同仁[^>]*>(.*?)</form>', page)
    assert form
    courses = re.findall(r'name="course" value="(\d+)"', form.group(1))
    answer = client.post(reverse("courses:notify_handlers"), {"course": courses, "back": "home"})
    assert answer.url == "/unit/" and str(own.pk) not in courses
    told = Notice.objects.filter(kind="please_close").values_list("recipient", flat=True)
    assert set(told) == {handler.user_id for handler in handlers}
    assert client.post(reverse("courses:notify_handlers"), {"course": courses}).url.startswith(
        "/unit/courses/"
    )


def test_what_waits_besides_is_counted_and_linked() -> None:
    lead = make_lead()
    handler, colleague = make_account(lead.unit), make_account(lead.unit)
    review = make_course(handler, title="審核制課程")
    for _ in range(2):
        make_enrolment(review, state="applied")
    closed = make_course(handler, ago=9)
    absent = make_enrolment(closed)
    close(closed, absent=(absent,))
    objections.object_to(course=closed, by=teacher(absent.user), text="有到")
    transfers.request(by=acting(colleague), courses=[make_course(handler, ago=3)], reason="接辦")
    _application(make_user(), lead.unit)
    page = page_of(client_of(lead), "courses:unit_home").split('id="waits-title"')[1]
    for number, words, route in (
        (2, "位報名者待審核：審核制課程", reverse("courses:applicants", args=[review.code])),
        (1, "件時數疑義待回覆", reverse("hours:objections")),
        (1, "件業務帳號申請待審核", reverse("accounts:requests")),
        (1, "件移轉申請待平臺處理", reverse("courses:transfers")),
    ):
        assert f'href="{route}"><strong>{number}</strong> {words}' in page
    assert "業務帳號申請" not in page_of(client_of(handler), "courses:unit_home")
    assert "時數疑義待回覆" not in page_of(client_of(colleague), "courses:unit_home")


def test_an_empty_desk_congratulates() -> None:
    handler = make_account()
    course = make_course(handler, ago=3)
    client = client_of(handler)
    assert "全部結案，辛苦了！" not in page_of(client, "courses:unit_home")
    close(course)
    page = page_of(client, "courses:unit_home")
    assert "全部結案，辛苦了！" in page and "已結束的課程都已結案，謝謝您！" in page
    make_course(make_account(handler.unit), ago=3)
    assert "您的課程都已結案，同仁尚有 1 門未結案。" in page_of(client, "courses:unit_home")


def test_the_desk_takes_as_many_queries_for_one_course_as_for_fifty() -> None:
    lead = make_lead()
    client, asked = client_of(lead), []
    for rows in (1, 49):
        for number in range(rows):
            handler = make_account(lead.unit)
            make_enrolment(make_course(handler, ago=3 + number))
            make_enrolment(make_course(handler), state="applied")
        asked.append(queries(client, "/unit/"))
    assert asked[0] == asked[1] <= MOST_QUERIES


def test_more_unclosed_courses_than_the_desk_lists_are_counted_all_the_same(monkeypatch: Any) -> None:
    handler = make_account()
    overdue_courses(handler, 6)
    monkeypatch.setattr("courses.queries.unit_outlook.MOST", 3)
    page = page_of(client_of(handler), "courses:unit_home")
    assert "逾期 6 門" in page and "查看所有尚未結案的課程" in page


def red_unit(county: Any, overdue: int = 5, **fields: Any) -> BusinessAccount:
    handler = make_account(make_unit(county=county, **fields))
    overdue_courses(handler, overdue)
    return handler


def test_the_county_sees_units_by_need_with_the_last_chase() -> None:
    officer = make_officer()
    county = officer.unit.county
    yellow, red = red_unit(county, 2), red_unit(county, 6)
    lights.refresh()
    client = client_of(officer)
    before = page_of(client, "courses:county")
    assert before.index(red.unit.name) < before.index(yellow.unit.name)
    assert "1 個單位為紅燈，無法登錄課程。" in before and officer.user.name not in before.split("<tbody>")[-1]
    client.post(reverse("courses:chase"), {"only": red.unit_id, "unit": yellow.unit_id})
    assert set(Notice.objects.values_list("recipient", flat=True).filter(kind="please_close")) == {
        red.user_id
    }
    row = page_of(client, "courses:county").split(f">{red.unit.name}</a>")[1].split("</tr>")[0]
    assert "115年11月24日" in row and officer.user.name in row


def test_all_red_units_of_the_list_are_chased_in_one_click_and_the_filters_stay() -> None:
    officer = make_officer()
    county = officer.unit.county
    red, other, yellow = (
        red_unit(county, name="南州一"),
        red_unit(county, name="潮州"),
        red_unit(county, 2, name="南州二"),
    )
    lights.refresh()
    client = client_of(officer)
    query = "?q=南州&colour="
    action = re.search(
        r'<form method="post" action="(/county/chase/[^"]*)"', page_of(client, "courses:county", query)
    )
    assert action
    answer = client.post(action.group(1).replace("&amp;", "&"), {"red": "1"})
    told = set(Notice.objects.filter(kind="please_close").values_list("recipient", flat=True))
    assert told == {red.user_id}
    assert answer.url == "/county/?q=%E5%8D%97%E5%B7%9E"
    client.post(reverse("courses:chase"), {"all": "1"})
    told = set(Notice.objects.filter(kind="please_close").values_list("recipient", flat=True))
    assert told == {red.user_id, other.user_id, yellow.user_id}


def test_red_ones_can_be_chosen_without_a_script() -> None:
    officer = make_officer()
    red, yellow = red_unit(officer.unit.county), red_unit(officer.unit.county, 1)
    lights.refresh()
    page = page_of(client_of(officer), "courses:county", "?chosen=red")
    assert re.search(rf'name="unit" value="{red.unit_id}"[^>]* checked\b', page)
    assert not re.search(rf'name="unit" value="{yellow.unit_id}"[^>]* checked\b', page)


@pytest.mark.parametrize("bad", ["x", "-1", "99999999999", ""])
def test_chasing_a_unit_that_there_is_not_says_so_and_notifies_nobody(bad: str) -> None:
    client = client_of(make_officer())
    for form in ({"only": bad}, {"unit": bad}, {"red": bad}):
        assert client.post(reverse("courses:chase"), form).status_code == 302
    assert not Notice.objects.exists()


@pytest.mark.parametrize("path", ["/county/", "/county/figures/", "/unit/figures/", "/operator/"])
def test_a_page_takes_as_many_queries_for_one_unit_as_for_fifty(path: str) -> None:
    county, asked = make_county(), []
    hats = {
        "county": make_officer(county),
        "operator": make_operator(),
        "unit": make_account(make_unit(county=county)),
    }
    client = client_of(hats[path.split("/")[1]])
    for rows in (1, 49):
        for number in range(rows):
            far = make_account(make_unit(county=make_county(f"縣{rows}-{number}")))
            for handler in (make_account(make_unit(county=county)), far):
                make_course(handler, ago=40)
            make_course(hats["unit"], ago=50)
        lights.refresh()
        asked.append(queries(client, path))
    assert asked[0] == asked[1] <= MOST_QUERIES


def test_the_operators_queues_say_how_many_and_how_old() -> None:
    operator, handler = make_operator(), make_account()
    colleague = make_account(handler.unit)
    row = transfers.request(by=acting(colleague), courses=[make_course(handler, ago=3)], reason="接辦")
    assert row
    handler.unit.applications.model.objects.filter(pk=_application(make_user(), handler.unit).pk).update(
        requested_at=clock.now() - timedelta(days=3)
    )
    page = page_of(client_of(operator), "courses:operator")
    assert re.search(r'queue-waits" ?> ?<span class="stat-number">1</span><br>課程移轉申請', page)
    assert re.search(
        r'<span class="stat-number">1</span><br>業務帳號申請 ?<br> ?<span class="small muted"> ?最早已等候 3\s',
        page,
    )
    assert re.search(r'class="stat" ?> ?<span class="stat-number">0</span><br>姓名或電子郵件變更', page)


def test_mails_given_up_and_an_outbox_that_does_not_move_are_seen() -> None:
    operator = make_operator()
    client = client_of(operator)
    facts = {"kind": "k", "recipient": operator.user, "subject": "s", "body": "b"}
    Notice.objects.create(key="new", created_at=clock.now() - timedelta(minutes=9), **facts)
    assert "郵件寄送正常" in page_of(client, "courses:operator")
    Notice.objects.create(key="old", created_at=clock.now() - timedelta(minutes=11), **facts)
    page = page_of(client, "courses:operator")
    assert "郵件寄送停滯" in page and "排程已停止" in page and "待寄 2 封" in page
    Notice.objects.filter(key="old").update(failing_since=clock.now())
    page = page_of(client, "courses:operator")
    assert "郵件寄送正常" in page and "待寄 1 封" in page and "1 封遭郵件伺服器拒收" in page
    Notice.objects.filter(key="old").update(given_up_at=clock.now())
    page = page_of(client, "courses:operator")
    assert re.search(r'queue-bad" ?> ?<span class="stat-number">1</span><br>寄送失敗的郵件', page)
    assert "郵件寄送正常" in page


def test_a_dead_beat_is_seen_although_acts_go_on_counting_their_own_unit() -> None:
    handler, operator = make_account(), make_operator()
    lights.refresh()
    client = client_of(operator)
    assert "燈號準時計算" in page_of(client, "courses:operator")
    UnitLight.objects.update(computed_at=clock.now() - system_state.COUNTED_WITHIN - timedelta(minutes=1))
    lights.refresh(unit_ids=[handler.unit_id], cause="closing")
    assert "燈號未準時計算" in page_of(client, "courses:operator")
    lights.refresh()
    assert "燈號準時計算" in page_of(client, "courses:operator")


def test_red_units_by_month_follow_the_recorded_changes() -> None:
    unit = make_unit()
    for month, before, after in (
        (3, "yellow", "red"),
        (5, "red", "green"),
        (5, "yellow", "red"),
        (9, "green", "yellow"),
    ):
        at = clock.at_taipei(clock.date(2026, month, 10))
        LightChange.objects.create(
            unit=unit, year=115, before=before, after=after, overdue=1, cause="job", at=at
        )
    late = clock.at_taipei(clock.date(2027, 1, 2))
    LightChange.objects.create(
        unit=unit, year=115, before="green", after="red", overdue=1, cause="job", at=late
    )
    assert oversight.reds_by_month(115)[unit.county_id] == [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def test_pictures_of_unit_and_county_and_their_files() -> None:
    officer = make_officer()
    handler = red_unit(officer.unit.county, district="南州鄉")
    Course.objects.update(registered_at=clock.now() - timedelta(days=100))
    close(make_course(handler, ago=4))
    lights.refresh()
    unit, county = client_of(handler), client_of(officer)
    page = page_of(unit, "courses:unit_figures")
    assert "最多 5 門，目前 5 門" in page and "紅燈門檻 5" in page and "半數於 4 天內結案" in page
    assert page.count('<svg class="chart-svg" role="img"') == 2 and page.count("<table") == 2
    csv = unit.get("/unit/figures/light.csv?year=115").getvalue().decode()
    assert csv.startswith("\ufeff日期,逾期") and csv.strip().endswith("115年11月24日,5")
    assert b"<svg" in unit.get("/unit/figures/speed.svg").content
    page = page_of(county, "courses:county_figures")
    assert "目前 1 個" in page and "南州鄉（1 個紅燈單位）" in page
    for name in ("colours", "reds", "places", "levels"):
        for fmt in ("svg", "csv", "ods", "xlsx"):
            assert county.get(f"/county/figures/{name}.{fmt}").status_code == 200
    for path in ("/unit/figures/x.svg", "/unit/figures/light.exe"):
        assert unit.get(path).status_code == 404


@pytest.mark.parametrize("year", ["", "x", "-1", "1", "999", "99999999999", "114"])
def test_years_of_pictures_that_there_are_not_are_this_year(year: str) -> None:
    client = client_of(make_account())
    for path in ("/unit/figures/", "/unit/figures/light.svg", "/me/figures/topics.csv", "/me/hours/"):
        assert client.get(path, {"year": year}).status_code == 200


def test_pictures_of_one_county_are_not_anothers() -> None:
    red_unit(make_county("花蓮縣"), district="吉安鄉")
    lights.refresh()
    officer = make_officer()
    assert "吉安鄉" not in page_of(client_of(officer), "courses:county_figures", "?county=1")
    assert "花蓮縣" in page_of(client_of(make_operator()), "courses:county_figures")


def test_the_operators_are_notified_once_that_the_next_calendar_is_missing() -> None:
    operator, handler = make_operator(), make_account()
    assert watch_calendar() == 0
    with time_machine.travel(clock.at_taipei(date(2027, 7, 1))):
        assert (watch_calendar(), watch_calendar()) == (1, 0)
        notice = Notice.objects.get(kind="calendar_missing")
        assert notice.recipient == operator.user and "117" in notice.subject
        assert not Notice.objects.filter(recipient=handler.user).exists()
        assert system_state.state(116, clock.now(), None).calendar_missing == 2028


def test_the_operators_desk_names_the_missing_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    operator = make_operator()
    assert "辦公日曆表" not in page_of(client_of(operator), "courses:operator")
    monkeypatch.setattr(system_state, "missing_year", lambda today: 2028)
    assert "缺少 117 年的辦公日曆表" in page_of(client_of(operator), "courses:operator")


def test_a_school_that_has_closed_nothing_is_not_praised_for_it() -> None:
    handler = make_account()
    client = client_of(handler)
    page = page_of(client, "courses:unit_home")
    assert "目前沒有需要核發時數的課程。" in page and "well-done" in page and "完整" not in page
    course = make_course(handler, ago=1)
    row = make_enrolment(course)
    close(course, absent=(row,))
    assert "目前沒有需要核發時數的課程。" not in page_of(client, "courses:unit_home")


def test_only_a_units_hat_finds_a_course_of_a_unit() -> None:
    course = make_course()
    request = RequestFactory().get("/")
    for by in (acting(make_officer(course.unit.county)), teacher(course.handler.user)):
        request.actor = by  # type: ignore[attr-defined]
        with pytest.raises(Http404):
            own_course(request, course.code)  # type: ignore[arg-type]
    request.actor = acting(course.handler)  # type: ignore[attr-defined]
    assert own_course(request, course.code) == course  # type: ignore[arg-type]


def test_the_desk_completes_nothing_that_is_typed(client: Client) -> None:
    client.force_login(make_operator().user)
    assert client.get("/desk/autocomplete/").status_code == 404
    with pytest.raises(Http404):
        admin.site.autocomplete_view(RequestFactory().get("/desk/autocomplete/"))
