"""The draft of a closing: one row per person, the newest is continued, no work is overwritten, and no draft outlives the
closing.
"""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from checks.invariants import RULES
from courses.actions import withdrawal
from courses.enums import EnrolmentState as S
from courses.errors import NotTheHandler, WrongState
from courses.models import Course, Enrolment
from hours.actions import drafts
from hours.errors import AlreadyClosed, NewerDraft
from hours.models import Closing, ClosingDraft, HourCredit, Mark, Sheet, WalkIn
from hours.queries.closing_effect import effect_of_closing
from hours.queries.drafts import differing, differing_walk_ins
from hours.tasks import tidy_drafts
from kit import clock
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_user,
    overdue_courses,
    sheet_with,
)

pytestmark = pytest.mark.django_db


def filled(course: Course, state: str = S.ATTENDED, typed: str = "3") -> Sheet:
    return sheet_with({row.pk: (state, typed) for row in course.enrolments.filter(state=S.ADMITTED)})


@pytest.fixture
def course() -> Course:
    course = make_course(ago=2)
    make_enrolment(course, make_user("劉淑惠"))
    make_enrolment(course, make_user("張雅婷"))
    return course


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def urls(course: Course) -> tuple[str, str]:
    return reverse("hours:close", args=[course.code]), reverse("hours:draft", args=[course.code])


def squeezed(answer: HttpResponse) -> str:
    """Return a page with one blank for each white space, so that a test may read tags whose attributes stand on lines of their own."""
    return " ".join(answer.content.decode().split())


def form_of(client: Client, course: Course) -> dict[str, str]:
    """The page's own form as a browser would send it."""
    page = squeezed(client.get(urls(course)[0]))
    form = dict(re.findall(r'<input type="hidden" name="(request_key|draft_base)" value="([^"]*)"', page))
    form |= dict(re.findall(r'name="(state_\d+)" value="(\w+)" checked', page))
    return form | dict(re.findall(r'name="(hours_\d+)"[^>]*value="([^"]*)"', page))


def row_of(course: Course, name: str) -> Enrolment:
    return course.enrolments.get(user__name=name)


# --- The action ----------------------------------------------------------------------------------------------------------


def test_each_person_has_one_draft_and_versions_run_through_the_course(course: Course) -> None:
    handler, lead = acting(course.handler), acting(make_lead(course.unit))
    first = drafts.save(course=course, by=handler, sheet=filled(course), base=0)
    again = drafts.save(course=course, by=handler, sheet=filled(course, S.ABSENT), base=1)
    other = drafts.save(course=course, by=lead, sheet=filled(course, S.EXCUSED), base=2)
    assert (first.pk, first.version, again.version, other.version) == (again.pk, 1, 2, 3)
    assert ClosingDraft.objects.count() == 2


def test_a_newer_draft_of_a_colleague_is_not_passed_over(course: Course) -> None:
    handler, lead = acting(course.handler), acting(make_lead(course.unit))
    drafts.save(course=course, by=lead, sheet=filled(course, S.ABSENT), base=0)
    with pytest.raises(NewerDraft) as refusal:
        drafts.save(course=course, by=handler, sheet=filled(course), base=0)
    assert refusal.value.draft.saved_by == lead.user and lead.user.name in refusal.value.message
    kept = drafts.save(course=course, by=handler, sheet=filled(course), base=refusal.value.draft.version)
    assert kept.version == 2
    assert ClosingDraft.objects.get(saved_by=lead.user).sheet == filled(course, S.ABSENT)


def test_the_same_page_and_the_same_marks_are_no_conflict(course: Course) -> None:
    handler, lead = acting(course.handler), acting(make_lead(course.unit))
    drafts.save(course=course, by=handler, sheet=filled(course), base=0, page="tab")
    # The response was lost on the way: the page sends its next change with the old version.
    assert (
        drafts.save(course=course, by=handler, sheet=filled(course, S.ABSENT), base=0, page="tab").version
        == 2
    )
    assert drafts.save(course=course, by=lead, sheet=filled(course, S.ABSENT), base=0).version == 3


def test_two_windows_of_one_person_are_two_versions(course: Course) -> None:
    handler = acting(course.handler)
    drafts.save(course=course, by=handler, sheet=filled(course), base=0, page="one")
    with pytest.raises(NewerDraft):
        drafts.save(course=course, by=handler, sheet=filled(course, S.ABSENT), base=0, page="two")


def test_starting_anew_empties_the_own_draft_and_leaves_the_colleagues(course: Course) -> None:
    handler, lead = acting(course.handler), acting(make_lead(course.unit))
    drafts.save(course=course, by=lead, sheet=filled(course, S.ABSENT), base=0)
    assert drafts.start_anew(course=course, by=handler).version == 2
    assert ClosingDraft.objects.get(saved_by=lead.user).sheet == filled(course, S.ABSENT)
    with pytest.raises(NewerDraft):
        drafts.save(course=course, by=lead, sheet=filled(course, S.ABSENT), base=1)


def test_a_colleague_who_may_not_close_may_not_save_either(course: Course) -> None:
    for act in (drafts.save, drafts.start_anew):
        more = {"sheet": filled(course), "base": 0} if act is drafts.save else {}
        with pytest.raises(NotTheHandler):
            act(course=course, by=acting(make_account(course.unit)), **more)


def test_drafts_go_with_the_closing_and_none_comes_after(course: Course) -> None:
    handler = acting(course.handler)
    drafts.save(course=course, by=handler, sheet=filled(course), base=0)
    close(course)
    assert not ClosingDraft.objects.exists()
    with pytest.raises(AlreadyClosed):
        drafts.save(course=course, by=handler, sheet=filled(course), base=1)
    ClosingDraft.objects.create(course=course, saved_by=handler.user, version=1, saved_at=clock.now())
    assert RULES["a draft of a closing goes with the closing"]() == 1


def test_drafts_of_withdrawn_courses_are_removed_at_night_and_no_others(course: Course) -> None:
    handler, other = acting(course.handler), make_course(ago=2)
    drafts.save(course=course, by=handler, sheet=filled(course), base=0)
    kept = drafts.save(course=other, by=acting(other.handler), sheet=filled(other), base=0)
    withdrawal.withdraw(course=course, by=handler, reason="not_held")
    with pytest.raises(WrongState):
        drafts.save(course=course, by=handler, sheet=filled(course), base=1)
    assert tidy_drafts() == 1
    assert list(ClosingDraft.objects.all()) == [kept]


@pytest.mark.parametrize("facts", [{"version": 1}, {"version": 0}, {"version": 2, "saved_by": "same"}])
def test_the_database_keeps_versions_and_persons_apart(course: Course, facts: dict[str, Any]) -> None:
    first = drafts.save(course=course, by=acting(course.handler), sheet=filled(course), base=0)
    person = first.saved_by if facts.pop("saved_by", "") else make_user()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosingDraft.objects.create(course=course, saved_by=person, saved_at=clock.now(), **facts)


def test_what_differs_counts_hours_only_of_who_attended() -> None:
    theirs = sheet_with(
        {1: ("attended", "3"), 2: ("absent", "3"), 3: ("attended", "3"), 4: ("absent", "3")}, {9: "3"}
    )
    mine = sheet_with(
        {1: ("attended", "2"), 2: ("absent", "1"), 3: ("attended", " 3"), 5: ("absent", "")}, {8: "3"}
    )
    assert differing(theirs, mine) == [1] and differing_walk_ins(theirs, mine) == [8, 9]


def test_the_effect_on_the_light_is_that_of_the_gate() -> None:
    handler = make_account()
    courses = overdue_courses(handler, 5)
    effect = effect_of_closing(courses[0])
    assert (effect.before, effect.after, effect.colour_before, effect.colour) == (5, 4, "red", "yellow")
    assert effect.turns and effect.opens and effect.counts
    calm = effect_of_closing(make_course(handler, ago=2))
    assert not calm.turns and not calm.opens and not calm.counts


# --- The page ------------------------------------------------------------------------------------------------------------


def test_a_saved_draft_is_there_again_with_a_note_and_can_be_thrown_away(course: Course) -> None:
    client, (page, save) = client_of(course.handler), urls(course)
    row = row_of(course, "張雅婷")
    form = form_of(client, course) | {f"state_{row.pk}": "absent"}
    answer = client.post(save, form)
    assert answer.status_code == 200 and answer.json()["version"] == 1
    assert AuditEvent.objects.filter(kind="act").count() == 0
    again = squeezed(client.get(page))
    assert "這是您於" in again and f'name="state_{row.pk}" value="absent" checked' in again
    client.post(page, form_of(client, course) | {"action": "anew"})
    fresh = squeezed(client.get(page))
    assert "這是您於" not in fresh and f'name="state_{row.pk}" value="attended" checked' in fresh


def test_without_a_script_the_draft_is_saved_by_a_button(course: Course) -> None:
    client, (page, _save) = client_of(course.handler), urls(course)
    answer = client.post(page, form_of(client, course) | {"action": "draft"}, follow=True)
    assert "草稿已儲存" in answer.content.decode() and ClosingDraft.objects.count() == 1


def test_a_draft_holds_ids_states_hours_and_only_people_of_the_course(course: Course) -> None:
    client, (_page, save) = client_of(course.handler), urls(course)
    stranger = make_enrolment(make_course(ago=2))
    row = row_of(course, "張雅婷")
    form = form_of(client, course) | {
        f"state_{stranger.pk}": "absent",
        f"hours_{row.pk}": "2\0" + "x" * 99,
        "note": "病假",
    }
    assert client.post(save, form).status_code == 200
    draft = ClosingDraft.objects.get()
    assert set(draft.sheet.marks) == {r.pk for r in course.enrolments.all()}
    assert draft.sheet.marks[row.pk] == ("attended", "2" + "x" * 18) and draft.walk_ins == {}


def test_walk_ins_are_kept_in_the_draft(course: Course) -> None:
    client, (page, save) = client_of(course.handler), urls(course)
    walker = make_user("蔡志明")
    with_walker = client.post(
        page, form_of(client, course) | {"action": "add", "walk_in": walker.email}
    ).content.decode()
    token = re.search(r'name="walk_in_token" value="([^"]+)"', with_walker)
    client.post(save, form_of(client, course) | {"walk_in_token": token[1], f"hours_w{walker.pk}": "2"})  # type: ignore[index]
    assert ClosingDraft.objects.get().sheet.walk_ins == (WalkIn(walker.pk, "2"),)
    again = squeezed(client.get(page))
    assert "蔡志明" in again and f'name="hours_w{walker.pk}"' in again


def test_a_conflict_lists_the_differences_and_both_ways_out_lose_nothing(course: Course) -> None:
    lead = make_lead(course.unit)
    handler_client, lead_client, (page, save) = client_of(course.handler), client_of(lead), urls(course)
    mine, theirs = form_of(handler_client, course), form_of(lead_client, course)
    row = row_of(course, "張雅婷")
    assert lead_client.post(save, theirs | {f"state_{row.pk}": "excused"}).status_code == 200
    answer = handler_client.post(save, mine | {f"state_{row.pk}": "absent"})
    said = answer.json()["html"]
    assert answer.status_code == 409
    assert (
        lead.user.name in said
        and "張雅婷" in said
        and "請假" in said
        and "未參與" in said
        and "劉淑惠" not in said
    )

    shown = handler_client.post(
        page, mine | {f"state_{row.pk}": "absent", "action": "close"}
    ).content.decode()
    assert "保留我的版本" in shown and not Closing.objects.exists()
    version = re.search(r'name="draft_theirs" value="(\d+)"', shown)
    keep = mine | {f"state_{row.pk}": "absent", "action": "keep", "draft_theirs": version[1]}  # type: ignore[index]
    kept = squeezed(handler_client.post(page, keep, follow=True))
    assert f'name="state_{row.pk}" value="absent" checked' in kept
    assert f'name="state_{row.pk}" value="excused" checked' in squeezed(handler_client.get(f"{page}?draft=1"))
    revised = theirs | {
        f"state_{row.pk}": "excused",
        f"hours_{row_of(course, '劉淑惠').pk}": "1",
        "action": "take",
    }
    taken = squeezed(lead_client.post(page, revised, follow=True))
    own = ClosingDraft.objects.get(saved_by=lead.user).sheet
    assert own.marks[row.pk][0] == "excused" and own.marks[row_of(course, "劉淑惠").pk] == ("attended", "1")
    assert f'name="state_{row.pk}" value="absent" checked' in taken and course.handler.user.name in taken


def test_a_person_who_comes_back_to_the_window_sees_that_a_colleague_was_there(course: Course) -> None:
    lead, (_page, save) = make_lead(course.unit), urls(course)
    handler_client, lead_client = client_of(course.handler), client_of(lead)
    form = form_of(handler_client, course)
    assert handler_client.get(save, {"base": "0", "page": form["request_key"]}).json() == {"version": 0}
    lead_client.post(save, form_of(lead_client, course))
    news = handler_client.get(save, {"base": "0", "page": form["request_key"]}).json()
    assert news["version"] == 1 and lead.user.name in news["html"]


def test_a_course_closed_meanwhile_leads_to_the_receipt(course: Course) -> None:
    client, (_page, save) = client_of(course.handler), urls(course)
    form = form_of(client, course)
    close(course)
    for answer in (client.post(save, form), client.get(save)):
        assert answer.status_code == 409
        assert reverse("hours:receipt", args=[course.code]) in answer.json()["html"]


def test_who_came_on_the_list_or_left_it_is_shown_and_nothing_is_closed_unseen(course: Course) -> None:
    client, (page, save) = client_of(course.handler), urls(course)
    left, kept = row_of(course, "張雅婷"), row_of(course, "劉淑惠")
    form = form_of(client, course) | {f"state_{kept.pk}": "absent"}
    arrived = make_enrolment(course, make_user("蔡志明"))
    Enrolment.objects.filter(pk=left.pk).update(state=S.CANCELLED)
    said = client.post(save, form).json()
    assert "蔡志明" in said["html"] and "張雅婷" in said["html"]
    shown = squeezed(client.post(page, form | {"action": "close"}))
    assert "新增於名單" in shown and "已不在名單" in shown and not Closing.objects.exists()
    assert f'name="state_{kept.pk}" value="absent" checked' in shown
    seen = {k: v for k, v in form.items() if not k.endswith(f"_{left.pk}")}
    seen |= {f"state_{arrived.pk}": "attended", f"hours_{arrived.pk}": "3", "action": "close"}
    assert client.post(page, seen).url == reverse("hours:receipt", args=[course.code])
    assert list(HourCredit.objects.values_list("enrolment", flat=True)) == [arrived.pk]


def test_the_question_before_closing_names_the_exceptions_and_closes_nothing(course: Course) -> None:
    client, (page, _save) = client_of(course.handler), urls(course)
    row = row_of(course, "張雅婷")
    form = form_of(client, course) | {f"state_{row.pk}": "absent"}
    piece = client.post(page, form | {"action": "confirm"}).content.decode()
    whole = client.post(page, form | {"action": "check"}).content.decode()
    for said in (piece, whole):
        assert "確定核發時數並結案" in said and "張雅婷" in said and 'value="close"' in said
    assert "<html" not in piece and not Closing.objects.exists()
    assert (
        client.post(
            page, form | {"action": "confirm", f"hours_{row_of(course, '劉淑惠').pk}": "9"}
        ).status_code
        == 409
    )


@pytest.mark.parametrize("base", ["", "-1", "x", "9" * 30, "\0"])
def test_a_nonsense_version_is_the_first(course: Course, base: str) -> None:
    client, (page, save) = client_of(course.handler), urls(course)
    form = form_of(client, course) | {"draft_base": base}
    assert client.post(save, form).status_code == 200
    assert client.get(page, {"draft": base}).status_code == 200


def test_the_draft_of_five_hundred_is_saved_in_as_few_queries_as_that_of_two(
    course: Course, django_assert_max_num_queries: Any
) -> None:
    client, (_page, save) = client_of(course.handler), urls(course)
    Course.objects.filter(pk=course.pk).update(capacity=600)
    for _ in range(40):
        make_enrolment(course)
    form = form_of(client, course)
    # Three are locks on PostgreSQL; one reads the sessions with their signs.
    with django_assert_max_num_queries(22):
        assert client.post(save, form).json()["version"] == 1


def test_the_receipt_downloads_and_says_what_is_due_next(course: Course) -> None:
    other = make_course(course.handler, ago=3)
    close(course, absent=(row_of(course, "張雅婷"),))
    client, receipt = client_of(course.handler), reverse("hours:receipt", args=[course.code])
    shown = client.get(receipt).content.decode()
    assert reverse("hours:close", args=[other.code]) in shown and "張雅婷" in shown
    table = client.get(receipt, {"download": "csv"}).getvalue().decode()
    assert re.search(r"張雅婷,[^,]*,未參與,0", table) and re.search(r"劉淑惠,[^,]*,出席,3", table)
    assert AuditEvent.objects.filter(action="records.export").count() == 1
    assert client.get(receipt, {"download": "exe"})["Content-Type"].startswith("text/html")


def test_a_draft_that_an_earlier_revision_stored_is_read() -> None:
    course, lead = make_course(ago=2), make_user()
    stored = {"marks": {"12": ["attended", "1.5"], "13": ["absent", ""]}, "walk_ins": {"7": "３"}}
    draft = ClosingDraft.objects.create(
        course=course, saved_by=lead, version=1, saved_at=clock.now(), **stored
    )
    draft.refresh_from_db()
    assert draft.sheet.marks == {12: ("attended", "1.5"), 13: ("absent", "")}
    assert [(walk_in.who, walk_in.hours) for walk_in in draft.sheet.walk_ins] == [(7, 3)]
    assert draft.sheet.as_json() == stored


@pytest.mark.parametrize("typed", ["", "x", "NaN", "Infinity", "9e999999999", "1e-999999999", "100000"])
def test_what_is_no_amount_of_hours_is_read_as_none(typed: str) -> None:
    assert Mark("attended", typed).hours is None
    assert len(sheet_with({1: ("attended", typed)}).digest) == 64
