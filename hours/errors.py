"""The refusals of issuing hours."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from inservice.errors import Refusal

if TYPE_CHECKING:
    from hours.models import ClosingDraft


class NotOverYet(Refusal):
    sentence = _("Hours can be issued once the last session has ended (%(when)s).")


class AlreadyClosed(Refusal):
    sentence = _("This course was closed on %(when)s by %(who)s. Hours can only be corrected now.")


class NotClosedYet(Refusal):
    sentence = _("This course is not closed yet: issue its hours first.")


class BadHours(Refusal):
    sentence = _("%(name)s: hours must lie between %(step)s and %(most)s, in steps of %(step)s.")


class ListChanged(Refusal):
    sentence = _("The list of people changed meanwhile (%(names)s). Please look at it again.")


class NewerDraft(Refusal):
    sentence = _("%(who)s has saved another version of this sheet meanwhile.")

    def __init__(self, draft: "ClosingDraft") -> None:
        self.draft = draft
        super().__init__(who=draft.saved_by.name)


class OnlyUnitLead(Refusal):
    sentence = _("Training records of a unit are taken along by its lead.")
    status = 403


class UnknownPerson(Refusal):
    sentence = _("Nobody is known by “%(shown)s”. Enter an e-mail, an account number or a national ID.")
    field = "walk_in"


class AlreadyListed(Refusal):
    sentence = _("%(name)s is already on the list.")
    field = "walk_in"


class ReasonMissing(Refusal):
    sentence = _("A correction needs a reason.")
    field = "reason"


class NothingToCorrect(Refusal):
    sentence = _("Nothing would change: %(name)s already has %(hours)s hours and this state.")


class NoObjection(Refusal):
    sentence = _("An objection is possible to courses that are over and in which you were admitted.")


class ObjectionOpen(Refusal):
    sentence = _("Your objection to this course is already waiting for an answer.")


class ObjectionAnswered(Refusal):
    sentence = _("This objection has been answered already.")
