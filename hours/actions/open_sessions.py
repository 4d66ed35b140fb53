"""The one check that the acts on the day of a session begin with: does the session take signs?"""

from courses.actions.states import require_registered
from courses.models import Session
from hours.errors import SessionPostponed, SessionRemoved


def require_held(session: Session) -> Session:
    """Return a session of a locked course as it is now, with the course: people sign in it, report missed signs and are enrolled on the spot.

    Raise WrongState (the course is a draft, closed or withdrawn), SessionRemoved, SessionPostponed (延期: it waits for a new day).
    """
    found = Session.objects.filter(pk=session.pk).select_related("course").first()
    if found is None:
        raise SessionRemoved
    require_registered(found.course)
    if found.suspension_id is not None:
        raise SessionPostponed
    return found
