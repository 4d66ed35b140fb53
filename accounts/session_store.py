"""Sessions in the database, each found by one kept statement: it is the first of every request."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from kit.prepared import Param, Prepared

LIVE: Prepared[Session] = Prepared(
    lambda: Session.objects.filter(
        session_key=Param("key", CharField()), expire_date__gt=Param("now", DateTimeField())
    )
)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        # A cookie may hold anything, and PostgreSQL refuses to look for NUL.
        well_formed = (self.session_key or "").isalnum()
        found = LIVE.first(key=self.session_key, now=timezone.now()) if well_formed else None
        if found is None:
            self._session_key = None
        return found
