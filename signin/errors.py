"""Why an act about a log-in is refused."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class LinkSpent(Refusal):
    sentence = _("This link has been used or has expired.")


class MayNotInvite(Refusal):
    sentence = _("People are invited by those who keep the staff list of their unit.")
    status = 403


class LoggedInBefore(Refusal):
    sentence = _("This person has logged in before. A forgotten password is reset on the log-in page.")


class LogsInElsewhere(Refusal):
    sentence = _("This person logs in through the education log-in and needs no invitation.")


class InvitedJustNow(Refusal):
    sentence = _("This person was invited a few minutes ago. Please wait %(minutes)s minutes.")
