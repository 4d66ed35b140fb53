"""What operator and county publish in the demonstration: announcements, a file to download, a day off."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions import days_off
from bulletin.actions import announcements, downloads
from bulletin.actions.downloads import DownloadData
from demo.people import DemoPeople, actor


def load(cast: DemoPeople, today: date) -> None:
    """A line of the operator that has not begun, one of the county, one that was taken back; a file of the operator."""
    operator, officer = actor(cast.operator), actor(cast.county)
    county = cast.county.unit.county
    announcements.publish(
        by=operator,
        text="12 月 5 日（六）08:00–12:00 系統維護，暫停登入。",
        readers="everybody",
        county=None,
        first_day=today + timedelta(days=7),
        last_day=today + timedelta(days=14),
    )
    announcements.publish(
        by=officer,
        text="請於 12 月 20 日前完成本年度研習結案。",
        readers="handlers",
        county=county,
        first_day=today,
        last_day=today + timedelta(days=25),
    )
    past = announcements.publish(
        by=officer,
        text="輔導團增能研習延期。",
        readers="members",
        county=county,
        first_day=today,
        last_day=today,
    )
    announcements.end(announcement=past, by=officer)
    days_off.add(by=officer, day=today + timedelta(days=30), name="縣運補假", county=county)
    plan = SimpleUploadedFile("plan.csv", "項目,內容\n研習名稱,\n依據公文,\n實施計畫,\n".encode("utf-8-sig"))
    data = DownloadData(
        title="研習實施計畫範本",
        readers="everybody",
        description="登錄課程前先擬妥實施計畫。",
        version="115.11",
        order=10,
    )
    downloads.publish(by=operator, upload=plan, data=data)
