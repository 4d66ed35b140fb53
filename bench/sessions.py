"""Sessions of people who are logged in already: a rush for places is no rush for the log-in."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone


def open_sessions(people: Iterable[Any], backend: str, **more: Any) -> list[str]:
    """Create a session row for each person, in their order; return the keys. `more` is stored in each session."""
    store, until = SessionStore(), timezone.now() + timedelta(hours=10)
    rows = []
    for person in people:
        facts = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: backend,
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        key, data = uuid4().hex, store.encode(facts | more)
        rows.append(Session(session_key=key, session_data=data, expire_date=until))
    Session.objects.bulk_create(rows, batch_size=1000)
    return [row.session_key for row in rows]
