"""The pages of campaigns: draft, preview, beginning, progress, files, and the unit's home."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.forms.unit_field import UnitField
from accounts.models import BusinessAccount, FormerCode
from courses.models import Campaign, CampaignUnit
from jobs import runner
from jobs.models import Job
from kit import clock
from notices.models import Notice
from tests.courses.test_campaigns import begun, school, told
from tests.factories import (
    acting,
    close,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def client_of(account: BusinessAccount) -> Client:
    client = Client()
    client.force_login(account.user)
    return client


def page_of(client: Client, route: str, *args: Any, query: str = "") -> str:
    return " ".join(client.get(reverse(route, args=args) + query).content.decode().split())


def form(**more: Any) -> dict[str, Any]:
    day = (clock.today() + 30 * DAY).isoformat()
    return {
        "version": 0,
        "title": "年度清查",
        "year": 115,
        "deadline": day,
        "before": "14, 7",
        "after": "3",
    } | more


def test_an_officer_prepares_previews_and_begins_a_campaign() -> None:
    officer, handler = make_officer(), school(phone="08-7880000")
    make_lead(handler.unit)
    client = client_of(officer)
    assert "尚無清查" in page_of(client, "courses:campaigns")
    answer = client.post(reverse("courses:campaign_new"), form(text="請依限辦理"))
    campaign = Campaign.objects.get()
    assert answer.url == reverse("courses:campaign", args=[campaign.pk])
    assert (campaign.steps, campaign.county) == ([-14, -7, 3], officer.unit.county)
    preview = page_of(client, "courses:campaign", campaign.pk)
    assert "尚未通知任何人" in preview and "1 個單位、2 門尚未結案的課程、通知 2 人" in preview
    assert "範例 1" in preview and "請依限辦理" in preview and not told("campaign_begun")
    version = re.search(r'name="version" value="(\d+)"', preview)
    assert version
    answer = client.post(reverse("courses:campaign_begin", args=[campaign.pk]), {"version": version[1]})
    job = Job.objects.get(kind="campaign")
    assert answer.url == reverse("jobs:job", args=[job.pk])
    runner.run(job.pk)
    assert len(told("campaign_begun")) == 2
    assert "前往清查頁面" in page_of(client, "jobs:job", job.pk)
    running = page_of(client, "courses:campaign", campaign.pk)
    assert "2 門課程中尚有 2 門未結案" in running and handler.unit.name in running and "08-7880000" in running
    assert "0 / 1" in page_of(client, "courses:campaigns")


def test_three_samples_of_different_units_are_shown() -> None:
    client = client_of(make_officer())
    schools = [school() for _ in range(4)]
    client.post(reverse("courses:campaign_new"), form())
    preview = page_of(client, "courses:campaign", Campaign.objects.get().pk)
    assert "範例 3" in preview and "範例 4" not in preview
    assert sum(f"寄給{handler.unit.name}" in preview for handler in schools) == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "此為必需欄位"),
        ({"deadline": "2020-01-01"}, "期限不可早於今天"),
        ({"before": "7, x"}, "請填 0 到 90 的天數"),
        ({"after": "91"}, "請填 0 到 90 的天數"),
        ({"before": ",".join(str(n) for n in range(20))}, "最多 10 次後續通知"),
        ({"codes": "999999"}, "查無下列代碼的單位：999999"),
        ({"year": "300"}, "300"),
        ({"colours": "odd"}, "odd"),
        ({"districts": "別的鎮"}, "別的鎮"),
    ],
)
def test_a_mistake_is_shown_at_its_field_and_nothing_is_saved(fields: dict[str, str], sentence: str) -> None:
    answer = client_of(make_officer()).post(reverse("courses:campaign_new"), form(**fields))
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert not Campaign.objects.exists()


def test_codes_of_another_county_are_refused_for_an_officer_and_taken_from_the_operator() -> None:
    far = school(make_county("花蓮縣"), code="600888")
    answer = client_of(make_officer()).post(reverse("courses:campaign_new"), form(codes=far.unit.code))
    assert "查無下列代碼的單位" in answer.content.decode()
    client_of(make_operator()).post(reverse("courses:campaign_new"), form(codes=" 600888,"))
    assert Campaign.objects.get().codes == ["600888"]


def test_a_draft_is_changed_and_discarded() -> None:
    client = client_of(make_officer())
    client.post(reverse("courses:campaign_new"), form(colours=["red"], before=""))
    campaign = Campaign.objects.get()
    edit = reverse("courses:campaign_edit", args=[campaign.pk])
    assert re.search(r'value="red"[^>]*checked', client.get(edit).content.decode())
    client.post(edit, form(version=1, title="改名"))
    campaign.refresh_from_db()
    assert (campaign.title, campaign.version, campaign.colours) == ("改名", 2, [])
    assert "其他同仁剛修改了" in client.post(edit, form(version=1)).content.decode()
    client.post(reverse("courses:campaign_discard", args=[campaign.pk]))
    assert not Campaign.objects.exists()


def test_a_begun_campaign_has_no_form_and_a_draft_without_courses_no_button() -> None:
    officer = make_officer()
    client = client_of(officer)
    client.post(reverse("courses:campaign_new"), form())
    draft = Campaign.objects.get()
    assert "沒有需要清查的課程" in page_of(client, "courses:campaign", draft.pk)
    answer = client.post(reverse("courses:campaign_begin", args=[draft.pk]), {"version": 1}, follow=True)
    assert "沒有單位有該年度已結束而尚未結案的課程" in answer.content.decode()
    school()
    running = begun(acting(officer))
    answer = client.get(reverse("courses:campaign_edit", args=[running.pk]), follow=True)
    assert "不能再修改" in answer.content.decode()
    answer = client.post(reverse("courses:campaign_discard", args=[running.pk]), follow=True)
    assert "不能再修改" in answer.content.decode() and Campaign.objects.count() == 2


def test_the_page_shows_those_done_and_those_open_and_goes_along_as_a_file() -> None:
    officer, open_, done = make_officer(), school(), school(courses=1)
    campaign = begun(acting(officer))
    close(done.unit.courses.get())
    client = client_of(officer)
    for show, there, absent in (("open", open_, done), ("done", done, open_)):
        page = page_of(client, "courses:campaign", campaign.pk, query=f"?show={show}")
        assert there.unit.name in page and absent.unit.name not in page
    path = reverse("courses:campaign", args=[campaign.pk])
    for fmt in ("ods", "xlsx"):
        assert client.get(path, {"download": fmt})["Content-Disposition"].endswith(f".{fmt}")
    rows = b"".join(client.get(path, {"download": "csv"})).decode("utf-8-sig").splitlines()
    assert len(rows) == 3 and "清查課程數" in rows[0]
    assert any(done.unit.name in row and ",1,1,0," in row for row in rows)


def test_from_january_this_year_and_last_years_rest_are_side_by_side() -> None:
    officer, handler = make_officer(), school(courses=3)
    with time_machine.travel(clock.at_taipei(clock.today().replace(year=2027, month=2, day=20)), tick=False):
        make_course(handler, ago=10)
        client = client_of(officer)
        page_of(client, "courses:county")
        campaign = begun(acting(officer), year=115, deadline=clock.today() + 30 * DAY)
        page = page_of(client, "courses:campaign", campaign.pk)
        cells = re.findall(r'data-label="(1\d\d)[^"]*"> ?(\d+) ?<', page)
        assert cells == [("116", "1"), ("115", "3")]
        assert "115 年度尚未結案" in page_of(client, "courses:county")


def test_the_operator_ends_a_campaign_and_units_no_longer_see_it() -> None:
    operator, handler = make_operator(), school()
    campaign = begun(acting(operator))
    assert "平臺管理者請貴單位" in page_of(client_of(handler), "courses:unit_home")
    answer = client_of(operator).post(reverse("courses:campaign_end", args=[campaign.pk]), follow=True)
    assert "清查已結束" in answer.content.decode()
    assert "平臺管理者請貴單位" not in page_of(client_of(handler), "courses:unit_home")
    answer = client_of(operator).post(reverse("courses:campaign_end", args=[campaign.pk]), follow=True)
    assert "未在進行中" in answer.content.decode()


def test_the_rest_can_be_notified_from_the_page() -> None:
    officer, handler = make_officer(), school()
    campaign = begun(acting(officer))
    CampaignUnit.objects.update(told_at=None)
    Notice.objects.all().delete()
    client = client_of(officer)
    assert "通知尚未收到通知的 1 個單位" in page_of(client, "courses:campaign", campaign.pk)
    client.post(reverse("courses:campaign_go_on", args=[campaign.pk]))
    runner.run(Job.objects.filter(kind="campaign").latest("pk").pk)
    assert told("campaign_begun") == {handler.user_id}


def test_the_units_home_shows_what_the_county_asks_for_and_shrinks_with_each_closing() -> None:
    officer, handler = make_officer(), school()
    other = make_account(handler.unit)
    make_course(other, ago=60, title="同仁的課程")
    lead = make_lead(handler.unit)
    begun(acting(officer), text="請於寒假前完成")
    home = page_of(client_of(handler), "courses:unit_home")
    assert "屏東縣請貴單位於 115年12月31日前將下列 3 門課程結案" in home and "請於寒假前完成" in home
    panel = home.split('id="asked-')[1].split("</section>")[0]
    assert "同仁的課程" not in panel and "其中 1 門由同仁承辦" in panel
    panel = page_of(client_of(lead), "courses:unit_home").split('id="asked-')[1].split("</section>")[0]
    assert "同仁的課程" in panel and panel.count("<li>") == 3
    for course in handler.unit.courses.all()[:2]:
        close(course)
    assert "前將下列 1 門課程結案" in page_of(client_of(lead), "courses:unit_home")
    close(handler.unit.courses.get(state="registered"))
    assert 'id="asked-' not in page_of(client_of(lead), "courses:unit_home")


def test_codes_are_taken_in_full_width_and_as_they_were_formerly() -> None:
    account = school()
    FormerCode.objects.create(unit=account.unit, code="999001", level=account.unit.level, until=clock.today())
    wide = "".join(chr(ord(c) + 0xFEE0) for c in account.unit.code)
    client = client_of(make_officer(account.unit.county))
    for typed in (wide, "999001"):
        client.post(reverse("courses:campaign_new"), form(codes=typed))
    assert [campaign.codes for campaign in Campaign.objects.all()] == [[account.unit.code]] * 2
    assert UnitField().clean(wide) == account.unit
