"""The record in words: what its rows hold as codes, for people who know none of them."""

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models.stored_reasons import translated
from audit.acts import ACTS, REASONS
from audit.models import AuditEvent


def actor_words(event: AuditEvent) -> str:
    """Who acted: the person's name, or the system."""
    return _("the system") if event.actor_id is None and event.actor_label == "system" else event.actor_label


def hat_words(event: AuditEvent) -> str:
    """Return the hat: the role in words, with the number of the business account."""
    role, _blank, number = event.hat.partition(" ")
    words = str(Role(role).label) if role in Role.values else {"teacher": _("teacher")}.get(role, role)
    return f"{words} {number}".strip()


def act_words(event: AuditEvent) -> str:
    return str(ACTS.get(event.action, _("another act")))


def reason_words(event: AuditEvent) -> str:
    """A reason that the system or a list of choices gave is translated; what a person typed stays as it is."""
    code, _blank, typed = event.reason.partition(" ")
    return f"{REASONS[code]} {typed}".strip() if code in REASONS else translated(event.reason)


def address_for(event: AuditEvent, reader: int) -> str:
    """The network address of a row in the reader's own record: of what the reader did, and of failed tries at the reader's log-in.

    Where a colleague sat is the colleague's own affair.
    """
    return event.address if event.actor_id in (None, reader) else ""
