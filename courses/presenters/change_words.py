"""Word what changed in a course, and when and where a session is, for one line of a notice."""

from typing import Any

from django.utils.translation import gettext as _

from courses.queries.changes import SESSION, Change
from kit.templatetags import ui


def session_line(held: Any) -> str:
    """Return day, hours and place of a session, which is a `Held` or a `Meeting`."""
    line = f"{ui.rocday(held.starts_at)} {ui.hhmm(held.starts_at)}–{ui.end_hhmm(held.ends_at)}"
    return f"{line} {held.place}" if held.place else line


def change_line(change: Change) -> str:
    """Return what changed, with its old and its new value. The meeting link is for those who are admitted, so it is not shown."""
    if change.what == SESSION:
        return _session_change(change)
    label = {
        "hours": _("Hours:"),
        "hours_by": _("Hours follow attendance:"),
        "fee": _("Fee (NT$):"),
        "payer": _("Paid by:"),
        "mode": _("On site or on-line:"),
        "instructors": _("Instructors:"),
    }.get(change.what)
    if label is None:
        return _("The meeting link has changed; it is on the course's page.")
    return f"{label} {_value(change.what, change.old)} → {_value(change.what, change.new)}"


def _session_change(change: Change) -> str:
    if not change.old:
        return " ".join((_("New session:"), session_line(change.new)))
    if not change.new:
        return " ".join((_("Session dropped:"), session_line(change.old)))
    return " ".join((_("Session:"), session_line(change.old), "→", session_line(change.new)))


def _value(what: str, value: Any) -> str:
    if what == "hours":
        return ui.hours(value)
    return _(", ").join(value) if what == "instructors" else str(value)
