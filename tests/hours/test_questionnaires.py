"""The questionnaire after a course: who replies, once; what is stored; what the organiser sees, and when."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import serializers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from courses.actions import helpers, registration
from courses.actions.course_fields import CourseData, SessionData
from courses.enums import EnrolmentState as S
from courses.enums import Participation
from courses.errors import NotTheHandler, NotYourUnit, RequiredTooLate
from courses.models import Course, Enrolment
from hours.actions import attendance, certificates, surveys
from hours.actions.attendance import HandSign
from hours.actions.questionnaire_reminders import KIND, still_open
from hours.actions.surveys import QuestionData
from hours.errors import (
    AlreadyAnswered,
    AnswerFirst,
    AnswerUnreadable,
    NoQuestionnaire,
    NotToBeEnded,
    QuestionnaireNotYours,
    QuestionsFixed,
)
from hours.models import Survey, SurveyAnswered
from hours.presenters import questionnaires as words
from hours.queries.surveys import answerable, results_of
from kit import clock
from notices import timed
from notices.enums import OPTIONAL
from notices.models import Notice
from notices.registry import category_of
from tests.factories import (
    acting,
    close,
    make_account,
    make_course,
    make_enrolment,
    make_lead,
    make_user,
    teacher,
)

pytestmark = pytest.mark.django_db
STANDARD = {"content": 5, "instructor": 4, "time": 3, "place": 5, "overall": 5}
OWN = [
    QuestionData("choice", "您希望再辦嗎？", ["希望", "不用"]),
    QuestionData("text", "給講師的話"),
    QuestionData("scale", "教材合用"),
]


def over(people: int = 6, **fields: Any) -> tuple[Course, list[Enrolment]]:
    """A course that ended yesterday, with own questions and people."""
    course = make_course(ago=1, questionnaire=fields.pop("questionnaire", "voluntary"), **fields)
    with time_machine.travel(clock.now() - timedelta(3)):
        surveys.save_questions(course=course, by=acting(course.handler), questions=OWN)
    return course, [make_enrolment(course) for _number in range(people)]


def answer(course: Course, row: Enrolment, **more: Any) -> None:
    answers: Mapping[str, Any] = STANDARD | more
    surveys.answer(course=course, by=teacher(row.user), answers=answers)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(course: Course, user: Any = None) -> str:
    path = reverse("hours:course_questionnaire", args=[course.code])
    return browser(user or course.handler.user).get(path, follow=True).content.decode()


def test_a_person_answers_once_and_only_who_was_there() -> None:
    course, [row, *_others] = over()
    answer(course, row)
    with pytest.raises(AlreadyAnswered):
        answer(course, row)
    for state in (S.CANCELLED, S.WAITLISTED, S.DECLINED, S.ABSENT, S.EXCUSED):
        with pytest.raises(QuestionnaireNotYours):
            answer(course, make_enrolment(course, state=state))
    for other in (make_course(ago=1), make_course(questionnaire="voluntary")):  # without one; not over
        with pytest.raises(QuestionnaireNotYours):
            answer(other, make_enrolment(other))
    assert Survey.objects.get().answers == SurveyAnswered.objects.count() == 1


def test_where_people_signed_only_they_answer_before_closing() -> None:
    course, [came, away, *_others] = over()
    session = course.sessions.get()
    sign = [HandSign(came.user_id, "in", session.starts_at)]
    attendance.sign_by_hand(session=session, by=acting(course.handler), signs=sign)
    assert answerable(came.user_id).exists() and not answerable(away.user_id).exists()
    close(course, absent=(came,))
    assert not answerable(came.user_id).exists() and answerable(away.user_id).exists()


def test_where_only_a_lecturer_signed_everybody_admitted_answers() -> None:
    course, [row, other, *_others] = over()
    [lecturer] = helpers.name(
        course=course, by=acting(course.handler), people=[make_user().pk], part=Participation.LECTURER
    )
    session, by = course.sessions.get(), acting(course.handler)
    sign = [HandSign(lecturer.user_id, "in", session.starts_at)]
    attendance.sign_by_hand(session=session, by=by, signs=sign)
    assert answerable(row.user_id).exists() and not answerable(lecturer.user_id).exists()
    answer(course, row)
    attendance.sign_by_hand(session=session, by=by, signs=[HandSign(row.user_id, "in", session.starts_at)])
    assert not answerable(other.user_id).exists()


def test_it_is_open_until_two_weeks_after_closing() -> None:
    course, [row, *_others] = over()
    closing = close(course)
    last = closing.closed_at + timedelta(days=14)
    assert answerable(row.user_id, last - timedelta(seconds=1)).exists()
    assert not answerable(row.user_id, last).exists()
    with pytest.raises(QuestionnaireNotYours):
        surveys.answer(course=course, by=teacher(row.user), answers=STANDARD, at=last)


def test_nothing_in_the_database_links_an_answer_with_its_person() -> None:
    """In whatever order people reply, the same sums are stored, and no row or record beside them shows more."""
    stored = []
    for order in (1, -1):
        course, rows = over()
        for row in rows[::order]:
            answer(course, row, own1=rows.index(row) % 2, own2=f"話{rows.index(row)}", own3=1)
        survey = Survey.objects.get(course=course)
        survey.texts["own2"].sort()
        stored.append((survey.answers, survey.sums, survey.texts))
        done = SurveyAnswered.objects.filter(course=course)
        fields = {name for one in json.loads(serializers.serialize("json", done)) for name in one["fields"]}
        assert fields == {"course", "user"}
        assert not AuditEvent.objects.filter(action__startswith="questionnaire").exclude(
            action="questionnaire.save"
        )
    assert stored[0] == stored[1]
    assert stored[0][1]["own1"] == [3, 3] and stored[0][1]["content"] == [0, 0, 0, 0, 6]


def test_words_lie_in_another_order_than_they_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys._random, "shuffle", lambda texts: texts.reverse())
    course, rows = over()
    for number, row in enumerate(rows):
        answer(course, row, own2=str(number))
    assert Survey.objects.get().texts["own2"] == ["5", "3", "1", "0", "2", "4"]


@pytest.mark.parametrize(
    "given", [{"content": 0}, {"content": 6}, {"own1": 2}, {"own1": -1}, {"own1": "x"}, {"own2": "x" * 501}]
)
def test_an_answer_that_no_form_sends_is_refused(given: dict[str, Any]) -> None:
    course, [row, *_others] = over()
    with pytest.raises(AnswerUnreadable):
        answer(course, row, **given)
    assert not Survey.objects.exists() and not SurveyAnswered.objects.exists()


def test_the_result_costs_the_same_for_few_replies_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    course, rows = over()
    close(course)
    rows += [make_enrolment(course, state="attended") for _number in range(20)]
    client, path = browser(course.handler.user), reverse("hours:course_questionnaire", args=[course.code])
    for row in rows[:5]:
        answer(course, row, own2="很好")
    surveys.end(course=course, by=acting(course.handler))
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        assert "chart-svg" in client.get(path).content.decode()
    Survey.objects.update(ended_at=None)
    for row in rows[5:]:
        answer(course, row, own2="很好")
    Survey.objects.update(ended_at=clock.now())
    with django_assert_num_queries(len(few)):
        assert client.get(path).content.decode().count("很好") == len(rows)


def test_below_five_answers_nobody_sees_a_result() -> None:
    course, rows = over()
    close(course)
    for row in rows[:4]:
        answer(course, row, own2="秘密")
    surveys.end(course=course, by=acting(course.handler))
    assert not results_of(course).is_shown and results_of(course).answers == 4
    page = page_of(course)
    assert "少於 5 人" in page and "秘密" not in page and "chart-svg" not in page
    path = reverse("hours:course_questionnaire", args=[course.code])
    assert "text/html" in browser(course.handler.user).get(f"{path}?download=csv")["Content-Type"]


def test_the_result_is_shown_only_when_nobody_can_answer_any_more() -> None:
    course, rows = over()
    for row in rows[:5]:
        answer(course, row, own2="謝謝老師")
    assert not results_of(course).is_shown and "謝謝老師" not in page_of(course)
    closing = close(course)
    course.refresh_from_db()
    assert not results_of(course).is_shown
    assert results_of(course, closing.closed_at + timedelta(days=14)).is_shown
    surveys.end(course=course, by=acting(course.handler))
    with pytest.raises(QuestionnaireNotYours):
        answer(course, rows[5])
    results = results_of(course)
    assert [one.mean for one in results.outcomes[:2]] == [5, 4] and results.outcomes[5].counts == (0, 0)
    page = page_of(course)
    assert "謝謝老師" in page and "chart-svg" in page and "5.00" in page
    assert "次數" in page and "帳號號碼" not in page
    with pytest.raises(NotToBeEnded):
        surveys.end(course=course, by=acting(course.handler))


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "ods"])
def test_the_result_is_taken_along_as_a_file(fmt: str) -> None:
    course, rows = over()
    close(course)
    for row in rows:
        answer(course, row, own1=0, own2="很好")
    surveys.end(course=course, by=acting(course.handler))
    path = reverse("hours:course_questionnaire", args=[course.code])
    found = browser(course.handler.user).get(f"{path}?download={fmt}")
    assert found.status_code == 200 and "attachment" in found["Content-Disposition"]
    lines = [line for line in words.rows(results_of(course)) if line[0] == "您希望再辦嗎？"]
    assert lines == [["您希望再辦嗎？", "希望", 6, None], ["您希望再辦嗎？", "不用", 0, None]]
    assert AuditEvent.objects.filter(action="list.export").exists()


def test_only_those_in_charge_prepare_end_and_see_it() -> None:
    course, _rows = over()
    close(course)
    for other in (make_account(course.unit), make_account()):
        with pytest.raises((NotTheHandler, NotYourUnit)):
            surveys.end(course=course, by=acting(other))
        assert "人填答" not in page_of(course, other.user)
    assert "人填答" in page_of(course, make_lead(course.unit).user)


def test_own_questions_are_fixed_once_the_course_is_over() -> None:
    course = make_course(questionnaire="voluntary")
    by = acting(course.handler)
    surveys.save_questions(course=course, by=by, questions=OWN)
    surveys.save_questions(course=course, by=by, questions=OWN[:1])
    assert [row.text for row in course.survey_questions.all()] == ["您希望再辦嗎？"]
    with pytest.raises(NoQuestionnaire):
        surveys.save_questions(course=make_course(course.handler), by=by, questions=OWN)
    with pytest.raises(QuestionsFixed):
        surveys.save_questions(course=course, by=by, questions=[], at=course.ends_at)


def rows_of(*questions: tuple[str, str, str]) -> dict[str, str]:
    data = {"questions-TOTAL_FORMS": "10", "questions-INITIAL_FORMS": "0"}
    for number in range(10):
        text, kind, choices = questions[number] if number < len(questions) else ("", "scale", "")
        row = {"text": text, "kind": kind, "choices": choices}
        data |= {f"questions-{number}-{name}": value for name, value in row.items()}
    return data


def test_the_page_takes_questions_and_says_what_is_wrong() -> None:
    course = make_course(questionnaire="voluntary")
    client, path = browser(course.handler.user), reverse("hours:course_questionnaire", args=[course.code])
    for row, said in (
        (("再辦嗎？", "choice", "好"), "2 至 8 個"),
        (("再辦嗎？", "choice", "好\n好"), "2 至 8 個"),
        (("", "choice", "好\n不好"), "請一併填寫題目"),
    ):
        assert said in client.post(path, rows_of(row)).content.decode()
    assert not course.survey_questions.exists()
    client.post(path, rows_of(("再辦嗎？", "choice", " 好 \n\n不好"), ("意見", "text", "x")))
    saved = [(row.kind, row.text, row.choices) for row in course.survey_questions.all()]
    assert saved == [("choice", "再辦嗎？", ["好", "不好"]), ("text", "意見", [])]


def test_empty_questions_are_folded_and_none_is_after_a_mistake() -> None:
    course = make_course(questionnaire="voluntary")
    client, path = browser(course.handler.user), reverse("hours:course_questionnaire", args=[course.code])
    before, _summary, folded = client.get(path).content.decode().partition("更多自訂題目")
    assert "自訂題目 3" in before and "自訂題目 4" not in before and "自訂題目 10" in folded
    assert "更多自訂題目" not in client.post(path, rows_of(("", "choice", "好\n不好"))).content.decode()
    client.post(path, rows_of(*[(f"意見{number}", "text", "") for number in range(10)]))
    assert "更多自訂題目" not in client.get(path).content.decode()


def test_the_questions_can_be_read_once_they_are_fixed() -> None:
    course, _rows = over()
    page = browser(course.handler.user).get(reverse("hours:course_questionnaire", args=[course.code]))
    assert "講師講解清楚" in page.content.decode() and "給講師的話" in page.content.decode()


def test_a_person_finds_it_at_home_and_answers_on_the_page() -> None:
    course, [row, *_others] = over()
    client, path = browser(row.user), reverse("hours:questionnaire", args=[course.code])
    assert path in client.get(reverse("hours:me")).content.decode()
    page = client.get(path).content.decode()
    assert page.count("<fieldset") == 7 and "給講師的話" in page
    missing = client.post(path, {"content": "5"})
    assert missing.status_code == 200 and not Survey.objects.exists()
    done = client.post(
        path, {key: str(score) for key, score in STANDARD.items()} | {"own1": "1"}, follow=True
    )
    assert path not in done.content.decode() and Survey.objects.get().sums["own1"] == [0, 1]
    assert client.get(path).status_code == 302
    assert browser(make_enrolment(make_course()).user).get(path).status_code == 404


def test_the_certificate_waits_only_where_it_was_said_and_only_while_one_can_answer() -> None:
    course, [row, other, *_others] = over(questionnaire="required")
    voluntary, [free, *_more] = over()
    closing = close(course)
    close(voluntary, key="other")
    assert certificates.certify_own(course=voluntary, by=teacher(free.user))
    with pytest.raises(AnswerFirst):
        certificates.certify_own(course=course, by=teacher(row.user))
    page = browser(row.user).post(reverse("hours:my_certificate", args=[course.code]), follow=True)
    assert page.request["PATH_INFO"] == reverse("hours:questionnaire", args=[course.code])
    assert "請先填答" in page.content.decode()
    assert certificates.certify(course=course, by=acting(course.handler), enrolment_ids=[other.pk])
    answer(course, row)
    assert certificates.certify_own(course=course, by=teacher(row.user))
    with time_machine.travel(closing.closed_at + timedelta(days=15)):
        assert certificates.certify_own(course=course, by=teacher(_others[0].user))


def test_a_certificate_cannot_wait_once_people_have_enrolled() -> None:
    course = make_course(questionnaire="voluntary")
    [session] = course.sessions.all()
    times = [SessionData(session.starts_at, session.ends_at)]
    people = [("黃講師", "")]

    def save(value: str) -> None:
        fields = {"questionnaire": value}
        data = CourseData(fields, times, people, stages=course.stages.all())
        registration.update(course=course, by=acting(course.handler), data=data)

    with pytest.raises(RequiredTooLate):
        save("required")
    for value in ("", "voluntary"):
        save(value)
    Course.objects.filter(pk=course.pk).update(questionnaire="required")
    for value in ("required", "voluntary"):
        save(value)


def test_who_has_not_answered_is_reminded_once_while_it_is_open(settings: Any) -> None:
    course, rows = over()
    other, [second] = over(people=0)[0], [make_enrolment(course)]
    make_enrolment(other, second.user)
    with time_machine.travel(clock.at_taipei(clock.today()) + timedelta(hours=10)):
        close(course, absent=(rows[5],))
        close(other)
    answer(course, rows[0])
    User.objects.filter(pk=rows[1].user_id).update(is_active=False)
    day = clock.today() + timedelta(days=7)

    def told(after: int, hour: int = 9) -> dict[int, list[str]]:
        before = set(Notice.objects.values_list("pk", flat=True))
        with time_machine.travel(clock.at_taipei(day + timedelta(after)) + timedelta(hours=hour), tick=False):
            timed.prepare_due()
        fresh = Notice.objects.filter(kind=KIND).exclude(pk__in=before)
        return {row.recipient_id or 0: list(row.refs) for row in fresh}

    assert told(-1) == {}
    both = [f"questionnaire:{course.pk}", f"questionnaire:{other.pk}"]
    settings.QUESTIONNAIRE_REMIND_DAYS = 0
    assert told(0, 8) == {}, "switched off for all"
    settings.QUESTIONNAIRE_REMIND_DAYS = 7
    assert told(0) == {row.user_id: both[:1] for row in rows[2:5]} | {second.user_id: both}
    assert told(1) == told(2) == {}, "once"
    texts = "".join(Notice.objects.filter(kind=KIND).values_list("body", flat=True))
    assert rows[0].user.name not in texts
    with time_machine.travel(clock.at_taipei(day) + timedelta(hours=10), tick=False):
        answer(course, rows[2])
        answer(course, second)
        waiting = {row.recipient_id: row for row in Notice.objects.filter(kind=KIND)}
        still = still_open(list(waiting.values()))
        assert still[waiting[rows[2].user_id].pk] is None, "answered meanwhile"
        assert waiting[rows[3].user_id].pk not in still
        subject, _body = still[waiting[second.user_id].pk] or ("", "")
        assert other.title in subject, "one of the two is left"
        for one in (course, other):
            surveys.end(course=one, by=acting(one.handler))
        assert set(still_open(list(waiting.values())).values()) == {None}
    Notice.objects.filter(kind=KIND).delete()
    assert told(3) == {}, "ended by the organiser"
    assert category_of(KIND) in OPTIONAL


def test_the_notice_of_hours_has_the_link() -> None:
    course, [row, *_others] = over()
    other = make_course(ago=1)
    without = make_enrolment(other)
    close(course)
    close(other, key="other")
    path = reverse("hours:questionnaire", args=[course.code])
    assert path in Notice.objects.get(recipient=row.user, kind="hours_issued").body
    assert "questionnaires" not in Notice.objects.get(recipient=without.user, kind="hours_issued").body
