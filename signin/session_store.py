"""Sessions in the database. Every request looks one up, so the statement is plain SQL (docs/adr/0016)."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

from kit.outages import is_outage

LIVE_SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


def live_data(key: str, now: datetime) -> str | None:
    """Return what is stored for the session of a key that has not expired, as `live_sessions` finds it at six times the cost."""
    with connection.cursor() as cursor:
        cursor.execute(LIVE_SESSION, [key, connection.ops.adapt_datetimefield_value(now)])
        row = cursor.fetchone()
    return str(row[0]) if row else None


def live_sessions(key: str, now: datetime) -> QuerySet[Session]:
    """The queryset that `LIVE_SESSION` mirrors; a test compares them."""
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    def save(self, must_create: bool = False) -> None:
        """Save the session. An outage stays one: the library takes every error for a session that was deleted meanwhile (status 400)."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, DatabaseError) and is_outage(error.__context__):
                raise error.__context__ from None
            raise

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing for one that has expired, whose key is then not used again."""
        key = self.session_key or ""
        # A cookie may hold anything, and PostgreSQL refuses to look for NUL.
        found = live_data(key, timezone.now()) if key.isalnum() else None
        if found is None:
            self._session_key = None
            return {}
        return dict(self.decode(found))
