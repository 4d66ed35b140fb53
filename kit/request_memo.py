"""A memo for queries: each is run once per request, however many components use it."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

Answer = TypeVar("Answer")
_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Keep results until the block ends. Outside of it (tasks, commands) nothing is kept: each call queries again."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Return the earlier result of this request, or a fresh one."""
    known = _answers.get()
    if known is None:
        return ask()
    if question not in known:
        known[question] = ask()
    answer: Answer = known[question]
    return answer


def known(question: Hashable) -> Any:
    """Return the earlier result of this request, or None; nothing is queried."""
    return (_answers.get() or {}).get(question)


def forget(question: Hashable) -> None:
    """Drop a result that has changed: the next call queries again."""
    (_answers.get() or {}).pop(question, None)


class MemoMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with remembering():
            return self.get_response(request)
