"""A course of the county that keeps places for the own staff and has questions, and one for the own staff only."""

from datetime import date, timedelta

from accounts.acting import Actor
from accounts.models import User
from courses.actions import enrolments, questions
from courses.actions.audiences import AudienceData, QuotaData, Who, set_audience
from courses.enums import OpenTo
from courses.forms.questions import READY
from courses.models import Course
from demo.people import actor


def load(kept: Course, own: Course, today: date) -> None:
    quota = QuotaData(Who(OpenTo.OWN_UNIT), 10, today + timedelta(days=10))
    county = [kept.unit.county] if kept.unit.county else []
    nearby = AudienceData(Who(OpenTo.COUNTIES, counties=county), quotas=[quota])
    set_audience(course=kept, by=actor(kept.handler), data=nearby)
    set_audience(course=own, by=actor(own.handler), data=AudienceData(Who(OpenTo.OWN_UNIT)))
    asked = [question for _label, question in READY.values()]
    questions.set_questions(course=kept, by=actor(kept.handler), questions=asked)
    staff = User.objects.filter(affiliations__unit=kept.unit, is_active=True).order_by("pk").distinct()
    for person, meal in zip(staff[:4], ("葷", "素", "葷", "自備"), strict=False):
        enrolments.enrol(code=kept.code, by=Actor(person), replies={1: meal})
