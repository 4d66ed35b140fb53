"""Why something is not published."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class MayNotPublish(Refusal):
    sentence = _("Only the operator publishes for the country, and a county officer for the own county.")
    status = 403


class AlreadyTakenBack(Refusal):
    sentence = _("It has been taken back meanwhile.")


class EndsBeforeItBegins(Refusal):
    sentence = _("The last day must not lie before the first, nor in the past.")
    field = "last_day"


class AlreadyPast(Refusal):
    sentence = _("The last day is over.")
    field = "valid_until"


class VisitorsOfACounty(Refusal):
    sentence = _(
        "Who is not logged in has no county. Choose people who are logged in, or publish for the whole country."
    )
    field = "readers"
