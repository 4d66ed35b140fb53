"""The catalogue: what a search finds and marks, facets whose numbers are true, the month, the rows' words."""

import random
import re
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.enums import EnrolmentState as S
from courses.forms.catalogue_filter import CourseFilter, known_query
from courses.models import Course, CourseNature, Session, Stage, Tag
from courses.queries import facets
from courses.queries.month import month_of
from courses.tasks import count_catalogue
from courses.views.facet_panel import Address, groups
from kit import clock
from kit.highlighting import highlight, tel
from tests.factories import (
    close,
    make_account,
    make_county,
    make_course,
    make_enrolment,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db
PAGE = "/catalogue/"


def titles(client: Client, query: str) -> list[str]:
    page = client.get(PAGE + query).context["page"]
    return [course.title for course in page.object_list]


def filtered(query: str) -> CourseFilter:
    found = CourseFilter(QueryDict(query.lstrip("?")), queryset=Course.objects.public())
    assert found.is_valid(), found.form.errors
    return found


# --- Search ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["資安", "臺灣", "台灣", "ＡＩ", "ai", "黃講", "視聽", "竹田", "資安 竹田"])
def test_two_characters_find_name_unit_place_and_instructor_however_they_are_written(
    client: Client, words: str
) -> None:
    make_course(make_account(make_unit(name="縣立竹田國中")), title="AI 與資安在臺灣", place="視聽教室")
    assert titles(client, f"?q={words}") == ["AI 與資安在臺灣"]


def test_of_several_words_all_must_match_and_the_code_is_a_word(client: Client) -> None:
    course = make_course(title="資安研習")
    make_course(title="環境教育")
    assert titles(client, "?q=資安 環境") == []
    assert titles(client, f"?q={course.code}") == ["資安研習"]


def test_words_that_are_not_looked_for_are_named(client: Client) -> None:
    make_course(title="一二三四五六七八")
    page = client.get("/catalogue/?q=一 二 三 四 五 六 七 八 九九").content.decode()
    assert "一二三四五六七八" in page and re.search(r"<p class=\"muted\">[^<]*九九", page)
    assert not re.search(r"<p class=\"muted\">[^<]*八", client.get("/catalogue/?q=八").content.decode())


def test_a_part_comes_alone_for_htmx_and_a_whole_page_without_it(client: Client) -> None:
    make_course(title="資安研習")
    part = client.get(PAGE + "?q=資安", headers={"HX-Request": "true"})
    whole = client.get(PAGE + "?q=資安")
    assert "<html" not in part.content.decode() and "<html" in whole.content.decode()
    assert (
        "<mark>資安</mark>研習" in part.content.decode() and "<mark>資安</mark>研習" in whole.content.decode()
    )
    assert "HX-Request" in part["Vary"]
    restored = client.get(PAGE, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored.content.decode()


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("臺灣史", "台灣", "<mark>臺灣</mark>史"),
        ("ＡＩ 入門", "ai", "<mark>ＡＩ</mark> 入門"),
        ("㈱測試", "株", "<mark>㈱</mark>測試"),
        ("教學研習", "教學 學研", "<mark>教學研</mark>習"),
        ("<b>資安</b>", "資安", "&lt;b&gt;<mark>資安</mark>&lt;/b&gt;"),
        ("<script>", "script", "&lt;<mark>script</mark>&gt;"),
        ("a&amp;b", "amp", "a&amp;<mark>amp</mark>;b"),
        ("(.*)", ".*", "(<mark>.*</mark>)"),
        ("資安", "", "資安"),
    ],
)
def test_hits_are_marked_in_the_text_as_written_and_everything_is_escaped(
    text: str, words: str, marked: str
) -> None:
    assert highlight(text, words) == marked


def test_past_courses_are_left_out_unless_requested(client: Client) -> None:
    make_course(title="去年的", ago=300)
    make_course(title="將來的")
    assert titles(client, "") == ["將來的"]
    assert titles(client, "?past=1") == ["去年的", "將來的"]


def test_courses_are_ordered_by_day_by_places_left_or_newest_first(client: Client) -> None:
    today, now = clock.today(), clock.now()
    for days, title, capacity, ago in ((3, "早", 5, 3), (5, "中", 50, 2), (9, "晚", 20, 1)):
        make_course(
            day=today + timedelta(days), title=title, capacity=capacity, registered_at=now - timedelta(ago)
        )
    assert titles(client, "") == ["早", "中", "晚"]
    assert titles(client, "?sort=places") == ["中", "晚", "早"]
    assert titles(client, "?sort=new") == ["晚", "中", "早"]
    assert titles(client, "?sort=nonsense") == ["早", "中", "晚"]


# --- Facets ---------------------------------------------------------------------------------------------------------


def scatter(seed: int, number: int = 36) -> random.Random:
    """Courses of every kind in random mixtures."""
    chance = random.Random(seed)
    handlers = [
        make_account(make_unit(county=make_county(name))) for name in ("屏東縣", "花蓮縣", "臺北市", "屏東縣")
    ]
    tags, stages = list(Tag.objects.all()[:4]), list(Stage.objects.all())
    natures = [None, *CourseNature.objects.filter(code__in=["1", "12", "121", "1211", "2", "22", "52"])]
    for _ in range(number):
        day = clock.today() + timedelta(days=chance.randint(-6, 45))
        course = make_course(
            chance.choice(handlers),
            day=day,
            title=chance.choice(["資安研習", "環境教育"]),
            mode=chance.choice(["on_site", "online", "hybrid"]),
            hours=Decimal(chance.choice(["1.5", "3", "3.5", "6", "6.5", "18"])),
            fee=chance.choice([0, 0, 300]),
            capacity=chance.choice([1, 30]),
            enrol_from=chance.choice([None, clock.today() + timedelta(days=3)]),
            nature=chance.choice(natures),
            ends_at=clock.at_taipei(day, chance.choice([time(16), time(18), time(18, 1), time(21)])),
        )
        if course.capacity == 1:
            make_enrolment(course)
        course.tags.set(chance.sample(tags, chance.randint(0, 3)))
        course.stages.set(chance.sample(stages, chance.randint(0, 4)))
    return chance


QUESTIONS = {
    "q": ["資安"], "when": ["week", "month", "next"], "mode": ["online", "hybrid"], "time": ["day", "evening", "weekend"],
    "length": ["short", "middle", "long"], "open": ["1"], "places": ["1"], "free": ["1"], "past": ["1"],
    "stage": ["30", "40", "75", "73"], "nature": ["1", "12", "121"], "tag": ["environment", "family"],
}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_every_number_is_what_a_click_on_it_shows(seed: int) -> None:
    chance = scatter(seed)
    asked = 0
    for _ in range(5):
        names = chance.sample(list(QUESTIONS), chance.randint(0, 3))
        query = "&".join(f"{name}={chance.choice(QUESTIONS[name])}" for name in names)
        found = filtered(query)
        counts = facets.count(found)
        assert counts.total == found.qs.count() == len(set(found.qs.values_list("pk", flat=True)))
        for group in groups(found, counts, Address.of(found, QueryDict(query))):
            for choice in group.choices:
                shown = found if choice.is_chosen else filtered(choice.url)
                assert choice.count == shown.qs.count(), (query, choice)
                asked += not choice.is_chosen
    assert asked > 40


def test_a_choice_that_is_on_takes_itself_away_and_the_page_shows_the_number_of_a_click(
    client: Client,
) -> None:
    scatter(7)
    for group in client.get(PAGE + "?mode=online").context["groups"]:
        for choice in group.choices:
            if choice.is_chosen:
                assert "mode" not in choice.url
            elif group.name in ("mode", "length", "county"):
                assert client.get(PAGE + choice.url).context["total"] == choice.count


def test_a_stage_is_also_found_under_the_codes_that_hold_it() -> None:
    course = make_course()
    for code, finds in {"73": {"30", "40"}, "75": {"30", "50", "60"}, "50": {"50"}}.items():
        course.stages.set(Stage.objects.filter(code=code))
        counted = facets.count(filtered("")).by_facet["stage"]
        for stage in ("30", "40", "50", "60"):
            found = filtered(f"stage={stage}").qs.exists()
            assert found == (stage in finds or code == "75") == bool(counted[stage]), (code, stage)


def test_a_branch_of_the_tree_holds_all_below_it() -> None:
    make_course(nature=CourseNature.objects.get(code="1211"))
    make_course(nature=CourseNature.objects.get(code="12"))
    make_course(nature=CourseNature.objects.get(code="2"))
    assert [filtered(f"nature={code}").qs.count() for code in ("1", "12", "121", "1211", "2")] == [
        2,
        2,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(
    ("when", "day", "bounds"),
    [
        ("week", date(2026, 11, 24), (date(2026, 11, 23), date(2026, 11, 29))),
        ("week", date(2026, 11, 29), (date(2026, 11, 23), date(2026, 11, 29))),
        ("month", date(2026, 2, 10), (date(2026, 2, 1), date(2026, 2, 28))),
        ("next", date(2026, 12, 31), (date(2027, 1, 1), date(2027, 1, 31))),
        ("next", date(2028, 1, 31), (date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_weeks_begin_on_monday_and_months_end_on_their_last_day(
    when: str, day: date, bounds: tuple[date, date]
) -> None:
    assert facets.bounds(when, day) == bounds


def test_chips_show_the_query_and_remove_one_part_of_it(client: Client) -> None:
    make_course(title="資安研習", mode="online")
    page = client.get(PAGE + "?q=資安&mode=online&first=2026-11-01&page=2")
    chips = {chip.name: chip for chip in page.context["chips"]}
    assert [chip.label for chip in chips.values()] == [
        "「資安」",
        "起：115年11月1日（日）",
        "實體或線上：線上",
    ]
    assert "mode" not in chips["mode"].url and "q=" in chips["mode"].url and "page" not in chips["mode"].url


@pytest.mark.parametrize(
    "query",
    ["?county=999", "?mode=moon", "?first=x", "?nature=%00", "?stage=zz", "?day=0001-01-01", "?county=%00"],
)
def test_a_question_that_is_not_understood_gets_a_sentence(client: Client, query: str) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(PAGE + query, headers=headers)
        assert answer.status_code == 200 and "alert-danger" in answer.content.decode()


@pytest.mark.parametrize(
    "month", ["", "2026-13", "0000-00", "x", "2026", "99999-1", "2026-１", "-", "9999-12"]
)
def test_a_month_that_is_none_is_the_running_one(client: Client, month: str) -> None:
    shown = client.get(PAGE + f"?view=calendar&month={month}").context["month"]
    assert shown.first == date(2026, 11, 1)


# --- The page costs the same however many courses there are -----------------------------------------------------------


@pytest.mark.parametrize("view", ["", "?view=calendar&month=2026-12", "?q=測試"])
def test_the_page_takes_twelve_queries_at_most_with_one_course_or_many(client: Client, view: str) -> None:
    user = make_user(unit=make_unit())
    client.force_login(user)
    make_enrolment(make_course(), user)
    questions(client, view)  # the lists that are kept for ten minutes
    few = questions(client, view)
    scatter(1, 30)
    assert few == questions(client, view) <= 12


def questions(client: Client, view: str) -> int:
    """Return how many SELECTs a page runs; the write of the session's last use is left out, as it is rare."""
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE + view)
    return sum(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_the_facets_take_three_queries(django_assert_num_queries: Any) -> None:
    scatter(2, 5)
    found = filtered("q=資安&mode=online")
    with django_assert_num_queries(3):
        facets.count(found)


# --- The month --------------------------------------------------------------------------------------------------------


def test_a_month_shows_three_courses_a_day_and_how_many_more(client: Client) -> None:
    for number in range(5):
        make_course(day=date(2026, 12, 3), title=f"研習{number}")
    month = month_of(Course.objects.public(), date(2026, 12, 1), {})
    assert month.weeks[0][0].day == date(2026, 11, 30) and month.weeks[-1][-1].day == date(2027, 1, 3)
    day = next(d for week in month.weeks for d in week if d.day == date(2026, 12, 3))
    assert (len(day.entries), day.total, day.more) == (3, 5, 2)
    page = client.get(PAGE + "?view=calendar&month=2026-12")
    link = re.search(r'href="([^"]+)">還有 2 門', page.content.decode())
    assert link and len(titles(client, link[1].replace("&amp;", "&"))) == 5


def test_a_course_is_on_each_of_its_days_and_once_a_day() -> None:
    course = make_course(day=date(2026, 12, 3))
    for day, hour in ((date(2026, 12, 3), 9), (date(2026, 12, 10), 9)):
        start = clock.at_taipei(day, time(hour))
        Session.objects.create(course=course, starts_at=start, ends_at=start + timedelta(hours=2))
    month = month_of(Course.objects.public(), date(2026, 12, 1), {})
    days = {d.day: d for week in month.weeks for d in week if d.total}
    assert {day: d.total for day, d in days.items()} == {date(2026, 12, 3): 1, date(2026, 12, 10): 1}
    assert clock.at_taipei(date(2026, 12, 3), time(9)) == days[date(2026, 12, 3)].entries[0].starts_at
    assert filtered("day=2026-12-10").qs.get() == course and not filtered("day=2026-12-11").qs.exists()


def test_a_session_shortly_after_midnight_in_taipei_belongs_to_its_taipei_day() -> None:
    start = clock.at_taipei(date(2026, 12, 1), time(0, 30))
    Session.objects.filter(course=make_course(day=date(2026, 12, 1))).update(
        starts_at=start, ends_at=start + timedelta(hours=1)
    )
    month = month_of(Course.objects.public(), date(2026, 12, 1), {})
    assert [d.day for week in month.weeks for d in week if d.total] == [date(2026, 12, 1)]


# --- Rows -------------------------------------------------------------------------------------------------------------


def test_rows_say_what_is_left_in_words(client: Client) -> None:
    day = clock.today() + timedelta(days=10)
    full = make_course(capacity=1, day=day)
    make_enrolment(full)
    for _ in range(2):
        make_enrolment(full, state=S.WAITLISTED)
    make_course(capacity=3, day=day + timedelta(1))
    make_course(day=day + timedelta(2), enrol_from=date(2026, 12, 1))
    make_course(day=day + timedelta(3), enrol_until=date(2026, 11, 20))
    make_enrolment(make_course(day=day + timedelta(4), capacity=1))
    over = make_course(ago=3)
    make_enrolment(over)
    close(over)
    page = client.get(PAGE + "?past=1").content.decode()
    words = re.findall(r'<span class="state place-\w+">(.+?)</span>', page)
    assert words == [
        "已結束",
        "額滿，備取 2 人",
        "尚餘 3 個名額",
        "115年12月1日 開放報名",
        "報名截止",
        "額滿",
    ]


def test_rows_show_the_readers_own_enrolment(client: Client) -> None:
    user = make_user()
    for state in (S.ADMITTED, S.CANCELLED):
        make_enrolment(make_course(), user, state=state)
    make_course()
    client.force_login(user)
    body = client.get(PAGE).content.decode()
    assert body.count("您的報名：") == 1 and "您的報名：錄取" in body
    assert "您的報名" not in Client().get(PAGE).content.decode()


# --- Small things -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "link"),
    [
        ("07-7258600#123", "tel:077258600;ext=123"),
        ("08-8642009 分機 12", "tel:088642009;ext=12"),
        ("(08) 864-2009", "tel:088642009"),
        ("０８-８６４２００９＃１２", "tel:088642009;ext=12"),
        ("+886 7 7258600", "tel:+88677258600"),
        ("請洽教務處", ""),
        ("1", ""),
        ("07-7258600#<b>", "tel:077258600"),
    ],
)
def test_a_telephone_number_dials_its_extension(number: str, link: str) -> None:
    assert tel(number) == link


def test_a_query_is_kept_by_its_known_parameters_in_one_order() -> None:
    messy = "page=3&mode=online&q=%E8%B3%87%E5%AE%89&evil=1&open=on&when=moon&sort=new&view=list&first="
    assert known_query(messy) == "q=%E8%B3%87%E5%AE%89&mode=online&open=1&sort=new"
    assert known_query(known_query(messy)) == known_query(messy)
    assert known_query("?") == ""


def test_the_page_of_the_api_takes_the_same_questions(client: Client) -> None:
    scatter(3)
    for query in ("mode=online", "time=weekend&past=1", "length=short&free=1", "stage=30", "nature=1"):
        found = client.get(f"/api/v1/courses/?page_size=200&{query}").json()["results"]
        assert len(found) == filtered(query).qs.count()
    assert client.get("/api/v1/courses/?time=noon").status_code == 400
    assert client.get(reverse("courses:catalogue") + "?time=noon").status_code == 200


def test_numbers_over_many_courses_are_kept_and_small_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courses.queries.cached_counts.MANY", 2)
    handler = make_account()

    def total(**asked: str) -> int:
        found = CourseFilter(asked, queryset=Course.objects.public())
        assert found.is_valid()
        return facets.count(found).total

    for number in (1, 2):
        make_course(handler)
        assert total() == number, "few courses are counted anew"
    make_course(handler)
    assert total() == 3
    make_course(handler)
    assert total() == 3, "many are counted at most five minutes ago"
    assert total(free="1") == 4, "another question has numbers of its own"
    assert count_catalogue() == 4 and total() == 4, "the job counts them anew"
