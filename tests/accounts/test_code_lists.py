"""The lists that people choose from: kept by the operator, offered while valid, never deleted once used; days off."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import code_lists, days_off, unit_codes, units
from accounts.actions.code_lists import Entry, Written
from accounts.code_lists import CODE_LISTS
from accounts.errors import ChangedMeanwhile, OnlyOperatorMay
from accounts.errors.code_lists import (
    CodeTaken,
    DayAlreadyAdded,
    DayTakenBack,
    EntriesFixed,
    EntryGone,
    EntryInUse,
    EntryNameTaken,
    LevelNotOffered,
    MayNotKeepDays,
    PathTooLong,
    ValidityBackwards,
)
from accounts.imports.code_lists import read
from accounts.imports.days_off import read as read_days
from accounts.models import DayOff, Level, Title
from accounts.queries.days_off import forget_days
from accounts.queries.levels import levels_in_order
from audit.models import AuditEvent
from courses.actions import registration
from courses.errors import EntryEnded
from courses.forms.catalogue_filter import CourseFilter
from courses.forms.course import CourseForm
from courses.models import Course, CourseNature, Tag
from courses.queries import references
from files.models import StoredFile
from kit import clock
from kit.holidays import DayKind, day_kind, is_workday
from tests.concurrency.acts import as_data
from tests.factories import (
    acting,
    make_account,
    make_county,
    make_course,
    make_lead,
    make_officer,
    make_operator,
    make_unit,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
YESTERDAY = timedelta(days=1)


def operator() -> Any:
    return acting(make_operator())


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def end(row: Any, slug: str = "tags") -> Any:
    entry = Entry(row.name, row.order, valid_until=clock.today() - YESTERDAY)
    changed = code_lists.change(by=operator(), of=slug, row=row, entry=entry)
    references.forget()
    return changed


def test_only_the_operator_keeps_the_lists() -> None:
    tag, entry = Tag.objects.earliest("pk"), Entry("x")
    rows = [Written(2, "x", entry)]
    for by in (acting(make_officer()), acting(make_lead()), teacher(make_user())):
        for act in (
            lambda by=by: code_lists.add(by=by, to="tags", code="x", entry=entry),
            lambda by=by: code_lists.change(by=by, of="tags", row=tag, entry=entry),
            lambda by=by: code_lists.delete(by=by, of="tags", row=tag),
            lambda by=by: code_lists.import_entries(by=by, to="tags", rows=rows),
        ):
            with pytest.raises(OnlyOperatorMay):
                act()


@pytest.mark.parametrize("slug", sorted(slug for slug, kept in CODE_LISTS.items() if not kept.is_fixed))
def test_a_code_is_given_once_and_days_are_in_order(slug: str) -> None:
    by, day = operator(), clock.today()
    code_lists.add(by=by, to=slug, code="new-1", entry=Entry("新項目"))
    with pytest.raises(CodeTaken):
        code_lists.add(by=by, to=slug, code="new-1", entry=Entry("又一個"))
    with pytest.raises(ValidityBackwards):
        code_lists.add(
            by=by, to=slug, code="new-2", entry=Entry("x", valid_from=day, valid_until=day - YESTERDAY)
        )


def test_an_entry_that_was_used_is_ended_and_not_deleted() -> None:
    tag = Tag.objects.get(code="family")
    make_course().tags.add(tag)
    with pytest.raises(EntryInUse):
        code_lists.delete(by=operator(), of="tags", row=tag)
    served = make_user(unit=make_account().unit).affiliations.get().title
    with pytest.raises(EntryInUse):
        code_lists.delete(by=operator(), of="titles", row=Title.objects.get(name=served))
    slip = code_lists.add(by=operator(), to="tags", code="slip", entry=Entry("誤"))
    code_lists.delete(by=operator(), of="tags", row=slip)
    assert not Tag.objects.filter(code="slip").exists()
    assert AuditEvent.objects.get(action="code.delete").before["code"] == "slip"


def test_a_node_of_the_tree_that_others_are_below_is_not_deleted() -> None:
    with pytest.raises(EntryInUse):
        code_lists.delete(by=operator(), of="natures", row=CourseNature.objects.get(code="5"))


def test_renaming_a_node_of_the_tree_renames_the_paths_below() -> None:
    node = CourseNature.objects.get(code="12")
    code_lists.change(by=operator(), of="natures", row=node, entry=Entry("課堂教學", node.order))
    assert CourseNature.objects.get(code="1211").path == "中等學校 › 課堂教學 › 語文領域 › 國語文"
    parent = CourseNature.objects.get(code="126")
    new = code_lists.add(by=operator(), to="natures", code="1261", entry=Entry("生活科技"), parent=parent)
    assert new.path == f"{parent.path} › 生活科技"


def test_changing_nothing_is_no_act() -> None:
    tag = Tag.objects.get(code="family")
    code_lists.change(by=operator(), of="tags", row=tag, entry=Entry.of(tag))
    assert not AuditEvent.objects.filter(action="code.change").exists()


def test_an_entry_is_offered_from_its_first_day_to_its_last() -> None:
    day = clock.today()
    entry = Entry("海洋教育", valid_from=day + timedelta(1), valid_until=day + timedelta(2))
    code_lists.add(by=operator(), to="tags", code="sea", entry=entry)
    offered = []
    for days in range(4):
        with time_machine.travel(clock.now() + timedelta(days)):
            rows = CourseForm(instance=Course()).fields["tags"].queryset  # type: ignore[attr-defined]
            searched = CourseFilter({"tag": "sea"}, Course.objects.all()).form.is_valid()
            assert rows.filter(code="sea").exists() == searched == Tag.objects.get(code="sea").is_valid()
            offered.append(searched)
    assert offered == [False, True, True, False]


def test_an_old_course_keeps_what_is_no_longer_offered_and_a_new_one_cannot_have_it() -> None:
    old, new = make_course(), make_course()
    tag, nature = Tag.objects.get(code="family"), CourseNature.objects.get(code="52")
    old.tags.add(tag)
    Course.objects.filter(pk=old.pk).update(nature=nature)
    old.refresh_from_db()
    end(tag), end(nature, "natures")
    form = CourseForm(instance=old)
    assert form.fields["tags"].queryset.filter(pk=tag.pk).exists()  # type: ignore[attr-defined]
    assert form.fields["nature"].queryset.filter(pk=nature.pk).exists()  # type: ignore[attr-defined]
    assert not CourseForm(instance=new).fields["tags"].queryset.filter(pk=tag.pk)  # type: ignore[attr-defined]
    kept = as_data(old)
    registration.update(
        course=old,
        by=acting(old.handler),
        data=registration.CourseData(kept.fields, kept.sessions, kept.instructors, kept.stages, tags=[tag]),
    )
    fields = as_data(new)
    ended = Tag.objects.get(pk=tag.pk)
    for more in (
        registration.CourseData(
            fields.fields, fields.sessions, fields.instructors, fields.stages, tags=[ended]
        ),
        registration.CourseData(
            {**fields.fields, "nature": CourseNature.objects.get(pk=nature.pk)},
            fields.sessions,
            fields.instructors,
            fields.stages,
        ),
    ):
        with pytest.raises(EntryEnded):
            registration.update(course=new, by=acting(new.handler), data=more)


def test_a_copy_leaves_out_what_is_no_longer_offered() -> None:
    course, tag = make_course(), Tag.objects.get(code="family")
    course.tags.set([tag, Tag.objects.get(code="gender")])
    Course.objects.filter(pk=course.pk).update(nature=CourseNature.objects.get(code="52"))
    end(tag), end(CourseNature.objects.get(code="52"), "natures")
    copied = registration.copy(course=course, by=acting(course.handler))
    assert [row.code for row in copied.tags.all()] == ["gender"] and copied.nature is None


def test_the_catalogue_lists_no_facet_that_is_not_offered() -> None:
    course = make_course(title="親職講座")
    course.tags.add(Tag.objects.get(code="family"))
    address = reverse("courses:catalogue")
    assert "tag=family" in Client().get(address).content.decode()
    end(Tag.objects.get(code="family"))
    cache.clear()
    page = Client().get(address).content.decode()
    assert "tag=family" not in page and "親職講座" in page


# --- By page and by file ---------------------------------------------------------------------------------------------


def test_an_entry_by_page_with_its_history() -> None:
    client = browser(make_operator().user)
    client.post(
        reverse("accounts:list_add", args=["tags"]), {"code": "sea", "name": "海洋教育", "order": "9"}
    )
    tag = Tag.objects.get(code="sea")
    address = reverse("accounts:list_entry", args=["tags", tag.pk])
    client.post(address, {"name": "海洋教育與保育", "order": "9", "seen": code_lists.mark(tag)})
    page = client.get(address).content.decode()
    assert page.count("海洋教育與保育") >= 2 and "name：海洋教育<" in page
    bad = client.post(reverse("accounts:list_add", args=["tags"]), {"code": "海", "name": "x", "order": "1"})
    assert bad.status_code == 200 and not Tag.objects.filter(name="x").exists()
    client.post(reverse("accounts:list_delete", args=["tags", tag.pk]))
    assert not Tag.objects.filter(code="sea").exists()
    assert client.get(reverse("accounts:list", args=["nothing"])).status_code == 404
    assert client.get(reverse("accounts:list_import", args=["nothing"])).status_code == 404


def table(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("tags.csv", text.encode("utf-8-sig"))


def test_what_is_exported_is_taken_in_again_without_a_change() -> None:
    client = browser(make_operator().user)
    for slug in CODE_LISTS:
        answer: Any = client.get(reverse("accounts:list", args=[slug]), {"download": "csv"})
        body = b"".join(answer.streaming_content)
        upload = SimpleUploadedFile("list.csv", body)
        page = client.post(reverse("accounts:list_import", args=[slug]), {"file": upload})
        assert "與目前資料相同，沒有變更" in page.content.decode(), slug


def test_a_file_is_shown_first_and_then_taken_whole() -> None:
    client, address = browser(make_operator().user), reverse("accounts:list_import", args=["tags"])
    text = "代碼,名稱,順序,有效迄日\nsea,海洋教育,7,\nfamily,家庭教育,2,115/12/31\ngender,性別平等教育,6,\n"
    answer = client.post(address, {"file": table(text)})
    assert "海洋教育" in answer.content.decode() and not Tag.objects.filter(code="sea").exists()
    key = StoredFile.objects.get().key
    client.post(address, {"key": key, "seen": answer.context["seen"]})
    assert Tag.objects.get(code="sea").order == 7
    assert Tag.objects.get(code="family").valid_until == date(2026, 12, 31)
    assert client.post(address, {"key": key})["Location"] == address  # gone with the act


def test_a_file_whose_preview_is_old_is_not_taken_in() -> None:
    """What another operator has changed since the preview would be overwritten unseen."""
    client, address = browser(make_operator().user), reverse("accounts:list_import", args=["tags"])
    seen = client.post(address, {"file": table("代碼,名稱,順序\nfamily,家庭教育,2\n")}).context["seen"]
    tag = Tag.objects.get(code="family")
    code_lists.change(by=operator(), of="tags", row=tag, entry=Entry("家庭教育與親職", 3))
    client.post(address, {"key": StoredFile.objects.get().key, "seen": seen})
    tag.refresh_from_db()
    assert tag.name == "家庭教育與親職"


def test_another_persons_file_is_not_taken_in() -> None:
    address = reverse("accounts:list_import", args=["tags"])
    browser(make_operator().user).post(address, {"file": table("代碼,名稱\nsea,海洋教育\n")})
    browser(make_operator().user).post(address, {"key": StoredFile.objects.get().key})
    assert not Tag.objects.filter(code="sea").exists()


def test_a_file_with_a_refused_row_saves_nothing_also_past_the_page() -> None:
    client, address = browser(make_operator().user), reverse("accounts:list_import", args=["tags"])
    page = client.post(address, {"file": table("代碼,名稱\nsea,海洋教育\n海,x\n")}).content.decode()
    assert "3: 代碼" in page and "key" not in page.split("<main")[1].split('name="key"')[0][-1:]
    client.post(address, {"key": StoredFile.objects.get().key})
    assert not Tag.objects.filter(code="sea").exists()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("海,名,,,,", "代碼"),
        ("a b,名,,,,", "代碼"),
        ("family2,,,,,", "名稱"),
        (f"x,{'名' * 61},,,,", "名稱"),
        ("x,名,family,,,", "上層代碼"),
        ("x,名,,ten,,", "順序"),
        ("x,名,,,13/45,", "有效起日"),
        ("x,名,,,115/8/2,115/8/1", "有效迄日"),
        ("x,名,,,,,多", "整列"),
    ],
)
def test_a_row_that_cannot_be_taken_names_its_column(tmp_path: Any, row: str, column: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"代碼,名稱,上層代碼,順序,有效起日,有效迄日\nok,好,,,,\n{row}\n")
    found = read(path, CODE_LISTS["tags"])
    assert [r.column for r in found.refused] == [column] and [r.code for r in found.rows] == ["ok"]


def test_a_code_twice_in_a_file_and_an_unknown_parent_are_refused(tmp_path: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text("代碼,名稱,上層代碼\n6,其他,\n61,行政,6\n61,教學,6\n71,x,7\n")
    found = read(path, CODE_LISTS["natures"])
    assert [(r.line, r.column) for r in found.refused] == [(4, "代碼"), (5, "上層代碼")]


def test_a_path_that_is_too_long_for_the_tree_is_refused_by_a_sentence() -> None:
    """PostgreSQL refused it with an error, four steps of sixty characters each."""
    by, above = operator(), None
    for code in ("a1", "a2", "a3"):
        above = code_lists.add(by=by, to="natures", code=code, parent=above, entry=Entry("名" * 60))
    with pytest.raises(PathTooLong, match="200"):
        code_lists.add(by=by, to="natures", code="a4", parent=above, entry=Entry("名" * 15))
    code_lists.add(by=by, to="natures", code="a4", parent=above, entry=Entry("名" * 11))
    with pytest.raises(PathTooLong):
        code_lists.change(
            by=by, of="natures", row=CourseNature.objects.get(code="a4"), entry=Entry("名" * 12)
        )
    assert CourseNature.objects.get(code="a4").name == "名" * 11


def test_two_titles_have_no_one_name() -> None:
    """Places of service hold the name: people of the first title could not enrol where it is named."""
    client, by = browser(make_operator().user), operator()
    first = Title.objects.order_by("pk").first()
    assert first is not None
    with pytest.raises(EntryNameTaken, match=first.code):
        code_lists.add(by=by, to="titles", code="other", entry=Entry(first.name))
    other = code_lists.add(by=by, to="titles", code="other", entry=Entry("護理長"))
    with pytest.raises(EntryNameTaken):
        code_lists.change(by=by, of="titles", row=other, entry=Entry(first.name))
    code_lists.change(by=by, of="titles", row=other, entry=Entry("護理長", 7))
    address = reverse("accounts:list_import", args=["titles"])
    page = client.post(address, {"file": table(f"代碼,名稱\nthird,{first.name}\n")})
    page = client.post(address, {"key": StoredFile.objects.get().key, "seen": page.context["seen"]})
    assert first.code in page.content.decode() and not Title.objects.filter(code="third").exists()


def test_an_entry_stays_where_it_is_in_the_tree(tmp_path: Path) -> None:
    """The place was dropped without a word, and the row counted as unchanged."""
    path = tmp_path / "a.csv"
    below = CourseNature.objects.get(code="11")
    top = CourseNature.objects.exclude(pk=below.parent_id).filter(parent=None).first()
    assert top is not None
    for row in (f"11,行政,{top.code}", "11,行政,", f"{top.code},{top.name},1"):
        path.write_text(f"代碼,名稱,上層代碼\n{row}\n")
        assert [r.column for r in read(path, CODE_LISTS["natures"]).refused] == ["上層代碼"], row
    path.write_text("代碼,名稱,上層代碼\n11,行政,1\n")
    assert not read(path, CODE_LISTS["natures"]).refused


def test_a_column_that_a_file_lacks_leaves_an_entry_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("代碼,名稱\nfamily,家庭教育\nsea,海洋教育\n")
    entry = Entry("家庭教育", 7, date(2026, 1, 1), date(2027, 12, 31))
    code_lists.change(by=operator(), of="tags", row=Tag.objects.get(code="family"), entry=entry)
    assert [row.entry for row in read(path, CODE_LISTS["tags"]).rows] == [entry, Entry("海洋教育")]
    path.write_text("代碼,名稱,有效起日\nfamily,家庭教育,116/1/1\n")
    code_lists.change(
        by=operator(), of="tags", row=Tag.objects.get(code="family"), entry=Entry("家庭教育", 7)
    )
    changed = read(path, CODE_LISTS["tags"]).rows[0].entry
    assert changed == Entry("家庭教育", 7, date(2027, 1, 1), None)


# --- Days off --------------------------------------------------------------------------------------------------------

MONDAY = date(2026, 11, 30)


def add(by: Any, county: Any = None, **fields: Any) -> DayOff:
    row = days_off.add(by=by, county=county, **({"day": MONDAY, "name": "颱風停班停課"} | fields))
    forget_days()
    return row


def test_an_officer_adds_days_of_the_own_county_only() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    by = acting(make_officer(home))
    row = add(by, home)
    with pytest.raises(DayAlreadyAdded):
        add(operator(), home)
    for county in (far, None):
        with pytest.raises(MayNotKeepDays):
            add(by, county)
    foreign, national = add(operator(), far), add(operator())
    for other in (foreign, national):
        with pytest.raises(MayNotKeepDays):
            days_off.take_back(row=other, by=by)
    for who in (acting(make_lead()), teacher(make_user())):
        with pytest.raises(MayNotKeepDays):
            add(who, home, day=MONDAY + timedelta(1))
    days_off.take_back(row=row, by=by)
    with pytest.raises(DayTakenBack):
        days_off.take_back(row=row, by=by)
    add(by, home)


def test_days_come_from_a_file_all_or_none_and_the_export_changes_nothing() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    client, address = browser(make_officer(home).user), reverse("accounts:days_off")
    add(operator(), None, day=date(2026, 12, 24))
    text = "日期,名稱,縣市,上班,撤回\n115/11/30,颱風停班停課,屏東縣,,\n2026-12-05,補班,屏東縣,1,\n"
    bad = "115/13/1,x,屏東縣,,\n115/12/1,,屏東縣,,\n115/12/1,x,花蓮縣,,\n115/12/1,x,火星縣,,\n115/12/1,x,屏東縣,常,\n"
    page = client.post(address, {"file": table(text + bad)}).content.decode()
    for said in ("4: 日期", "5: 名稱", "6: 縣市", "7: 縣市", "8: 上班"):
        assert said in page
    assert not DayOff.objects.filter(county__in=(home, far)).exists()
    assert client.post(address, {"file": table(text)})["Location"] == address
    rows = set(DayOff.objects.filter(county=home).values_list("day", "is_workday"))
    assert rows == {(MONDAY, False), (date(2026, 12, 5), True)}
    answer: Any = client.get(address, {"download": "csv"})
    body = b"".join(answer.streaming_content)
    client.post(address, {"file": SimpleUploadedFile("days.csv", body)})
    assert DayOff.objects.count() == 3 and not StoredFile.objects.present().exists()
    with pytest.raises(MayNotKeepDays):
        days_off.import_days(by=acting(make_officer(home)), days=[days_off.NewDay(MONDAY, "x", far)])


def test_a_file_that_says_otherwise_of_a_day_is_refused_at_the_row(tmp_path: Path) -> None:
    """Whether people work on the day was dropped without a word, as if the row changed nothing."""
    by, path = acting(make_officer()), tmp_path / "days.csv"
    days_off.add(by=by, day=MONDAY, name="颱風假", county=by.county)
    path.write_text(
        "日期,名稱,縣市,上班\n"
        "2026-11-30,颱風假,屏東縣,\n"
        "2026-11-30,颱風假,屏東縣,是\n"
        "115/12/1,豪雨,屏東縣,\n"
        "１１５／１２／１,豪雨,屏東縣,\n"
        "115/12/1,地震,屏東縣,\n"
    )
    found = read_days(path, by)
    assert [(row.line, row.column) for row in found.refused] == [(3, "日期"), (6, "日期")]
    assert [row.name for row in found.fresh] == ["豪雨"] and found.unchanged == 2


def test_an_added_day_precedes_the_calendar_in_its_county_or_everywhere() -> None:
    home, far = make_county("屏東縣"), make_county("花蓮縣")
    assert is_workday(MONDAY)
    row = add(acting(make_officer(home)), home)
    assert day_kind(MONDAY, home.pk) == DayKind("颱風停班停課", False)
    assert day_kind(MONDAY, far.pk) == day_kind(MONDAY) == DayKind("", True) and is_workday(MONDAY)
    add(operator(), None, name="全國停班")
    assert not is_workday(MONDAY) and day_kind(MONDAY, far.pk) == DayKind("全國停班", False)
    assert day_kind(MONDAY, home.pk) == DayKind("颱風停班停課", False)
    days_off.take_back(row=row, by=operator())
    forget_days()
    assert day_kind(MONDAY, home.pk) == DayKind("全國停班", False)
    add(operator(), None, day=date(2026, 11, 28), name="補行上班", is_workday=True)
    assert is_workday(date(2026, 11, 28))


def test_days_off_by_page() -> None:
    officer = make_officer()
    client, address = browser(officer.user), reverse("accounts:days_off")
    assert 'name="county"' not in client.get(address).content.decode()
    client.post(address, {"day": "115/11/30", "name": "颱風"})
    row = DayOff.objects.get()
    assert row.county == officer.unit.county and row.day == MONDAY
    assert "已經新增過" in client.post(address, {"day": "115/11/30", "name": "颱風"}).content.decode()
    other = make_officer(make_county("花蓮縣"))
    assert browser(other.user).post(reverse("accounts:take_back_day_off", args=[row.pk])).status_code == 404
    client.post(reverse("accounts:take_back_day_off", args=[row.pk]))
    row.refresh_from_db()
    assert row.ended_at


def test_a_page_from_before_does_not_overwrite_an_entry_or_change_one_that_is_gone() -> None:
    by, tag = operator(), Tag.objects.get(code="family")
    seen = code_lists.mark(tag)
    code_lists.change(by=by, of="tags", row=tag, entry=Entry("甲"), seen=seen)
    with pytest.raises(ChangedMeanwhile):
        code_lists.change(by=by, of="tags", row=tag, entry=Entry("乙"), seen=seen)
    slip = code_lists.add(by=by, to="tags", code="slip", entry=Entry("誤"))
    gone = Tag.objects.get(pk=slip.pk)
    code_lists.delete(by=by, of="tags", row=slip)
    for act in (
        lambda: code_lists.change(by=by, of="tags", row=gone, entry=Entry("x")),
        lambda: code_lists.delete(by=by, of="tags", row=gone),
    ):
        with pytest.raises(EntryGone):
            act()


def test_the_levels_are_ordered_and_ended_and_nothing_else(tmp_path: Path) -> None:
    by, level = operator(), Level.objects.get(code="vocational")
    unit = make_unit(level="vocational")
    refused: list[Any] = [
        lambda: code_lists.add(by=by, to="levels", code="other", entry=Entry("其他")),
        lambda: code_lists.change(by=by, of="levels", row=level, entry=Entry("高職", level.order)),
        lambda: code_lists.delete(by=by, of="levels", row=level),
    ]
    for act in refused:
        with pytest.raises(EntriesFixed):
            act()
    path = tmp_path / "levels.csv"
    path.write_text("代碼,名稱,順序\nother,其他,1\nvocational,高職,1\npreschool,幼兒園,2\n")
    found = read(path, CODE_LISTS["levels"])
    assert [row.line for row in found.refused] == [2, 3] and [row.code for row in found.rows] == ["preschool"]
    page, url = browser(by.user), reverse("accounts:list_entry", args=["levels", level.pk])
    body = page.get(url).content.decode()
    assert "已使用 1 次" in body and "disabled" in body
    assert page.get(reverse("accounts:list_add", args=["levels"])).status_code == 404
    yesterday = (clock.today() - YESTERDAY).isoformat()
    facts = {"name": "高職", "order": "5", "valid_until": yesterday, "seen": code_lists.mark(level)}
    assert page.post(url, facts).status_code == 302
    level.refresh_from_db()
    assert (level.name, level.order, level.is_valid()) == ("高級職業學校", 5, False)
    assert levels_in_order()[0] == "vocational" and "vocational" not in levels_in_order(offered=True)
    assert "vocational" in levels_in_order(offered=True, keep=unit.level)
    offered = page.get(reverse("accounts:unit_new")).content.decode()
    assert 'value="vocational"' not in offered and 'value="preschool"' in offered
    assert 'value="vocational"' in page.get(reverse("accounts:units")).content.decode()
    new = {"code": "134599", "name": "新高職", "kind": "school", "county": unit.county, "level": "vocational"}
    with pytest.raises(LevelNotOffered):
        units.add(by=by, facts=dict.fromkeys(units.FIELDS, "") | new | {"parent": None, "since": None})
    with pytest.raises(LevelNotOffered):
        unit_codes.recode(unit=make_unit(), code="134599", level="vocational", reason="改制", by=by)
    unit_codes.recode(unit=unit, code="134599", level="vocational", reason="換碼", by=by)
