"""Questionnaires: some with enough replies for a result, one with too few, one that is open."""

from datetime import timedelta

from accounts.acting import Actor
from accounts.models import User
from courses.models import Course
from hours.actions import surveys
from hours.actions.surveys import QuestionData
from kit import clock

QUESTIONS = [
    QuestionData("choice", "希望下次的時段", ["上課日下午", "週三下午", "週末"]),
    QuestionData("text", "給講師或主辦單位的話"),
]
WORDS = ("實例很多，回校就能用。", "希望提供簡報電子檔。", "分組討論時間可以再長一點。")


def answer_some(course: Course, by: Actor, people: list[User]) -> None:
    """The people reply in the evening of the course, before it is closed."""
    end = course.ends_at or clock.now()
    surveys.save_questions(course=course, by=by, questions=QUESTIONS, at=end - timedelta(days=1))
    for number, person in enumerate(people):
        answers: dict[str, int | str] = {
            "content": 5 - number % 3,
            "instructor": 5 - number % 2,
            "time": 3 + number % 3,
            "place": 4,
            "overall": 5 - number % 2,
            "own1": number % 3,
        }
        if number < len(WORDS):
            answers["own2"] = WORDS[number]
        surveys.answer(course=course, by=Actor(person), answers=answers, at=end + timedelta(hours=3))
