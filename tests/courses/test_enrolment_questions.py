"""Questions at enrolment: shown in the form, replies until cancelling ends, seen by those in charge only, deleted after the course."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import BusinessAccount
from audit.models import AuditEvent
from courses.actions import enrolments, participants, questions, registration
from courses.actions.questions import QuestionData
from courses.enums import QuestionKind
from courses.errors import CourseChanged, NotEnrolled, NotTheHandler, WrongState
from courses.errors.questions import (
    AnswerMissing,
    AnswersClosed,
    AnswersLost,
    ChoicesMissing,
    NotAChoice,
    QuestionAnswered,
    TooManyQuestions,
)
from courses.models import Answer, Course, Question
from courses.models.question import MOST_QUESTIONS
from courses.queries.answers import answers_of
from courses.tasks import delete_old_answers
from kit import clock
from notices.models import Notice
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_user, teacher

pytestmark = pytest.mark.django_db
MEAL = QuestionData("用餐", QuestionKind.CHOICE, ("葷", "素", "自備"), True)
SHUTTLE = QuestionData("需要接駁", QuestionKind.YES_NO)
NOTE = QuestionData("備註", QuestionKind.TEXT)


@pytest.fixture
def handler() -> BusinessAccount:
    return make_account()


def asking(handler: BusinessAccount, *wanted: QuestionData, **fields: object) -> Course:
    course = make_course(handler, **fields)  # type: ignore[arg-type]
    ask(course, *(wanted or (MEAL, SHUTTLE, NOTE)))
    course.refresh_from_db()
    return course


def ask(course: Course, *wanted: QuestionData, **more: object) -> list[Question]:
    by = acting(course.handler)
    return questions.set_questions(course=course, by=by, questions=wanted, **more)  # type: ignore[arg-type]


def answered(course: Course) -> list[list[str]]:
    return [list(person.values) for person in answers_of(course).people]


def test_who_enrols_answers_in_the_same_act(handler: BusinessAccount) -> None:
    course, person = asking(handler), make_user()
    for values, refusal in (({}, AnswerMissing), ({1: "雞"}, NotAChoice), ({1: "素", 2: "也許"}, NotAChoice)):
        with pytest.raises(refusal):
            enrolments.enrol(code=course.code, by=teacher(person), replies=values)
    assert not course.enrolments.exists() and not Notice.objects.exists()
    enrolments.enrol(code=course.code, by=teacher(person), replies={1: "素", 3: "過敏:花生"})
    assert answered(course) == [["素", "", "過敏:花生"]]
    first = answers_of(course).totals[0]
    assert (first.counts, first.missing) == ([("葷", 0), ("素", 1), ("自備", 0)], 0)


def test_what_was_answered_is_in_no_record_and_no_notice(handler: BusinessAccount) -> None:
    course, person = asking(handler), make_user()
    enrolments.enrol(code=course.code, by=teacher(person), replies={1: "素", 3: "過敏花生"})
    questions.answer(course=course, by=teacher(person), values={1: "自備", 3: "過敏花生"})
    assert AuditEvent.objects.filter(action="enrolment.answer").get().after == {"answered": 2}
    said = "".join(
        f"{e.before}{e.after}{e.reason}" for e in AuditEvent.objects.filter(object_type="enrolment")
    )
    said += "".join(f"{n.subject}{n.body}" for n in Notice.objects.all())
    assert "過敏" not in said and "自備" not in said


def test_answers_change_as_long_as_cancelling_is_possible(handler: BusinessAccount) -> None:
    course, person = asking(handler), make_user()
    enrolments.enrol(code=course.code, by=teacher(person), replies={1: "素"})
    begins = clock.at_taipei(course.starts_on)  # type: ignore[arg-type]
    last = begins - timedelta(seconds=1)
    questions.answer(course=course, by=teacher(person), values={1: "葷", 2: "是"}, at=last)
    assert answered(course) == [["葷", "是", ""]]
    with pytest.raises(AnswersClosed):
        questions.answer(course=course, by=teacher(person), values={1: "素"}, at=begins)
    with pytest.raises(AnswerMissing):
        questions.answer(course=course, by=teacher(person), values={2: "是"}, at=last)
    with pytest.raises(NotEnrolled):
        questions.answer(course=course, by=teacher(make_user()), values={1: "素"}, at=last)


def test_who_was_put_on_the_list_is_told_of_the_questions_and_answers_later(
    handler: BusinessAccount, client: Client
) -> None:
    course, person = asking(handler), make_user()
    participants.add(course=course, by=acting(handler), people=[person.pk])
    assert "報名調查題目" in Notice.objects.get(kind="nominated").body
    assert answered(course) == [["", "", ""]]
    client.force_login(person)
    assert (
        reverse("courses:answers", args=[course.code])
        in client.get(reverse("courses:public", args=[course.code])).content.decode()
    )
    url = reverse("courses:answers", args=[course.code])
    assert client.post(url, {"q1": ""}).status_code == 200
    assert client.post(url, {"q1": "自備", "q3": "蛋奶素"}).status_code == 302
    assert answered(course) == [["自備", "", "蛋奶素"]]
    assert "蛋奶素" in client.get(url).content.decode()


def test_the_page_asks_before_it_enrols(handler: BusinessAccount, client: Client) -> None:
    course, person = asking(handler), make_user()
    client.force_login(person)
    page = client.get(reverse("courses:public", args=[course.code])).content.decode()
    assert 'name="q1"' in page and "用餐" in page
    url = reverse("courses:enrol", args=[course.code])
    assert 'name="q1"' in client.post(url).content.decode() and not course.enrolments.exists()
    assert client.post(url, {"q1": "素"}).status_code == 302
    assert answered(course) == [["素", "", ""]]
    enrolments.cancel(course=course, by=teacher(person))
    assert client.get(reverse("courses:answers", args=[course.code])).status_code == 302


def test_the_api_shows_the_questions_and_takes_the_answers(handler: BusinessAccount, client: Client) -> None:
    course = asking(handler)
    shown = client.get(f"/api/v1/courses/{course.code}/").json()["questions"]
    assert shown[0] == {"number": 1, "text": "用餐", "choices": ["葷", "素", "自備"], "is_required": True}


def test_those_in_charge_see_and_take_them_along_and_nobody_else(
    handler: BusinessAccount, client: Client
) -> None:
    course, person = asking(handler), make_user()
    enrolments.enrol(code=course.code, by=teacher(person), replies={1: "素", 3: "不吃菇"})
    url = reverse("courses:answer_totals", args=[course.code])
    client.force_login(handler.user)
    assert "不吃菇" in client.get(url).content.decode()
    assert "不吃菇" in client.get(url, {"download": "csv"}).getvalue().decode("utf-8-sig")
    applicants = reverse("courses:applicants", args=[course.code])
    assert "不吃菇" in client.get(applicants, {"download": "csv"}).getvalue().decode("utf-8-sig")
    assert AuditEvent.objects.filter(action="read.people").exists()
    client.force_login(make_account(handler.unit).user)
    assert client.get(url).status_code == 302
    assert "不吃菇" not in client.get(applicants, {"download": "csv"}).getvalue().decode("utf-8-sig")
    client.force_login(make_account().user)
    assert client.get(url).status_code == 404


def test_a_question_that_was_answered_keeps_its_meaning(handler: BusinessAccount) -> None:
    course, person = asking(handler), make_user()
    enrolments.enrol(code=course.code, by=teacher(person), replies={1: "素"})
    meal, shuttle, note = course.questions.all()

    def again(row: Question, **change: object) -> QuestionData:
        said = {"text": row.text, "kind": row.kind, "choices": tuple(row.choice_list), "pk": row.pk} | change
        return QuestionData(**said)  # type: ignore[arg-type]

    for change in ({"text": "午餐"}, {"kind": "text", "choices": ()}, {"choices": ("葷", "自備")}):
        with pytest.raises(QuestionAnswered):
            ask(course, again(meal, **change))
    with pytest.raises(AnswersLost) as lost:
        ask(course, again(note))
    assert lost.value.params == {"number": 1} and Answer.objects.count() == 1
    # Choices nobody chose may go, others come; a question without a reply may change.
    ask(course, again(note, text="其他需求"), again(meal, choices=("素", "奶素")), again(shuttle))
    assert [q.text for q in course.questions.all()] == ["用餐", "需要接駁", "其他需求"]
    ask(course, again(note, text="其他"), is_confirmed=True)
    assert [q.text for q in course.questions.all()] == ["其他"] and not Answer.objects.exists()


def test_what_cannot_be_asked_is_refused(handler: BusinessAccount, client: Client) -> None:
    course = asking(handler)
    with pytest.raises(TooManyQuestions):
        ask(course, *[NOTE] * (MOST_QUESTIONS + 1))
    with pytest.raises(ChoicesMissing):
        ask(course, QuestionData("用餐", QuestionKind.CHOICE, ("葷",)))
    with pytest.raises(CourseChanged):
        ask(course, NOTE, version=course.version - 1)
    with pytest.raises(NotTheHandler):
        questions.set_questions(course=course, by=acting(make_account(handler.unit)), questions=[])
    over = make_course(handler, ago=3)
    close(over)
    with pytest.raises(WrongState):
        ask(over, NOTE)
    client.force_login(make_account(handler.unit).user)
    assert client.get(reverse("courses:questions", args=[course.code])).status_code == 302


def test_the_page_sets_questions_and_wants_a_confirmation(handler: BusinessAccount, client: Client) -> None:
    course = make_course(handler)
    client.force_login(handler.user)
    url = reverse("courses:questions", args=[course.code])
    # The second row as a browser sends one that is left blank.
    rows = {"questions-TOTAL_FORMS": "2", "questions-INITIAL_FORMS": "0", "questions-1-kind": "yes_no"}
    sent = {"version": course.version, **rows, "questions-0-text": "宿舍", "questions-0-kind": "choice"}
    assert client.post(url, sent | {"questions-0-choices": "要"}).status_code == 200
    sent |= {"questions-0-choices": "要\n不要", "questions-0-is_required": "on", "ready": ["meal", "remarks"]}
    assert client.post(url, sent).status_code == 302
    assert [q.text for q in course.questions.all()] == ["宿舍", "用餐", "備註"]
    enrolments.enrol(code=course.code, by=teacher(make_user()), replies={1: "要", 2: "素"})
    course.refresh_from_db()
    sent = {"version": course.version, "questions-TOTAL_FORMS": "3", "questions-INITIAL_FORMS": "3"}
    for number, row in enumerate(course.questions.all()):
        sent |= {f"questions-{number}-pk": row.pk, f"questions-{number}-DELETE": "on"}
    assert 'name="confirmed"' in client.post(url, sent).content.decode()
    assert client.post(url, sent | {"confirmed": "1"}).status_code == 302
    assert not course.questions.exists()


def test_answers_are_deleted_thirty_days_after_closing_and_those_of_the_cancelled_at_night(
    handler: BusinessAccount,
) -> None:
    course = asking(handler, NOTE, ago=2)
    row, gone = make_enrolment(course), make_enrolment(course)
    for one in (row, gone):
        questions.write(one, course, {1: "說明"})
    course.enrolments.filter(pk=gone.pk).update(state="cancelled")
    Course.objects.filter(pk=course.pk).update(seats_taken=1)
    assert delete_old_answers() == 1 and Answer.objects.get().enrolment == row
    close(course)
    day = timedelta(days=settings.ANSWERS_KEPT_DAYS)
    closed = Course.objects.get(pk=course.pk).closed_at
    assert closed is not None
    assert questions.delete_old_answers(closed + day - timedelta(seconds=1)) == 0
    assert questions.delete_old_answers(closed + day) == 1 and questions.delete_old_answers(closed + day) == 0


def test_a_copy_asks_the_same(handler: BusinessAccount) -> None:
    course = asking(handler)
    made = registration.copy(course=course, by=acting(handler))
    facts = ("number", "kind", "text", "choices", "is_required")
    assert list(made.questions.values_list(*facts)) == list(course.questions.values_list(*facts))
