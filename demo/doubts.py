"""The planned absences and the objections of the demonstration."""

from datetime import time

from accounts.acting import Actor
from courses.actions import planned_absences
from courses.enums import AbsenceKind, EnrolmentState
from courses.models import Course, PlannedAbsence
from demo.people import DemoPeople, actor
from hours.actions import objections
from kit import clock


def load_objections(what: Course, cast: DemoPeople) -> None:
    """A teacher was absent by mistake: corrected with the answer; another requests a review, which waits for the county."""
    by = actor(cast.family)
    forgotten, doubting = cast.teachers[30], cast.teachers[3]
    row = objections.object_to(course=what, by=Actor(forgotten), text="我有全程參加，結案名單漏了我。")
    full = objections.Correction(EnrolmentState.ATTENDED, what.hours)
    objections.answer(objection=row, by=by, text="簽到表有簽名，補登時數。", correction=full)
    row = objections.object_to(course=what, by=Actor(doubting), text="當天延長一小時，時數應為 4 小時。")
    objections.answer(objection=row, by=by, text="課程核定時數為 3 小時。")
    objections.request_review(objection=row, by=Actor(doubting), text="請查核當日簽退時間。")


def load_absences(what: Course, cast: DemoPeople) -> None:
    """On the morning of the course two people say that they cannot come; one of them is excused at once."""
    morning = clock.at_taipei(what.starts_on or clock.today(), time(8))
    planned_absences.state(course=what, by=Actor(cast.teachers[6]), kind=AbsenceKind.OFFICIAL, at=morning)
    planned_absences.state(course=what, by=Actor(cast.teachers[7]), kind=AbsenceKind.SICK, at=morning)
    ill = PlannedAbsence.objects.get(enrolment__user=cast.teachers[7])
    begun = clock.at_taipei(what.starts_on or clock.today(), time(14))
    planned_absences.decide(planned=ill, by=actor(cast.handler), is_accepted=True, at=begun)
