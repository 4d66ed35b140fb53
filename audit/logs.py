"""Structured log lines: JSON with the request's id, and nothing in it that must not leave: no secrets, no national IDs."""

import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from audit.trace import current
from kit.masking import mask

_HEADER = re.compile(r"(?i)\b(authorization|(?:set-)?cookie)(\"?\s*[=:]\s*\"?)[^\r\n\"]+")
_SECRET = re.compile(
    r"(?i)\b(password\d?|passwd|secret|token|sessionid|csrftoken|csrfmiddlewaretoken|code|key)"
    r"(\"?\s*[=:]\s*\"?)[^\s\"',;&}]+"
)
_RESET_LINK = re.compile(r"(/password/reset/key/)[^/\s]+|(/confirm-email/)[^/\s]+")
# What a random or signed text in an address looks like: long, with capitals or the colons of a signature. Who has it, has what it opens.
_TOKEN_IN_PATH = re.compile(r"(?<=/)(?=[\w=~-]*[A-Z:])[\w:=~-]{20,}")


def scrub(text: str) -> str:
    """The text with national IDs masked and values of secrets left out."""
    text = _RESET_LINK.sub(lambda m: (m.group(1) or m.group(2)) + "…", text)
    text = _TOKEN_IN_PATH.sub("…", text)
    return _SECRET.sub(r"\1\2…", _HEADER.sub(r"\1\2…", mask(text)))


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {key: _scrubbed(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(v) for v in value]
    return value


class RequestIdFilter(logging.Filter):
    """Puts the running request's id on each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current.get().request_id
        return True


class LineFormatter(logging.Formatter):
    """A readable line for a trial machine, scrubbed as well."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class ScrubbedJsonFormatter(JsonFormatter):
    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        # The request object and its like stay out: they carry cookies and forms.
        log_data.pop("request", None)
        return {key: _scrubbed(value) for key, value in super().process_log_record(log_data).items()}
