"""Reports of faults to a Sentry (or GlitchTip) of the operator: only with `SENTRY_DSN`, and without anything about people.

A report is built anew from what may leave: where the fault is in the code, its type, a scrubbed sentence, the route's name and the id of
the request, with which the operator finds the rest in the own log. Cookies, headers, bodies, addresses, queries, values of variables and
what happened before never leave.
"""

import re
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured

from audit.logs import scrub
from audit.trace import current

_EMAIL = re.compile(r"[^\s@'\"<>()]+@[^\s@'\"<>()]+")
# The sentences of the code are English: Chinese in the text of an error is a name, a title or what a person typed.
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
# Values that databases and Python put into their errors: "Key (name)=(…)", 'abc', "abc".
_VALUES = re.compile(r"\)=\([^\n]*\)|'[^'\n]*'|\"[^\"\n]*\"")
_NUMBERS = re.compile(r"\d{5,}")
# What PostgreSQL adds below its message: the row.
_DETAIL = re.compile(r"(?s)\n(?:DETAIL|CONTEXT|HINT):.*")
REPORTED = (
    "event_id",
    "timestamp",
    "platform",
    "level",
    "logger",
    "release",
    "environment",
    "server_name",
    "sdk",
    "type",
)
FRAME = ("filename", "function", "module", "lineno", "in_app")


def begin(dsn: str, environment: str) -> None:
    """Send reports from now on. Raise ImproperlyConfigured for an address that is none."""
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
    from sentry_sdk.utils import BadDsn, Dsn

    try:
        Dsn(dsn)
    except BadDsn as error:
        raise ImproperlyConfigured(f"SENTRY_DSN is no address of a project of Sentry: {error}.") from None
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        default_integrations=True,
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(transaction_style="function_name", middleware_spans=False, signals_spans=False),
            CeleryIntegration(monitor_beat_tasks=False),
            LoggingIntegration(level=None),
        ],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=cast(Any, before_send),
    )
    # A line for each response above 499: the fault behind it is reported by itself, and an outage is no fault of the site.
    ignore_logger("django.request")


def scrubbed(text: str) -> str:
    """Return a sentence of an error without what could name a person."""
    for pattern in (_DETAIL, _VALUES, _EMAIL, _CHINESE, _NUMBERS):
        text = pattern.sub("…", text)
    return scrub(text)


def before_send(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """Return a report that holds only what may leave."""
    report = {name: event[name] for name in REPORTED if name in event}
    if (route := event.get("transaction")) and "/" not in str(route):
        report["transaction"] = route
    if request_id := current.get().request_id:
        report["tags"] = {"request_id": request_id}
    if exceptions := (event.get("exception") or {}).get("values"):
        report["exception"] = {"values": [_exception(one) for one in exceptions]}
    if entry := event.get("logentry"):
        # The sentence as it is in the code; what was put into it stays here.
        report["logentry"] = {"message": scrubbed(str(entry.get("message", "")))}
    elif message := event.get("message"):
        report["message"] = scrubbed(str(message))
    return report


def _exception(found: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: found[name] for name in ("type", "module") if name in found}
    frames = (found.get("stacktrace") or {}).get("frames") or []
    kept["value"] = scrubbed(str(found.get("value", "")))
    kept["stacktrace"] = {
        "frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    }
    return kept
