"""The registration form step by step: no typed value is lost, drafts are saved between steps, missing and wrong values are
shown at their field.
"""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.models import Course
from courses.queries.completeness import COLUMNS
from tests.factories import make_account, make_course, make_enrolment
from tests.hours.test_pages import client_of, course_form

pytestmark = pytest.mark.django_db
NEW = "/unit/courses/new/"


@pytest.fixture
def account() -> BusinessAccount:
    return make_account()


@pytest.fixture
def client(account: BusinessAccount) -> Client:
    return client_of(account)


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send of the form, buttons aside."""
    form = page.split('id="course-form"')[1].split("</form>")[0]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.S)
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name, value = (_part(tag, part) for part in ("type", "name", "value"))
        if name and (kind not in ("checkbox", "radio") or re.search(r"\bchecked\b", tag)):
            sent.setdefault(name, []).append(value or ("on" if kind == "checkbox" else ""))
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.S):
        sent[name] = text
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = "".join(re.findall(r'value="([^"]*)" selected', options))
    return sent


def _part(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def shown_steps(page: str) -> list[str]:
    return re.findall(r'<section class="(?:panel )?step" id="step-(\d)"[^>]*?step-title-\d"\s*>', page)


def at(course: Course, step: int | str) -> str:
    return f"{reverse('courses:edit', args=[course.code])}?step={step}"


def walk(client: Client, where: str, typed: dict[str, Any], **button: str) -> Any:
    """Open a page, type, press a button: as a browser without JavaScript does it."""
    page = client.get(where).content.decode()
    return client.post(where, fields_of(page) | typed | button)


def test_a_sessions_topic_survives_an_edit_of_the_form(client: Client, account: BusinessAccount) -> None:
    course = make_course(account)
    course.sessions.update(topic="理論")
    walk(client, at(course, "all"), {"title": "新的名稱"})
    course.refresh_from_db()
    assert course.title == "新的名稱" and course.sessions.get().topic == "理論"
    walk(client, at(course, "all"), {"sessions-0-topic": "實作"})
    assert course.sessions.get().topic == "實作"


def test_a_course_is_registered_step_by_step_without_javascript(
    client: Client, account: BusinessAccount
) -> None:
    answer = walk(client, NEW, {"title": "逐步登錄的研習"}, go="2")
    course = Course.objects.get()
    assert answer.url == at(course, 2)
    typed: list[dict[str, Any]] = [
        {"summary": "摘要", "instructors-0-name": "黃教授"},
        {
            "sessions-0-day": "2026-12-10",
            "sessions-0-starts": "13:30",
            "sessions-0-ends": "16:30",
            "place": "視聽教室",
        },
        {"audience": "國中教師", "stages": "5"},
        {"contact_phone": "08-8642009"},
    ]
    for step, said in enumerate(typed, start=2):
        assert walk(client, at(course, step), said, go=str(step + 1)).url == at(course, step + 1)
    page = client.get(at(course, 6)).content.decode()
    assert "教師看到的樣子" in page and "黃教授" in page and "尚缺資料" not in page
    walk(client, at(course, 6), {}, register="1")
    course.refresh_from_db()
    assert course.state == "registered"
    facts = (course.title, course.summary, course.place, course.audience, course.contact_name, course.hours)
    assert facts == ("逐步登錄的研習", "摘要", "視聽教室", "國中教師", account.user.name, 3)
    assert course.instructors.count() == course.sessions.count() == course.stages.count() == 1


def test_one_step_is_shown_at_a_time_or_all_on_one_page(client: Client, account: BusinessAccount) -> None:
    assert shown_steps(client.get(NEW).content.decode()) == ["1"]
    assert shown_steps(client.get(NEW + "?step=4").content.decode()) == ["1"]
    assert shown_steps(client.get(NEW + "?step=all").content.decode()) == list("12345")
    draft = make_course(account, state="draft")
    for step in "12345":
        page = client.get(at(draft, int(step))).content.decode()
        assert shown_steps(page) == [step] and f"第 {step} 步，共 6 步" in page
    assert shown_steps(client.get(at(draft, "nonsense")).content.decode()) == ["1"]


def test_a_draft_needs_a_title_before_it_goes_on(client: Client) -> None:
    page = walk(client, NEW, {"title": ""}, go="2").content.decode()
    assert shown_steps(page) == ["1"] and 'href="#id_title"' in page
    assert not Course.objects.exists()


def test_an_error_opens_its_step_marks_it_and_loses_nothing(client: Client, account: BusinessAccount) -> None:
    draft = make_course(account, state="draft")
    wrong = {"contact_mail": "no mail", "sessions-0-ends": "01:00", "summary": "剛打好的摘要"}
    page = walk(client, at(draft, 2), wrong, go="4").content.decode()
    assert shown_steps(page) == ["3", "5"]
    assert page.count("待修正") == 2
    assert 'href="#id_contact_mail"' in page and 'href="#id_sessions-0-ends"' in page
    assert fields_of(page)["summary"] == "剛打好的摘要"
    draft.refresh_from_db()
    assert draft.version == 1


def test_what_is_missing_is_counted_on_each_step_and_listed_in_the_preview(
    client: Client, account: BusinessAccount
) -> None:
    draft = make_course(account, state="draft", summary="", audience="", contact_phone="")
    draft.instructors.all().delete()
    page = client.get(at(draft, 2)).content.decode()
    assert "缺 2 項" in page and re.search(r"登錄前還需要：\s+課程簡介、至少一位講師", page)
    preview = client.get(at(draft, 6)).content.decode()
    for step in ("2", "4", "5"):
        assert re.search(rf'name="go" value="{step}">\s*填寫', preview)


def test_a_required_fact_is_named_like_the_field_of_the_course() -> None:
    names = {fact: str(Course._meta.get_field(fact.value).verbose_name) for fact in COLUMNS}  # type: ignore[union-attr]
    assert {fact: str(fact.label) for fact in COLUMNS} == names


def test_going_on_without_a_change_writes_nothing(client: Client, account: BusinessAccount) -> None:
    draft = make_course(account, state="draft")
    before = AuditEvent.objects.count()
    for step in range(1, 6):
        walk(client, at(draft, step), {}, go=str(step + 1))
    draft.refresh_from_db()
    assert (draft.version, AuditEvent.objects.count()) == (1, before)
    walk(client, at(draft, 1), {"title": "改了"}, go="2")
    draft.refresh_from_db()
    assert (draft.version, draft.title) == (2, "改了")


def test_a_step_of_an_old_version_is_refused_even_when_nothing_was_typed(
    client: Client, account: BusinessAccount
) -> None:
    draft = make_course(account, state="draft")
    stale = fields_of(client.get(at(draft, 2)).content.decode())
    walk(client, at(draft, 1), {"title": "同仁改的"}, go="2")
    page = client.post(at(draft, 2), stale | {"go": "3"}).content.decode()
    assert "同仁剛剛修改過" in page and shown_steps(page) == ["2"]


def test_a_registered_course_is_carried_from_step_to_step_and_saved_only_on_request(
    client: Client, account: BusinessAccount
) -> None:
    course = make_course(account)
    make_enrolment(course)
    page = walk(client, at(course, 3), {"place": "新教室"}, go="6").content.decode()
    course.refresh_from_db()
    assert course.place == "視聽教室"
    assert "新教室" in page.split("教師看到的樣子")[1], "the preview shows what is not saved yet"
    assert 'data-dirty="1"' in page
    client.post(at(course, 6), fields_of(page))
    course.refresh_from_db()
    assert course.place == "新教室"


@pytest.mark.parametrize("prefix", ["sessions", "instructors"])
def test_another_empty_row_needs_no_javascript(client: Client, account: BusinessAccount, prefix: str) -> None:
    for state in ("draft", "registered"):
        course = make_course(account, state=state)
        answer = walk(client, at(course, 3), {}, more=prefix)
        page = (client.get(answer.url) if state == "draft" else answer).content.decode()
        sent = fields_of(page)
        assert sent[f"{prefix}-TOTAL_FORMS"] == ["2"] and shown_steps(page) == ["3"]


def test_the_last_session_repeats_weekly(client: Client, account: BusinessAccount) -> None:
    course = make_course(account, day=date(2026, 12, 10), state="draft")
    answer = walk(client, at(course, 3), {"repeat_weeks": "3"}, repeat="1")
    assert answer.url == at(course, 3) + "&repeat=1"
    days = [s.starts_at.astimezone().date() for s in course.sessions.all()]
    assert days == [date(2026, 12, 10), date(2026, 12, 17), date(2026, 12, 24), date(2026, 12, 31)]
    course.refresh_from_db()
    assert course.ends_on == date(2026, 12, 31)


@pytest.mark.parametrize("state", ["draft", "registered"])
def test_a_repeat_leads_to_the_last_new_session_and_not_to_the_top(
    client: Client, account: BusinessAccount, state: str
) -> None:
    course = make_course(account, state=state)
    answer = walk(client, at(course, 3), {"repeat_weeks": "3"}, repeat="1")
    page = (client.get(answer.url) if state == "draft" else answer).content.decode()
    focused = [tag for tag in re.findall("<[^>]*>", page) if "autofocus" in tag]
    assert len(focused) == 1 and 'name="sessions-3-day"' in focused[0]


@pytest.mark.parametrize("weeks", ["", "0", "-1", "三", "³", "21", "999999999999", "\0"])
def test_a_number_of_weeks_that_is_none_adds_nothing(
    client: Client, account: BusinessAccount, weeks: str
) -> None:
    course = make_course(account, state="draft")
    assert walk(client, at(course, 3), {"repeat_weeks": weeks}, repeat="1").status_code == 302
    assert course.sessions.count() == 1


@pytest.mark.parametrize("day", ["", "明天", "2026-02-30", "9999-12-31"])
def test_without_a_day_there_is_nothing_to_repeat(client: Client, day: str) -> None:
    form = course_form(**{"sessions-0-day": day}) | {"repeat": "1", "repeat_weeks": "2", "step": "3"}
    page = client.post(NEW, form).content.decode()
    assert fields_of(page)["sessions-TOTAL_FORMS"] == ["1"]


def test_a_new_course_starts_with_what_most_courses_say(client: Client, account: BusinessAccount) -> None:
    said = fields_of(client.get(NEW).content.decode())
    assert said["place"] == [account.unit.name] and said["contact_name"] == [account.user.name]


# --- Hints and the question about a duplicate ---------------------------------------------------------------------------


def check(client: Client, form: dict[str, Any], course: str = "") -> str:
    return client.post(f"{reverse('courses:registration_checks')}?course={course}", form).content.decode()


def test_the_live_checks_reply_at_each_field_and_save_nothing(client: Client) -> None:
    said = check(client, course_form(place="", **{"sessions-0-day": "2026-12-25"}))
    assert re.search(r'id="hints_sessions-0" hx-swap-oob="true">\s*<p>.*?行憲紀念日', said, re.S)
    assert re.search(r'id="hints_place" hx-swap-oob="true">\s*<p>', said)
    assert re.search(r'id="hints_hours" hx-swap-oob="true">\s*</div>', said), (
        "a hint that has gone is taken away"
    )
    assert "2 項提醒" in said
    assert not Course.objects.exists()
    assert "沒有需要提醒的事項" in check(client, course_form())


def test_the_live_checks_live_with_any_half_typed_form(client: Client) -> None:
    for form in (
        {},
        course_form(hours="三", capacity="x"),
        course_form(**{"sessions-0-day": "昨天"}),
        {"title": "\0"},
    ):
        assert client.post(reverse("courses:registration_checks"), form).status_code == 200


def test_the_live_checks_do_not_compare_a_course_with_itself_nor_name_another_units(
    client: Client, account: BusinessAccount
) -> None:
    course = make_course(account, day=date(2026, 12, 10), title="素養導向研習", state="draft")
    assert course.code in check(client, course_form())
    assert "沒有需要提醒的事項" in check(client, course_form(), course.code)
    foreign = make_course(make_account(), day=date(2026, 12, 10), title="素養導向研習")
    for code in (foreign.code, "9999999", "\0"):
        assert foreign.code not in check(client, course_form(title="別的研習"), code)


def test_the_live_checks_take_the_same_number_of_queries_for_one_row_and_of_three(
    client: Client, account: BusinessAccount, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        make_course(account, day=date(2026, 12, 10))
    rows = {f"sessions-{i}-{name}": value for i in range(3) for name, value in
            (("day", f"2026-12-1{i}"), ("starts", "13:30"), ("ends", "16:30"))}  # fmt: skip
    with django_assert_max_num_queries(10):
        check(client, course_form(**rows, **{"sessions-TOTAL_FORMS": "3"}))


def test_hints_stand_at_the_field_and_in_the_preview_and_a_clash_has_a_link(
    client: Client, account: BusinessAccount
) -> None:
    other = make_course(account, day=date(2026, 12, 12), title="別的研習")
    draft = make_course(account, day=date(2026, 12, 12), state="draft")
    for step in (3, 6):
        page = client.get(at(draft, step)).content.decode()
        assert "115年12月12日是星期六" in page and "與「別的研習」時間重疊" in page
        assert f'href="{reverse("courses:detail", args=[other.code])}"' in page


def test_an_expert_who_skips_the_preview_reads_the_hints_after_registering(client: Client) -> None:
    form = course_form(register="1", step="all", **{"sessions-0-day": "2026-12-12"})
    page = client.post(NEW, form, follow=True).content.decode()
    assert "課程已登錄" in page and "115年12月12日是星期六" in page


@pytest.mark.parametrize("where", ["form", "detail"])
def test_a_duplicate_is_registered_only_with_a_tick(
    client: Client, account: BusinessAccount, where: str
) -> None:
    other = make_course(account, day=date(2026, 12, 10), title="素養導向研習")
    if where == "form":
        answer = client.post(NEW, course_form(register="1"))
        draft = Course.objects.get(state="draft")
    else:
        draft = make_course(account, day=date(2026, 12, 10), title="素養導向研習", state="draft")
        answer = client.post(reverse("courses:confirm_registration", args=[draft.code]))
    assert answer.url == at(draft, 6)
    page = client.get(answer.url).content.decode()
    assert "這是同一門課程嗎？" in page and reverse("courses:detail", args=[other.code]) in page
    walk(client, at(draft, 6), {}, register="1")
    draft.refresh_from_db()
    assert draft.state == "draft"
    walk(client, at(draft, 6), {"another_course": "1"}, register="1")
    draft.refresh_from_db()
    assert draft.state == "registered"


@pytest.mark.parametrize("step", [1, 3, 6, "all"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_page_takes_as_many_queries_for_three_sessions_and_courses_as_of_one(
    client: Client, account: BusinessAccount, number: int, step: int | str, django_assert_max_num_queries: Any
) -> None:
    draft = make_course(account, day=date(2026, 12, 10), state="draft")
    for _ in range(number):
        make_course(account, day=date(2026, 12, 10))
    walk(client, at(draft, 3), {"repeat_weeks": str(number)}, repeat="1")
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(at(draft, step))


MOST_QUERIES = 22


# --- One page, one draft ----------------------------------------------------------------------------------------------


def test_a_new_course_that_is_sent_twice_is_one_draft(client: Client) -> None:
    page = fields_of(client.get(NEW).content.decode()) | {"title": "只有一份"}
    answers = [client.post(NEW, page | {"go": "2"}) for _ in range(2)]
    assert {answer.url for answer in answers} == {at(Course.objects.get(), 2)}
    assert Course.objects.get().version == 1, "nothing was typed in between"


def test_the_way_back_leads_to_the_draft_and_keeps_what_its_other_steps_say(client: Client) -> None:
    page = fields_of(client.get(NEW).content.decode()) | {"title": "舊名稱"}
    client.post(NEW, page | {"go": "2"})
    course = Course.objects.get()
    walk(client, at(course, 2), {"summary": "第二步的摘要", "instructors-0-name": "黃教授"}, go="3")
    client.post(NEW, page | {"title": "新名稱", "go": "2"})
    course = Course.objects.get()
    assert (course.title, course.summary) == ("新名稱", "第二步的摘要")
    assert [person.name for person in course.instructors.all()] == ["黃教授"]
    assert client.get(f"{NEW}?form={page['form'][0]}").url == at(course, 1)  # type: ignore[attr-defined]


def test_a_page_that_was_saved_and_registered_does_not_save_again(client: Client) -> None:
    page = fields_of(client.get(f"{NEW}?step=all").content.decode()) | course_form()
    for _ in range(2):
        answer = client.post(NEW, page | {"step": "all", "register": "1"})
    course = Course.objects.get()
    assert course.state == "registered" and answer.url == reverse("courses:detail", args=[course.code])  # type: ignore[attr-defined]


def test_two_pages_are_two_drafts(client: Client) -> None:
    for _ in range(2):
        walk(client, NEW, {"title": "同名的草稿"}, go="2")
    assert Course.objects.count() == 2


def test_a_copy_that_is_requested_twice_is_one_draft(client: Client, account: BusinessAccount) -> None:
    course = make_course(account)
    url = reverse("courses:detail", args=[course.code])
    key = re.search(r'name="form" value="([^"]+)"', client.get(url).content.decode())
    for _ in range(2):
        client.post(reverse("courses:copy", args=[course.code]), {"form": key[1]})  # type: ignore[index]
    assert Course.objects.filter(state="draft").count() == 1


def test_registering_on_one_page_needs_no_confirmation_about_the_course_itself(client: Client) -> None:
    page = fields_of(client.get(f"{NEW}?step=all").content.decode()) | course_form()
    answer = client.post(NEW, page | {"step": "all", "register": "1"}, follow=True)
    assert Course.objects.get().state == "registered"
    assert "是否為同一" not in answer.content.decode() and "same course" not in answer.content.decode()
    said = [str(message) for message in answer.context["messages"]]
    assert not any(Course.objects.get().title in text for text in said)


def test_the_live_checks_show_nothing_about_the_draft_that_the_page_made(client: Client) -> None:
    page = fields_of(client.get(f"{NEW}?step=all").content.decode()) | course_form()
    client.post(NEW, page | {"step": "all"})
    answer = client.post("/unit/courses/checks/", page)
    assert [hint for hint in answer.context["hints"] if hint.asks] == []
