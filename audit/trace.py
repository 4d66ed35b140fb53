"""Where the running act comes from: request id and address, set by the middleware, empty in jobs and commands."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Trace:
    request_id: str = ""
    address: str = ""


current: ContextVar[Trace] = ContextVar("audit_trace", default=Trace())  # noqa: B039
