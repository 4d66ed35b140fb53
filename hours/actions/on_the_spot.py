"""現場報名: a person who signed without being on the list gets a free place of the course."""

from datetime import datetime

from django.db import transaction

from accounts.acting import Actor
from accounts.queries.persons import persons_of
from courses.actions import enrolments
from courses.models import Enrolment, Session
from hours.errors import NotOfferedOnTheSpot
from hours.models import Attendance


@transaction.atomic
def join(*, session: Session, by: Actor, at: datetime | None = None) -> Enrolment:
    """Admit the acting person, who has signed in this session, to its course.

    Raise NotOfferedOnTheSpot, and the refusals of `courses.actions.enrolments.enrol_on_the_spot`.
    """
    row = enrolments.enrol_on_the_spot(course=session.course, by=by, at=at)
    if not Attendance.objects.valid().filter(session=session, user__in=persons_of(by.user.pk)).exists():
        raise NotOfferedOnTheSpot
    return row
