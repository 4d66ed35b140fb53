"""The refusals of issuing hours."""

import math
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kit import clock
from kit.errors import Refusal

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


class UnknownEnrolments(ListChanged):
    sentence = _("These numbers are no enrolments of this course: %(numbers)s.")


class WalkInTwice(Refusal):
    sentence = _("%(name)s is named twice among the people who came without enrolment.")
    field = "walk_in"


class TooManyWalkIns(Refusal):
    sentence = _(
        "%(number)s people who came without enrolment are more than a sheet holds (%(most)s). Nothing was issued."
    )
    field = "walk_in"


class TooManyLookUps(Refusal):
    sentence = _(
        "You have looked up %(most)s people from other units today, which is the limit of a day. "
        "Nothing was looked up. Go on tomorrow; the draft is kept."
    )
    field = "walk_in"
    status = 429

    @property
    def retry_after(self) -> int:  # type: ignore[override]  # a value there, computed here
        """Seconds until the next Taipei day, which has look-ups of its own."""
        return math.ceil((clock.end_of_day(clock.today()) - clock.now()).total_seconds())


class KeyReused(Refusal):
    sentence = _("This request key was used before, with another content. Nothing was changed.")


class SheetUnreadable(Refusal):
    sentence = _("The sheet did not arrive whole, and nothing was saved. Please load the page again.")
    status = 400


class NewerDraft(Refusal):
    sentence = _("%(who)s has saved another version of this sheet meanwhile.")

    def __init__(self, draft: "ClosingDraft") -> None:
        self.draft = draft
        super().__init__(who=draft.saved_by.name)


class OnlyUnitLead(Refusal):
    sentence = _("Training records of a unit are taken along by its lead.")
    status = 403


class AlreadyListed(Refusal):
    sentence = _("%(name)s is already on the list.")
    field = "walk_in"


class OneParticipation(Refusal):
    """A person takes part in a course as one thing: no hours for listening to oneself (docs/adr/0030)."""

    sentence = _(
        "%(name)s is already on the list: %(kind)s. A person has hours of one kind in a course. To change the kind, "
        "take the person off the list first; who enrolled is declined among the applicants."
    )
    field = "walk_in"


class ListedAsOther(Refusal):
    sentence = _(
        "%(name)s is already on the list: %(kind)s. A person has hours of one kind in a course; to change the kind, "
        "correct the person's own row."
    )
    field = "participation"


class UnknownParticipation(Refusal):
    sentence = _("Choose as what the person took part: participant, lecturer or staff member.")
    field = "participation"
    status = 400


class ReasonMissing(Refusal):
    sentence = _("A correction needs a reason.")
    field = "reason"


class ReasonTooLong(Refusal):
    sentence = _("With a correction the answer is its reason in the ledger: at most %(most)s characters.")
    field = "text"


class NothingToCorrect(Refusal):
    sentence = _("Nothing would change: %(name)s already has %(hours)s hours and this state.")


class NoObjection(Refusal):
    sentence = _("An objection is possible to courses that are over.")


class ObjectionSettled(Refusal):
    """One objection and one review; what changed afterwards may be objected to anew."""

    sentence = _(
        "Your objection to this course was answered already. You can request one review of the answer."
    )


class ReviewImpossible(Refusal):
    sentence = _("A review is possible once, of an answer, with the reason for it.")


class AnswerMissing(Refusal):
    sentence = _("Please write an answer.")
    field = "text"


class NotYourObjection(Refusal):
    sentence = _("This waits for another level to reply.")
    status = 403


class ObjectionOpen(Refusal):
    sentence = _("Your objection to this course is already waiting for an answer.")


class ObjectionAnswered(Refusal):
    sentence = _("This objection has been answered already.")


class NotAtThisTime(Refusal):
    sentence = _("Nobody can sign in to or out of this session at this time.")


class SessionPostponed(Refusal):
    sentence = _(
        "This session is postponed and has no new day yet. Nobody signs in to or out of it until then."
    )


class SessionRemoved(Refusal):
    sentence = _("This session was removed from its course meanwhile. Please load the page again.")


class CodeRefused(Refusal):
    sentence = _("This code is no longer good, or it never was. Please scan the code on the screen now.")


class WrongNumber(Refusal):
    sentence = _("This is not the number on the screen now. Please type the one that is shown now.")
    field = "number"


class NobodyToSign(Refusal):
    sentence = _("Choose at least one person first.")


class NotOnTheList(Refusal):
    sentence = _("Only people on the list of this course can be signed in or out.")


class SignGone(Refusal):
    sentence = _("This sign was taken back already.")


class NothingSigned(Refusal):
    sentence = _("Nobody has signed in this session: there is nothing to take back.")


class ReasonForAllMissing(Refusal):
    sentence = _("Please give the reason for which all signs of this session are taken back.")


class SignsChanged(Refusal):
    sentence = _("Signs of this session now: %(number)s. Please confirm that all of them are taken back.")


class SignsUnreadable(Refusal):
    sentence = _("The signs did not arrive whole, and nothing was entered. Please load the page again.")
    status = 400


class OwnCodeUnknown(Refusal):
    sentence = _(
        "This is the code of nobody on the list. Ask for the one that the phone shows now, or choose the name."
    )
    field = "own_code"


class NotOfferedOnTheSpot(Refusal):
    sentence = _("Please sign in to the session first.")


class TooManyNumbers(Refusal):
    sentence = _("Too many wrong numbers. Scan the code, or ask the organiser to sign you in by hand.")
    status = 429


class NothingMissed(Refusal):
    sentence = _(
        "You can report a missed sign of a session that has begun, in a course to which you are admitted or for which you are named, in a few words."
    )


class ReportOpen(Refusal):
    sentence = _("Your report about this session is waiting already.")


class ReportDecided(Refusal):
    sentence = _("This report was decided already.")


class NothingToCertify(Refusal):
    sentence = _("There are no hours that count, so there is nothing to certify.")


class AnswerFirst(Refusal):
    sentence = _(
        "The organiser of this course asks for your opinion before the certificate is made. Please answer first."
    )


class QuestionnaireNotYours(Refusal):
    sentence = _(
        "This questionnaire is for people who were at the course, until %(days)s days after its closing."
    )
    status = 404


class AlreadyAnswered(Refusal):
    sentence = _(
        "You have answered this questionnaire. It is anonymous, so the answer cannot be changed any more."
    )


class AnswerUnreadable(Refusal):
    sentence = _("The answers did not arrive whole, and nothing was saved. Please load the page again.")
    status = 400


class QuestionsFixed(Refusal):
    sentence = _("The course is over, and people answer already: the questions cannot be changed any more.")


class NoQuestionnaire(Refusal):
    sentence = _("This course has no questionnaire. Choose one on the course's form first.")


class NotToBeEnded(Refusal):
    sentence = _("A questionnaire is ended once the course is closed, and only once.")


class TooManyChecks(Refusal):
    sentence = _("Too many codes that do not exist. Wait %(minutes)s minutes.")
    status = 429
