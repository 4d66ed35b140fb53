"""A session that is held while the demonstration is opened: people have signed in, two with one phone, one late, one without
being on the list.
"""

from datetime import datetime, timedelta

from accounts.acting import Actor
from accounts.models import User
from courses.models import Session
from hours.actions import attendance
from hours.actions.attendance import HandSign

# So long ago the session began: who signs now is late.
BEGAN = timedelta(minutes=40)


def begun(at: datetime) -> datetime:
    """Return the begin of the session, on a round minute."""
    began = at - BEGAN
    return began.replace(minute=began.minute // 10 * 10, second=0, microsecond=0)


def sign_people(session: Session, by: Actor, people: list[User], stranger: User, at: datetime) -> None:
    """Sign nine of the people as the organiser; three and a stranger sign for themselves now."""
    signs = [
        HandSign(person.pk, "in", session.starts_at + timedelta(minutes=number - 8))
        for number, person in enumerate(people[:9])
    ]
    attendance.sign_by_hand(session=session, by=by, signs=signs)
    for person, phone in ((people[9], "one"), (people[10], "one"), (people[11], "two"), (stranger, "three")):
        attendance.sign(session=session, kind="in", by=Actor(person), at=at, phone=phone)
