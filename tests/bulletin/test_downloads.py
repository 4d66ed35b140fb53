"""Files to download: who offers them, to whom, until when; found beside the manuals."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.acting import Actor
from audit.models import AuditEvent
from bulletin.actions import downloads
from bulletin.actions.downloads import RETENTION_AFTER_END, DownloadData
from bulletin.errors import AlreadyPast, AlreadyTakenBack, MayNotPublish, VisitorsOfACounty
from bulletin.file_kinds import MOST
from bulletin.models import Download
from bulletin.queries.downloads import offered_to
from files.errors import WrongFileType
from files.models import StoredFile
from kit import body_size, clock
from kit.body_size import MEGABYTE
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db


def pdf(name: str = "格式.pdf", data: bytes = b"%PDF-1") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def publish(by: Actor | None = None, *, upload: Any = None, **fields: Any) -> Download:
    facts = {"title": "研習實施計畫格式", "readers": "members"} | fields
    by = by or acting(make_operator())
    return downloads.publish(by=by, upload=upload or pdf(), data=DownloadData(**facts))


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(client: Client, row: Download) -> Any:
    return client.get(reverse("bulletin:download", args=[row.pk]))


def test_an_officer_offers_files_to_the_own_county_only() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    by = acting(make_officer(home))
    row = publish(by, county=home)
    foreign = publish(county=far)
    data = DownloadData(title="x", readers="members", county=home)
    for county in (far, None):
        with pytest.raises(MayNotPublish):
            publish(by, county=county)
        with pytest.raises(MayNotPublish):
            downloads.change(
                download=row, by=by, data=DownloadData(title="x", readers="members", county=county)
            )
    with pytest.raises(MayNotPublish):
        downloads.change(download=foreign, by=by, data=data)
    with pytest.raises(MayNotPublish):
        downloads.remove(download=foreign, by=by)
    for other in (acting(make_lead()), acting(make_account()), teacher(make_user())):
        with pytest.raises(MayNotPublish):
            publish(other, county=home)


def test_a_file_for_visitors_has_no_county_and_a_last_day_is_not_over() -> None:
    with pytest.raises(VisitorsOfACounty):
        publish(readers="everybody", county=make_county())
    with pytest.raises(AlreadyPast):
        publish(valid_until=clock.today() - timedelta(1))
    with pytest.raises(WrongFileType):
        publish(upload=pdf(data=b"<svg>"))
    assert not Download.objects.exists() and not StoredFile.objects.exists()


def test_only_whom_it_is_for_gets_a_file() -> None:
    unit = make_unit()
    lead, officer = make_lead(unit), make_officer(unit.county)
    row = publish(readers="leads", county=unit.county)
    stranger = make_lead(make_unit(county=make_county("花蓮縣")))
    assert get(browser(lead.user), row).status_code == 200
    assert get(browser(officer.user), row).status_code == 200  # keeps it
    for client in (Client(), browser(make_user(unit=unit)), browser(stranger.user)):
        assert get(client, row).status_code == 404


def test_a_public_file_is_a_download_for_visitors() -> None:
    answer = get(Client(), publish(readers="everybody"))
    assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Content-Type"] == "application/pdf"


def test_a_file_is_offered_until_its_last_day() -> None:
    row, person = publish(valid_until=clock.today()), make_user()
    assert offered_to(teacher(person)) == [row]
    with time_machine.travel(clock.now() + timedelta(1)):
        assert not offered_to(teacher(person)) and get(browser(person), row).status_code == 404


def test_a_replaced_file_stays_thirty_days_and_is_handed_out_no_more() -> None:
    by = acting(make_operator())
    row = publish(by)
    first = row.file
    data = DownloadData(title="新格式", readers="members", version="2")
    changed = downloads.change(download=row, by=by, data=data, upload=pdf("new.pdf"))
    first.refresh_from_db()
    assert changed.file.name == "new.pdf" and first.keep_until == changed.changed_at + RETENTION_AFTER_END
    assert not first.rules.may_read(first, by)
    event = AuditEvent.objects.get(action="download.change")
    assert (event.before["version"], event.after["version"]) == ("", "2")


def test_without_a_new_file_the_old_one_stays() -> None:
    by = acting(make_operator())
    row = publish(by)
    changed = downloads.change(download=row, by=by, data=DownloadData(title="x", readers="members"))
    assert changed.file == row.file and changed.file.keep_until is None


def test_what_was_taken_back_is_neither_offered_nor_changed() -> None:
    by = acting(make_operator())
    row = downloads.remove(download=publish(by), by=by)
    assert row.ended_at and row.file.keep_until == row.ended_at + RETENTION_AFTER_END
    assert not offered_to(by) and get(browser(by.user), row).status_code == 404
    with pytest.raises(AlreadyTakenBack):
        downloads.remove(download=row, by=by)
    with pytest.raises(AlreadyTakenBack):
        downloads.change(download=row, by=by, data=DownloadData(title="x", readers="members"))


def test_files_are_listed_by_their_order_and_found_with_the_manuals() -> None:
    by = acting(make_operator())
    publish(by, title="格式乙", order=20, readers="everybody")
    publish(by, title="格式甲", order=10, readers="everybody", description="台北市格式")
    assert [row.title for row in offered_to(None)] == ["格式甲", "格式乙"]
    assert [row.title for row in offered_to(None, "臺北 格式")] == ["格式甲"]
    page = Client().get(reverse("handbook:index"), {"q": "臺北"}).content.decode()
    assert "格式甲" in page and "格式乙" not in page
    page = Client().get(reverse("handbook:index"), {"q": "結案"}).content.decode()
    assert "業務-6" in page and "格式甲" not in page
    assert (
        "沒有手冊含有這些文字" in Client().get(reverse("handbook:index"), {"q": "甲乙丙丁"}).content.decode()
    )


def test_too_long_a_search_is_said_and_not_cut() -> None:
    page = Client().get(reverse("handbook:index"), {"q": "格" * 101}).content.decode()
    assert "data-errors" in page


def test_the_pages_of_who_keeps_files() -> None:
    officer = make_officer()
    client = browser(officer.user)
    address = reverse("bulletin:add_download")
    facts = {"title": "縣內格式", "readers": "members", "order": "5"}
    page = client.post(address, {**facts, "file": pdf(data=b"<html>")}).content.decode()
    assert "檔案內容不是" in page and not Download.objects.exists()
    assert client.post(address, {**facts, "file": pdf()})["Location"] == reverse("bulletin:kept_downloads")
    row = Download.objects.get()
    assert row.county == officer.unit.county
    edit = reverse("bulletin:edit_download", args=[row.pk])
    assert "格式.pdf" in client.get(edit).content.decode()
    client.post(edit, {**facts, "title": "縣內新格式", "seen": downloads.mark(row)})
    assert "縣內新格式" in client.get(reverse("bulletin:kept_downloads")).content.decode()
    client.post(reverse("bulletin:remove_download", args=[row.pk]))
    row.refresh_from_db()
    assert row.ended_at


def test_larger_files_are_read_only_from_those_who_may_send_them(rf: Any) -> None:
    """A person who may not use the page, or uses another, is refused by the announced length."""
    for route, account, most in (
        ("bulletin:add_download", make_officer(), MOST + MEGABYTE),
        ("bulletin:add_download", make_lead(), body_size.PERSON),
        ("accounts:apply", make_officer(), body_size.PERSON),
    ):
        request = rf.post(reverse(route), {"a": "b"})
        request.user, request.actor = account.user, acting(account)
        assert body_size.largest(request) == most
    request = rf.post("/nowhere/", {"a": "b"})
    request.user, request.actor = make_user(), acting(make_officer())
    assert body_size.largest(request) == body_size.PERSON


def test_a_page_from_before_does_not_overwrite_what_is_said_of_a_file() -> None:
    operator = make_operator()
    row, page = publish(acting(operator)), browser(operator.user)
    path = reverse("bulletin:edit_download", args=[row.pk])
    seen = page.get(path).context["form"]["seen"].value()
    data = DownloadData(title="新格式", readers="members", description="國小用")
    downloads.change(download=row, by=acting(operator), data=data, seen=seen)
    sent = {"title": "x", "readers": "members", "order": "100", "seen": seen}
    assert page.post(path, sent).status_code == 200
    row.refresh_from_db()
    assert (row.title, row.description) == ("新格式", "國小用")
    assert AuditEvent.objects.get(action="download.change").after["description"] == "國小用"
