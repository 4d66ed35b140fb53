"""What the acts about the system are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {"system.mail_tested": _("test mail sent")}
SECURITY = {"password.link_made": _("link for the first log-in of the operator made")}
