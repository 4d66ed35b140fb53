"""The refusals of courses: each a sentence for the person who tried."""

from datetime import date, datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.templatetags.ui import roc, rocdt


class RegistrationSuspended(Refusal):
    sentence = _(
        "Course registration is switched off: courses of your unit not closed on time: %(overdue)s. "
        "Close them until fewer than %(limit)s are left; registration opens again at once."
    )


class NotYourUnit(Refusal):
    sentence = _("This course belongs to another unit.")
    status = 404


class NotTheHandler(Refusal):
    sentence = _("Only the course's handler (%(handler)s) or the unit lead may do this.")
    status = 403


class NeedsBusinessAccount(Refusal):
    sentence = _("This needs an active business account of the unit. Put on that hat first.")
    status = 403


class CourseIncomplete(Refusal):
    sentence = _("The course cannot be registered yet. Still missing: %(missing)s.")


class LooksLikeAnother(Refusal):
    sentence = _(
        "Your unit already has “%(title)s” (%(code)s) on that day. Is this the same course? "
        "If it is another one, say so to register it."
    )


class RequiredTooLate(Refusal):
    sentence = _(
        "People enrolled without knowing it: once a course is registered, its certificate cannot wait for the questionnaire any more."
    )
    field = "questionnaire"


class WrongState(Refusal):
    sentence = _("This is not possible any more: the course is now “%(state)s”.")


class CourseGone(Refusal):
    sentence = _("This draft was discarded meanwhile.")
    status = 404


class CampaignGone(Refusal):
    sentence = _("This draft was discarded meanwhile.")
    status = 404


class CampaignChanged(Refusal):
    sentence = _("A colleague changed this campaign meanwhile. Look at the new version, then try again.")


class CampaignBegun(Refusal):
    sentence = _(
        "This campaign has begun: its people are notified already. It can be ended, but no longer changed."
    )


class CampaignNotRunning(Refusal):
    sentence = _("This campaign is not running.")


class NotYourCampaign(Refusal):
    sentence = _("This campaign belongs to another county.")
    status = 404


class DeadlineBehind(Refusal):
    sentence = _("The deadline %(day)s is over. Choose today or a later day.")
    field = "deadline"


class NothingToAsk(Refusal):
    sentence = _("No unit of this scope has an unclosed course of that year that is over.")


class CourseChanged(Refusal):
    sentence = _("A colleague changed this course meanwhile. Look at the new version, then try again.")


class PolicyChanged(Refusal):
    sentence = _("Another operator changed the policy meanwhile. Look at the new version, then try again.")


class PolicyOutOfBounds(Refusal):
    sentence = "%(why)s"


class CapacityBelowSeats(Refusal):
    sentence = _("There cannot be fewer places than are taken: %(taken)s.")
    field = "capacity"


class DatesFixed(Refusal):
    """A course that is over keeps its dates: moving them would move its deadline."""

    sentence = _("The course is over; its sessions and hours can no longer be changed.")


class SessionsAttended(Refusal):
    """The signs of attendance belong to their session."""

    sentence = _(
        "People have signed in a session that you moved or removed, or reported a missed sign. Take its signs back or decide the report first."
    )


class MovedIntoThePast(Refusal):
    sentence = _("Somebody is enrolled: a session cannot be moved to %(when)s, which is over.")


class EnrolmentClosed(Refusal):
    sentence = _("This course is not open for enrolment.")


class CourseFull(Refusal):
    sentence = _("All %(capacity)s places of this course are taken.")


class TooFewPlaces(CourseFull):
    sentence = _(
        "%(left)s places are left, and %(chosen)s people are chosen. Choose fewer, or raise the number of places first."
    )


class NotOnTheList(Refusal):
    sentence = _("%(number)s of those chosen are not on the list of this course. Nothing was changed.")


class AlreadyEnrolled(Refusal):
    sentence = _("You are already enrolled in this course.")


class NotEnrolled(Refusal):
    sentence = _("You are not enrolled in this course.")


class TooLateToCancel(Refusal):
    sentence = _("Cancelling was possible until %(until)s. Please tell the organiser that you cannot come.")

    def __init__(self, until: datetime | None, last_day: date | None) -> None:
        super().__init__(until=end_of_window(until, last_day))


def end_of_window(until: datetime | None, last_day: date | None) -> str:
    """Return the end of a `Window` in words: the end of a day, or the moment at which the session begins."""
    if last_day:
        return gettext("the end of %(day)s") % {"day": roc(last_day)}
    return gettext("%(moment)s, when it begins") % {"moment": rocdt(until)} if until else ""


class CannotUndo(Refusal):
    """The place was given while the last session was running: no session is left to stay away from."""

    sentence = _("The course has begun; this cannot be undone any more. Please tell the organiser.")


class CourseOver(Refusal):
    sentence = _("This course is over.")


class NotWaiting(Refusal):
    sentence = _("You are not on the waiting list of this course.")


class NothingOffered(Refusal):
    sentence = _("No place is offered to you at the moment. You stay on the waiting list.")


class PlaceTaken(Refusal):
    sentence = _("Somebody else was faster: the place is taken. You stay on the waiting list.")


class CannotAdmit(Refusal):
    sentence = _("%(name)s cannot be admitted or declined: the enrolment is “%(state)s”.")


class NotAnOutcome(Refusal):
    sentence = _("When a course is closed, %(name)s attended, was absent or was excused; nothing else.")


class OutOfBounds(Refusal):
    sentence = _("%(name)s: %(why)s")


class WindowBackwards(Refusal):
    sentence = _("Enrolment cannot close before it opens.")
    field = "enrol_until"


class SessionBackwards(Refusal):
    sentence = _("A session must end after it starts.")
    field = "sessions"


class HoursIssued(Refusal):
    sentence = _("Hours have been issued for this course. It cannot be withdrawn; correct the hours instead.")


class ReasonMissing(Refusal):
    sentence = _("Please write the reason.")
    field = "reason"


class OnlyMainHandler(Refusal):
    sentence = _("The second handler may not name handlers. Please ask the handler or the unit lead.")
    status = 403


class NotASecondHandler(Refusal):
    sentence = _("Choose a colleague of this unit with a business account in force, other than the handler.")
    field = "account"


class TransferPending(Refusal):
    sentence = _("A transfer of the course %(code)s is already waiting for the operator.")


class NotTransferable(Refusal):
    sentence = _("The course %(code)s cannot be transferred: %(why)s")


class TransferDecided(Refusal):
    sentence = _("This request has already been decided: %(state)s.")


class OnlyOperator(Refusal):
    sentence = _("Only the operator may do this.")
    status = 403


class NothingToClose(Refusal):
    sentence = _("Only courses that are over and not closed can be reminded of: %(courses)s.")


class OnlyOversight(Refusal):
    sentence = _("Only a county officer of this county or the operator may do this.")
    status = 403


class TooManySearches(Refusal):
    sentence = _("You have kept %(most)s searches already. Remove one first.")


class SearchNameTaken(Refusal):
    sentence = _("You already keep a search called “%(name)s”. Choose another name.")
    field = "name"


class RegisteredAfterwards(Refusal):
    sentence = _("The unit registered courses after this day, for example %(code)s on %(day)s.")
    field = "last_day"


class NoReceiver(Refusal):
    sentence = _(
        "Please choose who takes the unclosed courses of %(name)s: a person with an account at a successor."
    )


class EntryEnded(Refusal):
    sentence = _("No longer offered: %(names)s. Please choose others.")


class OnlyUnitCalendar(Refusal):
    sentence = _("Only handlers and leads of a unit have a calendar of its courses.")
    status = 403


class TooManyReads(Refusal):
    sentence = _("This address was read too often. Wait %(minutes)s minutes.")
    status = 429


class TooManyWatches(Refusal):
    sentence = _("You have asked for notices of %(most)s courses already. Take one away first.")


class NothingToWatch(Refusal):
    sentence = _("Enrolment in this course is not ahead: it is open, over, or the course was withdrawn.")


class LetterRefusal(Refusal):
    """A text that no official letter may hold."""

    status = 400


class UnknownLetterField(LetterRefusal):
    sentence = _("There is no field %(names)s. The fields are: %(known)s.")


class WornOutPhrase(LetterRefusal):
    sentence = _(
        "“%(words)s” is no longer written in official letters. The closing phrase is added by itself."
    )


class ClosingPhraseTwice(LetterRefusal):
    sentence = _("“%(phrase)s” is added to the subject by itself and is written nowhere else.")


class WordsForSuperiors(LetterRefusal):
    sentence = _(
        "“%(words)s” is written to an office above. Write 貴校 or 貴機關, and 本府 or 本部 of yourself."
    )


class SubjectIsOneParagraph(LetterRefusal):
    sentence = _("The subject is one paragraph. Write what follows as an explanation.")
    field = "subject"


class PhraseOfAnotherRank(LetterRefusal):
    sentence = _("“%(phrase)s” does not suit the rank of these units. Choose one of: %(allowed)s.")
    field = "phrase"


class AnnexAsInLetter(LetterRefusal):
    sentence = _("Name the annexes and their number, or write 如主旨 or 如說明一; 如文 is not used.")
    field = "annexes"


class SecrecyWithoutEnd(LetterRefusal):
    sentence = _("A degree of secrecy and the condition or day of its end belong together.")


class LetterChanged(Refusal):
    sentence = _("A colleague saved this letter meanwhile. Look at it as it is now and try again.")


class NoLetterYet(Refusal):
    sentence = _("There is no letter yet. Write and save it first.")
