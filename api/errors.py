"""Answers of the API when a rule refuses."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from kit.errors import Refusal
from kit.masking import mask


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal becomes its status with code and sentence; the rest is Django REST framework's."""
    if isinstance(error, Refusal):
        return Response({"code": error.code, "detail": error.message}, status=error.status)
    answer = exception_handler(error, context)
    if answer is not None:
        # The framework repeats what was sent (`"…" is not a valid choice`): identity numbers in it are masked.
        answer.data = _masked(answer.data)
    return answer


def _masked(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _masked(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_masked(value) for value in data]
    return mask(data) if isinstance(data, str) else data
