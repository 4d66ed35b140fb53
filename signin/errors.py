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


class MayNotEnter(Refusal):
    sentence = _("Who serves at a unit is decided by those who keep its staff list.")
    status = 403


class OtherName(Refusal):
    sentence = _(
        "This number is stored with another name. Check the name and the number with the person, then ask the operator."
    )


class MailboxTaken(Refusal):
    sentence = _(
        "The e-mail belongs to another person here. Refuse the request and ask the person to write an own mailbox."
    )


class TooManyRequests(Refusal):
    sentence = _(
        "Too many requests have come from here within the hour. Please try again in %(minutes)s minutes."
    )
    status = 429


class ViewOfOneself(Refusal):
    sentence = _("You see your own pages without the support view.")


class NotThisHat(Refusal):
    sentence = _("This business account is not the person's, or is not in force.")
    field = "hat"
