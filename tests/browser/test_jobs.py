"""Long work in a real Chromium: a file with two bad rows, its progress watched to the end, the refused rows taken along; and the
same without JavaScript."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.actions import imports
from accounts.models import Unit
from jobs import actions, progress, runner
from jobs.models import Job
from tests.browser import pages
from tests.browser.contexts import Lend
from tests.browser.test_accessibility import looker, violations  # noqa: F401 - the fixture
from tests.browser.test_story import log_in
from tests.factories import acting
from tests.jobs.work import done, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """350 units, two of them bad, one of these in each cell. The test itself is the worker."""
    monkeypatch.setattr(actions, "send", lambda job_id: None)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    rows = [f"7{i:05d},國小{i},屏東縣,國民小學" for i in range(350)]
    rows[10], rows[20] = "12,短,屏東縣,國民小學", "70002,,火星縣,國小"
    path = tmp_path / "單位.csv"
    path.write_text("\n".join(["學校代碼,學校名稱,縣市名稱,學校級別", *rows]), encoding="utf-8-sig")
    return str(path)


def send_file(page: Any, site: str, path: str) -> Job:
    log_in(page, site, "operator")
    page.goto(f"{site}/operator/import/units/")
    page.set_input_files("[name=file]", path)
    page.click("main form.panel button")
    page.wait_for_selector("text=等待中")
    return Job.objects.latest("pk")


def test_a_file_with_two_bad_rows_is_watched_to_its_end_and_the_refused_rows_are_taken_along(
    site: str,
    units: str,
    browser_page: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = browser_page
    job = send_file(page, site, units)
    seen: list[str] = []
    step = progress.Work.step

    def watched(self: progress.Work, count: int, refused: int = 0) -> None:
        step(self, count, refused)
        percent = self.done * 100 // (self.total or 1)
        page.wait_for_selector(f"progress[value='{percent}']")
        seen.append(page.inner_text("#job-said"))

    monkeypatch.setattr(progress.Work, "step", watched)
    assert runner.run(job.pk)
    page.wait_for_selector("text=檔案檢查完成")
    assert seen == ["25 %", "50 %", "75 %", "100 %"]  # 28, 57, 85 and 100 per cent, announced at quarters
    expect(page.locator("#job-said")).to_have_text("完成：檔案檢查完成，尚未儲存任何資料。")
    expect(page.locator("[hx-trigger]")).to_have_count(0)
    assert page.locator(".work-refusals tbody td.num").all_inner_texts() == ["12", *["22"] * 4]
    named = page.locator(".work-refusals tbody td.work-value").evaluate_all(
        "cells => cells.map(cell => cell.previousElementSibling.innerText)"
    )
    assert named == ["學校代碼", "學校代碼", "學校名稱", "縣市名稱", "學校級別"]
    with page.expect_download() as taken:
        page.click("a:has-text('CSV')")
    table = Path(taken.value.path()).read_text("utf-8-sig").splitlines()
    assert table[1].startswith("12,短,屏東縣,國民小學,12,學校代碼,") and len(table) == 3

    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.querySelector('main').scrollWidth") <= 320
    page.check("#skip_bad_rows")
    page.click("text=執行匯入")
    page.wait_for_selector("text=等待中")
    monkeypatch.setattr(progress.Work, "step", step)
    assert runner.run(Job.objects.latest("pk").pk)
    page.wait_for_selector("text=匯入完成")
    assert Unit.objects.filter(code__startswith="7").count() == 348


def test_the_same_without_javascript(site: str, units: str, lend: Lend) -> None:
    page = lend(locale="zh-TW", java_script_enabled=False).new_page()
    job = send_file(page, site, units)
    assert page.locator("noscript meta[http-equiv=refresh]").count() == 1
    assert runner.run(job.pk)
    page.click("text=更新狀態")
    expect(page.locator("main")).to_contain_text("2 列未通過")
    page.check("#skip_bad_rows")
    page.click("text=執行匯入")
    page.click("summary:has-text('取消')")
    page.click("text=確定停止")
    expect(page.locator("main")).to_contain_text("已取消")
    assert not runner.run(Job.objects.latest("pk").pk)
    page.goto(f"{site}/jobs/")
    assert page.locator("article").count() == 2


def test_axe_finds_nothing_on_jobs_in_each_state(live_server: Any, looker: Any, units: str) -> None:  # noqa: F811
    world = pages.world("full")
    by = acting(world.accounts["operator"])
    file = upload(Path(units).read_text("utf-8-sig"))
    checked = done(imports.check("import_units", by=by, upload=file))
    saved = done(imports.carry_out(by=by, checked=checked, skip_bad_rows=True))
    failed = done(imports.check("import_people", by=by, upload=upload("a\n")))
    waiting = imports.check("import_people", by=by, upload=upload("b\n"))
    going = runner.claim(imports.check("import_people", by=by, upload=upload("c\n")).pk)
    assert going and failed.state == "failed"
    Job.objects.filter(pk=going.pk).update(done=1200, total=3000, refused=2)
    pages.wear(looker.context, world, "operator", live_server.url)
    faults = []
    for job in (checked, saved, failed, waiting, going):
        looker.goto(f"{live_server.url}/jobs/{job.pk}/")
        if job.is_live:
            looker.click(".work-cancel summary")
        faults += violations(looker, f"job {job.state}")
    looker.goto(f"{live_server.url}/jobs/")
    assert not faults + violations(looker, "jobs"), "\n".join(faults)
