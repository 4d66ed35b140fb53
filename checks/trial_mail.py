"""A mail sent at once, past the outbox: what the mail server says is known immediately."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from accounts.acting import Actor
from audit import log
from checks.findings import Finding, bad, well

# ValueError: a name or a word for the log-in that cannot be sent, such as one with Chinese characters or a line break.
FAILURES = (OSError, SMTPException, ValueError)
# How long the mail server may take to accept it.
SECONDS = 10


def send(to: str) -> str:
    """Send the test mail; return what is wrong in a sentence, empty when the server took it."""
    subject = _("%s: test of the mail server") % settings.SITE_NAME
    body = _("This mail was sent to test the mail server. Nothing needs to be done.")
    try:
        EmailMessage(subject, body, to=[to], connection=get_connection(timeout=SECONDS)).send()
    except FAILURES as error:
        return _("The mail server did not take the test mail: %s") % error
    return ""


def server() -> Finding:
    """Connect to the mail server and log in to it, without sending anything. Takes seconds: for `manage.py doctor`, not for a page."""
    if settings.MAIL_UNSET:
        return well(_("Not tried: no mail server is set."))
    connection = get_connection(timeout=SECONDS)
    try:
        connection.open()
        connection.close()
    except FAILURES as error:
        return bad(
            _("The mail server cannot be reached: %s") % error,
            _(
                "Correct EMAIL_URL (name, port, encryption, log-in), or let this machine through to the server."
            ),
        )
    return well(_("The mail server takes the log-in."))


def send_to_operator(by: Actor) -> str:
    """Send the test mail to the operator's own mailbox, on record; return as `send`."""
    failure = send(by.user.email)
    log.record("system.mail_tested", by.appointment, by=by, after={"to": by.user.email, "failure": failure})
    return failure
