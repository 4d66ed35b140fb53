"""The former path of the session engine, for an installation whose own settings name it."""

from signin.session_store import SessionStore

__all__ = ["SessionStore"]
