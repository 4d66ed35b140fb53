"""The former path of the log-in's backend: sessions that began before the move carry it and go on (docs/adr/0006)."""

from signin.backends import FormerPersonBackend as PersonBackend

__all__ = ["PersonBackend"]
