"""Answers of the API when a rule refuses."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from inservice.errors import Refusal


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal becomes its status with code and sentence; the rest is Django REST framework's."""
    if isinstance(error, Refusal):
        return Response({"code": error.code, "detail": error.message}, status=error.status)
    return exception_handler(error, context)
