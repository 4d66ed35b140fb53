"""The closing page in a real Chromium: keys, pasting, undoing, the draft, a colleague at the same sheet, a phone, English."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import BusinessAccount, User
from courses.enums import EnrolmentState as S
from courses.models import Course, Enrolment
from hours.actions import drafts
from hours.models import Closing, ClosingDraft, HourCredit
from kit import clock
from tests.browser.contexts import Lend, follow, log_in
from tests.browser.test_accessibility import LOOK, TAGS, bring_axe
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_user,
    reference_lists,
    sheet_with,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PEOPLE = 40


@pytest.fixture
def course(live_server: Any) -> Course:
    reference_lists()
    handler = make_account(user=make_user("陳怡君"))
    course = make_course(handler, ago=40, capacity=60, title="校園性別平等教育")
    people = User.objects.bulk_create(
        [User(email=f"t{i:02}@x.example", name=f"教師{i:02}", password="!") for i in range(PEOPLE)]
    )
    rows = [
        Enrolment(course=course, user=p, unit=course.unit, state=S.ADMITTED, enrolled_at=clock.now())
        for p in people
    ]
    Enrolment.objects.bulk_create(rows)
    Course.objects.filter(pk=course.pk).update(seats_taken=PEOPLE)
    return course


Visit = Callable[..., Any]


@pytest.fixture
def visit(lend: Lend, live_server: Any, course: Course) -> Iterator[Visit]:
    """Open the closing page as a person, each time in another browser; errors on the page fail the test."""
    faults: list[str] = []

    def open_as(
        account: BusinessAccount, width: int = 1280, language: str = "zh-hant", script: bool = True
    ) -> Any:
        # The person's own language goes before the cookie.
        User.objects.filter(pk=account.user_id).update(language=language)
        context = lend(
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            has_touch=width < 600,
        )
        log_in(context, live_server.url, account.user)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(live_server.url + reverse("hours:close", args=[course.code]))
        return page

    yield open_as
    assert not faults, faults


def key_of(course: Course, number: int) -> int:
    return course.enrolments.get(user__name=f"教師{number:02}").pk


def state(page: Any, pk: int) -> str:
    # By a locator, which waits for the row: the page may be on its way.
    return str(page.locator(f"[name=state_{pk}]:checked").get_attribute("value"))


def enter(page: Any) -> None:
    """By the Tab key alone to the grid, which is one stop."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('[data-row]')"):
            return
    raise AssertionError("the Tab key does not reach the grid")


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def paste(page: Any, text: str) -> None:
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData("text/plain", text);
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""",
        text,
    )


def saved(page: Any, course: Course, version: int) -> None:
    page.wait_for_function(
        "version => Number(document.querySelector('[name=draft_base]').value) >= version", arg=version
    )


def test_the_keyboard_alone_closes_a_course_of_forty_with_exceptions(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    enter(page)
    press(page, "ArrowDown", " ")
    assert page.inner_text("#said") == "教師01：未參與"
    press(page, "PageDown", "e", "ArrowRight", "ArrowDown")
    page.keyboard.type("2.5")
    press(page, "Enter", "Control+End", "ArrowLeft", "0")
    page.keyboard.type(".5")
    press(page, "Enter", "Control+Home", " ", "Control+z")
    assert page.inner_text("#said") == "已復原：教師00：出席"
    page.wait_for_function("() => document.querySelector('[data-total=absent]').textContent === '1'")
    expect(page.locator("[data-total=hours]")).to_have_text("111")  # 36 full, 2.5 and 0.5
    assert page.evaluate("document.activeElement.name") == f"state_{key_of(course, 0)}"
    for _ in range(60):
        if page.evaluate("document.activeElement.hasAttribute('data-closing-submit')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#close-dialog[open]")
    told = page.inner_text("#close-dialog")
    assert (
        "教師01" in told
        and "教師11" in told
        and "教師12 2.5" in told
        and "教師39 0.5" in told
        and "綠燈" in told
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt/")
    closing = Closing.objects.get(course=course)
    assert (closing.attended, closing.absent, closing.excused, closing.hours_total) == (38, 1, 1, 111)
    assert not ClosingDraft.objects.exists()
    # The back button finds the receipt, not a sheet that could be sent again.
    page.go_back()
    page.wait_for_url("**/receipt/")


def test_the_grid_moves_in_both_directions_and_leaves_half_written_numbers_alone(
    visit: Visit, course: Course
) -> None:
    page = visit(course.handler)
    enter(page)
    active = "document.activeElement.name"
    assert page.evaluate("document.getElementById('people').getAttribute('role')") == "grid"
    press(page, "End")
    assert page.evaluate(active) == f"hours_{key_of(course, 0)}"
    press(page, "PageDown", "PageDown", "PageUp", "ArrowUp")
    assert page.evaluate(active) == f"hours_{key_of(course, 9)}"
    press(page, "Home", "Control+End", "ArrowUp", "ArrowDown", "ArrowDown")
    assert page.evaluate(active) == f"hours_{key_of(course, 39)}"
    page.keyboard.type("25")
    press(page, "ArrowLeft")
    page.keyboard.type(".")
    assert page.input_value(f"#hours_{key_of(course, 39)}") == "2.5"
    press(page, "Control+Home", "?")
    expect(page.locator("#keys")).to_be_visible()


def test_a_column_is_pasted_downwards_and_one_undo_takes_it_back(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    enter(page)
    press(page, "ArrowDown")
    paste(page, "未參與\r\n2.5\r\n請假\r\n\r\n３\r\n出席\r\n也許\r\n")
    assert [state(page, key_of(course, n)) for n in range(6)] == [
        "attended", "absent", "attended", "excused", "attended", "attended",
    ]  # fmt: skip
    assert page.input_value(f"#hours_{key_of(course, 2)}") == "2.5"
    assert "教師07 (也許)" in page.inner_text("[data-pasted]")
    page.keyboard.press("Control+z")
    assert (
        state(page, key_of(course, 1)) == "attended"
        and page.input_value(f"#hours_{key_of(course, 2)}") == "3"
    )
    page.keyboard.press("Control+y")
    assert state(page, key_of(course, 1)) == "absent"


def test_columns_with_names_find_their_people_and_say_whom_they_do_not(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    enter(page)
    paste(page, "教師09\t1.5\n不認識\t3\n教師08\t請假")
    assert (
        page.input_value(f"#hours_{key_of(course, 9)}") == "1.5"
        and state(page, key_of(course, 8)) == "excused"
    )
    assert "不在名單上：不認識" in page.inner_text("[data-pasted]")
    national = "教師姓名\t課程代碼\t研習課程名稱\t主辦單位\t課程結束時間\t實核時數/學分數\t核准文號"
    paste(page, f"{national}\n教師30\t4000001\t名稱\t單位\t2026/11/01\t2\t無文號")
    assert page.input_value(f"#hours_{key_of(course, 30)}") == "2"


def test_an_outcome_in_words_decides_over_hours_also_without_a_heading(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    enter(page)
    paste(page, "1\t教師03\t未參與\t3\n2\t教師04\t出席\t2\n3\t教師05\n4\t教師06\t出席\t請假")
    assert [state(page, key_of(course, n)) for n in (3, 4, 6)] == ["absent", "attended", "attended"]
    assert [page.input_value(f"#hours_{key_of(course, n)}") for n in (4, 5)] == ["2", "3"]
    assert "教師05、教師06" in page.inner_text("[data-pasted]")
    paste(page, "姓名\t出席狀況\t時數\n教師07\t不明\t2\n教師08\t請假\t3\n教師09\t出席\t三")
    assert [state(page, key_of(course, n)) for n in (7, 8)] == ["attended", "excused"]
    assert page.input_value(f"#hours_{key_of(course, 7)}") == "3"
    assert "教師07、教師09" in page.inner_text("[data-pasted]")


def test_a_pasted_cell_with_a_line_break_is_one_cell(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    enter(page)
    paste(page, '"未\n參與"\n2.5\n"請\r\n假"\n"也許\t""不"""\n"2\n')
    assert [state(page, key_of(course, n)) for n in range(4)] == ["absent", "attended", "excused", "attended"]
    assert page.input_value(f"#hours_{key_of(course, 1)}") == "2.5"
    assert '教師03 (也許\t"不")' in page.text_content("[data-pasted]")
    assert '教師04 ("2)' in page.text_content("[data-pasted]")
    paste(page, '"教師1\n0"\t1\n教師11\t"未\n參與"')
    assert page.input_value(f"#hours_{key_of(course, 10)}") == "1"
    assert state(page, key_of(course, 11)) == "absent"


def test_several_people_who_simply_came_are_pasted_into_their_field(visit: Visit, course: Course) -> None:
    people = [make_user(name) for name in ("甲老師", "乙老師")]
    page = visit(course.handler)
    page.fill("#walk_in", "\n".join(f"{p.name} {p.email}" for p in people))
    page.press("#walk_in", "Enter")
    page.wait_for_selector("[data-walk-in] >> nth=1")
    page.click("[data-drop] >> nth=0")
    page.wait_for_function("() => document.querySelectorAll('[data-walk-in]').length === 1")


def test_filters_and_marking_everybody_shown(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    page.fill("#find", "教師1")
    page.wait_for_function("() => document.querySelectorAll('[data-row]:not([hidden])').length === 10")
    page.click("[data-tools] summary")
    page.fill("#bulk", "9")
    page.click("[data-bulk-set]")
    expect(page.locator("[data-bulk-error]")).to_contain_text("0.5")
    page.fill("#bulk", "2")
    page.click("[data-bulk-set]")
    page.wait_for_function("() => document.querySelector('[data-total=hours]').textContent === '110'")
    page.click("[data-tools] summary")
    page.click("[data-all=absent]")
    page.fill("#find", "")
    page.click("[data-show=absent]")
    expect(page.locator("[data-row]:not([hidden])")).to_have_count(10)
    expect(page.locator("[data-count=odd]")).to_have_text("10")
    page.click("[data-undo]")
    page.wait_for_function("() => document.querySelector('[data-total=absent]').textContent === '0'")


def test_the_draft_saves_itself_and_is_there_on_return(
    visit: Visit, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(course.handler)
    page.check(f"[name=state_{key_of(course, 3)}][value=absent]", force=True)
    saved(page, course, 1)
    expect(page.locator("[data-draft-said]")).to_have_text(re.compile("^草稿已儲存"))
    # The last second is sent along when the page is left, and on a slow line it arrives after the page has looked for it once.
    save, has_looked = drafts.save, threading.Event()
    monkeypatch.setattr(drafts, "save", lambda **facts: has_looked.wait(15) and save(**facts))
    page.fill(f"#hours_{key_of(course, 4)}", "1")
    with page.expect_response(re.compile(r"/draft/\?")):
        page.reload()
    expect(page.locator(f"#hours_{key_of(course, 4)}")).to_have_value("3")
    with page.expect_navigation():
        has_looked.set()
    expect(page.locator(f"#hours_{key_of(course, 4)}")).to_have_value("1")
    assert state(page, key_of(course, 3)) == "absent"
    expect(page.locator("#news")).to_contain_text("這是您於")
    page.click("button:has-text('重新開始')")
    follow(page, "dialog[open] [data-yes]")
    expect(page.locator("#news")).not_to_contain_text("這是您於")
    assert state(page, key_of(course, 3)) == "attended"


def test_the_focus_stays_in_its_field_when_the_draft_saves_itself(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    field = page.locator(f"#hours_{key_of(course, 4)}")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    saved(page, course, 1)
    expect(field).to_be_focused()
    page.keyboard.type(".5")
    saved(page, course, 2)
    assert field.input_value() == "1.5"
    assert list(ClosingDraft.objects.latest("version").marks[str(key_of(course, 4))]) == ["attended", "1.5"]


def test_two_people_at_one_sheet_choose_which_version_goes_on(visit: Visit, course: Course) -> None:
    lead = make_lead(course.unit, user=make_user("林淑芬", unit=course.unit))
    handler_page, lead_page = visit(course.handler), visit(lead)
    lead_page.check(f"[name=state_{key_of(course, 5)}][value=excused]", force=True)
    saved(lead_page, course, 1)
    handler_page.check(f"[name=state_{key_of(course, 5)}][value=absent]", force=True)
    handler_page.wait_for_selector(".conflict")
    told = handler_page.inner_text(".conflict")
    assert "林淑芬" in told and "教師05" in told and "請假" in told and "未參與" in told
    expect(handler_page.locator(".conflict")).to_be_focused()
    follow(handler_page, "text=保留我的版本")
    expect(handler_page.locator("#messages")).to_contain_text("草稿已儲存")
    assert state(handler_page, key_of(course, 5)) == "absent"

    lead_page.check(f"[name=state_{key_of(course, 6)}][value=absent]", force=True)
    lead_page.wait_for_selector(".conflict")
    follow(lead_page, "text=採用對方版本")
    expect(lead_page.locator("#news")).to_contain_text("陳怡君")
    expect(lead_page.locator(".conflict")).to_have_count(0)
    assert (
        state(lead_page, key_of(course, 5)) == "absent" and state(lead_page, key_of(course, 6)) == "attended"
    )
    assert ClosingDraft.objects.count() == 2


def test_a_sheet_closed_meanwhile_by_a_colleague_says_so_and_offers_the_receipt(
    visit: Visit, course: Course
) -> None:
    page = visit(course.handler)
    close(course)
    page.check(f"[name=state_{key_of(course, 5)}][value=absent]", force=True)
    page.wait_for_selector("#news:has-text('陳怡君')")
    page.click("text=開啟結案回執")
    page.wait_for_url("**/receipt/")


def test_a_person_admitted_meanwhile_is_shown_and_not_closed_unseen(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    arrived = make_enrolment(course, make_user("後來者"))
    page.click("[data-closing-submit]")
    expect(page.locator("#news")).to_contain_text("後來者")
    page.wait_for_load_state()
    expect(page.locator(f"tr:has(#hours_{arrived.pk}) >> text=新增於名單")).to_be_visible()
    assert not Closing.objects.exists()
    page.click("[data-closing-submit]")
    page.click("[data-close-now]")
    page.wait_for_url("**/receipt/")
    assert HourCredit.objects.count() == PEOPLE + 1


def test_errors_stand_in_a_summary_that_leads_to_the_row(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    field = f"#hours_{key_of(course, 35)}"
    page.fill(field, "9")
    page.fill("#find", "教師00")
    page.click("[data-closing-submit]")
    page.wait_for_selector("#row-errors")
    expect(page.locator("#row-errors")).to_be_focused()
    page.fill("#find", "教師00")
    page.wait_for_function(f"() => document.querySelector('tr:has({field})').hidden")
    page.click("#row-errors a")
    expect(page.locator(field)).to_be_focused()
    page.keyboard.type("1")
    page.wait_for_function("() => document.getElementById('row-errors').hidden")


def test_double_click_closes_once(visit: Visit, course: Course) -> None:
    page = visit(course.handler)
    page.click("[data-closing-submit]")
    page.wait_for_selector("#close-dialog[open]")
    page.dblclick("[data-close-now]")
    page.wait_for_url("**/receipt/")
    assert Closing.objects.count() == 1 and HourCredit.objects.count() == PEOPLE


def test_a_phone_shows_cards_with_large_toggles_and_nothing_beside_the_screen(
    visit: Visit, course: Course
) -> None:
    page = visit(course.handler, width=375)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    box = page.locator(f"label:has([name=state_{key_of(course, 0)}][value=absent])").bounding_box()
    assert box["height"] >= 44 and box["width"] >= 90
    page.locator(f"label:has([name=state_{key_of(course, 0)}][value=absent])").tap()
    assert state(page, key_of(course, 0)) == "absent"
    page.locator("[data-closing-submit]").tap()
    page.wait_for_selector("#close-dialog[open]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator("[data-close-now]").tap()
    page.wait_for_url("**/receipt/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_in_english(visit: Visit, course: Course) -> None:
    page = visit(course.handler, language="en")
    enter(page)
    page.keyboard.press(" ")
    assert page.inner_text("#said") == "教師00: absent"
    saved(page, course, 1)
    expect(page.locator("[data-draft-said]")).to_have_text(re.compile("^Draft saved"))
    page.click("[data-closing-submit]")
    page.wait_for_selector("#close-dialog[open]")
    assert "Issue these hours and close the course?" in page.inner_text("#close-dialog")
    assert "Closing this changes the unit's light:" in page.inner_text("#close-dialog")


def test_without_a_script_the_same_form_checks_saves_and_closes(visit: Visit, course: Course) -> None:
    page = visit(course.handler, script=False)
    page.check(f"[name=state_{key_of(course, 2)}][value=absent]", force=True)
    page.click("text=儲存草稿")
    page.wait_for_selector("text=這是您於")
    page.click("[data-closing-submit]")
    page.wait_for_selector("#confirmation:has-text('教師02')")
    page.click("[data-close-now]")
    page.wait_for_url("**/receipt/")
    assert Closing.objects.get().absent == 1


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (375, "dark")])
def test_axe_finds_nothing_with_marks_an_error_the_question_the_keys_and_a_conflict(
    visit: Visit, course: Course, width: int, theme: str
) -> None:
    page = visit(course.handler, width=width)

    def wrong() -> list[str]:
        bring_axe(page)
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
        return list(page.evaluate(LOOK, TAGS))

    for number, outcome in ((1, "absent"), (2, "excused")):
        page.check(f"[name=state_{key_of(course, number)}][value={outcome}]", force=True)
    saved(page, course, 1)
    page.click("[data-closing-submit]")
    page.wait_for_selector("#close-dialog[open]")
    assert wrong() == []
    page.click("#close-dialog [data-close-dialog]")
    page.focus(f"#hours_{key_of(course, 4)}")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert wrong() == []
    page.keyboard.press("Escape")
    lead = make_lead(course.unit)
    theirs = sheet_with({key_of(course, 1): ("excused", "3")})
    drafts.save(course=course, by=acting(lead), sheet=theirs, base=99)
    page.fill(f"#hours_{key_of(course, 4)}", "9")
    page.keyboard.press("Enter")
    page.wait_for_selector(".conflict")
    expect(page.locator(f"#error_{key_of(course, 4)}")).to_be_visible()
    assert wrong() == []


def test_nobody_present_is_confirmed_twice_and_a_dialog_does_not_skip_it(
    visit: Visit, course: Course
) -> None:
    page = visit(course.handler)
    page.click("[data-tools] summary")
    page.click("[data-all=absent]")
    page.click("[data-closing-submit]")
    page.wait_for_selector("#close-dialog[open]")
    expect(page.locator("#close-dialog")).to_contain_text("沒有任何人標記為出席")
    page.click("#close-dialog [data-close-now]")
    page.wait_for_selector("#confirmation")
    expect(page.locator("#confirmation")).to_contain_text("請再次確認")
    assert not Closing.objects.exists()
    page.click("#confirmation [data-close-now]")
    page.wait_for_url("**/receipt/")
    assert Closing.objects.get(course=course).absent == PEOPLE
