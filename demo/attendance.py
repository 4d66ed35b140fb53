"""A session that is held while the demonstration is opened: people have signed in, two with one phone, one late, one without
being on the list; two people of one name have come from outside.
"""

from datetime import datetime, timedelta

from accounts.acting import Actor
from accounts.actions.guests import GuestFacts
from accounts.models import User
from courses.models import Session
from hours.actions import attendance, on_the_spot
from hours.actions.attendance import HandSign

# So long ago the session began: who signs now is late.
BEGAN = timedelta(minutes=40)
GUESTS = (GuestFacts("許來賓", "南州社區大學"), GuestFacts("許來賓", "南州鄉農會"))


def begun(at: datetime) -> datetime:
    """Return the begin of the session, on a round minute."""
    began = at - BEGAN
    return began.replace(minute=began.minute // 10 * 10, second=0, microsecond=0)


def sign_people(session: Session, by: Actor, people: list[User], stranger: User, at: datetime) -> None:
    """Sign nine of the people as the organiser; three and a stranger sign for themselves now, and guests are entered."""
    signs = [
        HandSign(person.pk, "in", session.starts_at + timedelta(minutes=number - 8))
        for number, person in enumerate(people[:9])
    ]
    attendance.sign_by_hand(session=session, by=by, signs=signs)
    for person, phone in ((people[9], "one"), (people[10], "one"), (people[11], "two"), (stranger, "three")):
        attendance.sign(session=session, kind="in", by=Actor(person), at=at, phone=phone)
    for facts in GUESTS:
        on_the_spot.enter_guest(session=session, facts=facts, by=by)
