"""What the acts of log-ins are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "read.as_person": _("page looked at in the support view"),
    "join.approved": _("request to be entered at the unit approved"),
    "join.refused": _("request to be entered at the unit refused"),
    "person.invited": _("invited to log in for the first time"),
}
# Kept in the chain of log-in and security.
SECURITY = {
    "device.forgotten": _("browser forgotten"),
    "device.new": _("log-in from a new browser"),
    "login.connected": _("education log-in connected"),
    "login.disconnected": _("education log-in disconnected"),
    "login.failed": _("log-in failed"),
    "login.locked": _("log-in locked after failures"),
    "login.ok": _("logged in"),
    "login.out": _("logged out"),
    "mfa.added": _("second step set up"),
    "mfa.failed": _("wrong code at the second step"),
    "mfa.removed": _("second step removed"),
    "mfa.reset": _("second step taken off by the operator"),
    "password.changed": _("password changed"),
    "password.first": _("first password set by a link"),
    "password.reset": _("password reset"),
    "session.ended": _("session ended"),
    "session.two_places": _("in use at two places at once"),
    "support.begin": _("support view begun"),
    "support.end": _("support view ended"),
    "token.made": _("key for programs made"),
    "token.revoked": _("key for programs ended"),
}
