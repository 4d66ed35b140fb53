"""Why an act about the lists that people choose from, or about days off and lists of units, is refused."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class CodeTaken(Refusal):
    sentence = _("The list has an entry with the code %(code)s already.")
    field = "code"


class ValidityBackwards(Refusal):
    sentence = _("The last day lies before the first.")
    field = "valid_until"


class EntryGone(Refusal):
    sentence = _("This entry has been deleted meanwhile.")


class EntryInUse(Refusal):
    sentence = _("It is used %(number)s times, so it is not deleted. Give it a last day instead.")


class EntryNameTaken(Refusal):
    sentence = _("There is an entry of this name already; its code is %(code)s.")
    field = "name"


class PathTooLong(Refusal):
    sentence = _(
        "With this name a path of the tree is longer than %(most)s characters: %(path)s. Please shorten a step."
    )
    field = "name"


class EntriesFixed(Refusal):
    sentence = _(
        "The rules know the entries of this list: their order and days can be changed, nothing else."
    )
    field = "name"


class MayNotKeepDays(Refusal):
    sentence = _("The operator keeps the days of the country, and a county officer those of the own county.")
    status = 403


class DayAlreadyAdded(Refusal):
    sentence = _("%(day)s has been added already.")
    field = "day"


class DayTakenBack(Refusal):
    sentence = _("This day has been taken back meanwhile.")


class UnitsAddedMeanwhile(Refusal):
    sentence = _("A unit of this list has just been added by another act. Please look again.")


class UnitsUnfit(Refusal):
    sentence = _(
        "%(unit)s is under %(parent)s, and the two would no longer fit: their counties or kinds differ. Change both together, or the parent unit first."
    )


class LevelNotOffered(Refusal):
    sentence = _(
        "The level “%(level)s” is not offered today: the list of levels ended it, or it begins later. Choose another level, or have the operator change the list."
    )
    field = "level"
