"""Why an act about accounts is refused."""

from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal
from kit.sentence_parts import day_words


class AlreadyAppointed(Refusal):
    sentence = _("%(name)s already holds an open business account of this role at this unit (%(number)s).")


class AlreadyEnded(Refusal):
    sentence = _("The business account %(number)s has already ended.")


class NotYourAccount(Refusal):
    sentence = _("This business account is not yours or has ended.")
    status = 403


class EndsBeforeStart(Refusal):
    sentence = _("The last day must not lie before the first day (%(start)s).")
    field = "last_day"


class NeverProlonged(Refusal):
    sentence = _(
        "The account already ends on %(day)s. Its last day can only come earlier; to serve on, the person needs a new appointment."
    )
    field = "last_day"


class LastOperator(Refusal):
    sentence = _("Nobody would be operator any more. Appoint another operator first.")


class MayNotAppoint(Refusal):
    sentence = _(
        "Business accounts are given and ended by the unit's lead, the county or the operator, and never to oneself."
    )
    status = 403


class AlreadyAsked(Refusal):
    sentence = _("You have already asked for this. The request waits for a decision.")


class AlreadyDecided(Refusal):
    sentence = _("This request has been decided meanwhile: %(state)s.")


class ReasonNeeded(Refusal):
    sentence = _("Please give the reason.")
    field = "reason"


class RoleNotHere(Refusal):
    sentence = _("A unit of this kind has no account of this role.")
    field = "role"


class NotSuspended(Refusal):
    sentence = _("The business account %(number)s is not suspended.")


class AlreadySuspended(Refusal):
    sentence = _("The business account %(number)s is already suspended.")


class NothingChanges(Refusal):
    sentence = _("Name and e-mail are the same as now.")


class EmailTaken(Refusal):
    sentence = _("This e-mail cannot be used.")
    field = "new_email"


class ChangedMeanwhile(Refusal):
    sentence = _("%(name)s was changed by somebody else meanwhile. Please look again.")


class NumberTaken(Refusal):
    sentence = _("This number is already stored for another person: %(name)s (%(email)s).")


class NotOneself(Refusal):
    sentence = _("Nobody corrects the own number: please ask another operator.")
    status = 403


class NumbersStay(Refusal):
    sentence = _("The numbers are the same as now.")


class OnlyOperatorMay(Refusal):
    sentence = _("Only the operator may do this.")
    status = 403


class CheckFirst(Refusal):
    sentence = _(
        "A file is carried out after it has been checked; with refused rows only if they are to be skipped."
    )


class RegisterChanged(Refusal):
    sentence = _(
        "Since the check somebody has changed what this file concerns, so nothing was saved. Then: %(then)s. Now: %(now)s. "
        "Please check the file again and look at what it changes."
    )


class ConfirmNames(Refusal):
    sentence = _("The file gives %(number)s units another name. Please confirm that first.")


class BadProof(Refusal):
    sentence = _("The paper must be a PDF, PNG or JPEG file of at most 2 MB.")
    field = "proof"


class AlreadyReviewed(Refusal):
    sentence = _("The accounts of this half-year have already been confirmed.")


class NoSecondFactor(Refusal):
    sentence = _(
        "Business accounts need the second step of the log-in. Put it on your account, then log in again."
    )
    status = 403


class OperatorThere(Refusal):
    sentence = _("There is an operator already, who appoints others on the page of the accounts.")


class MayNotKeepPlaces(Refusal):
    sentence = _(
        "Places of service are kept by the unit's lead or roster keeper, the operator, and the county while the unit has no lead."
    )
    status = 403


class PlaceEndsBeforeStart(Refusal):
    sentence = _("The last day at the unit must not lie before the first day (%(start)s).")
    field = "until"


class SubstituteNeedsLastDay(Refusal):
    sentence = _("A substitute serves for a time: please give the last day.")
    field = "until"


class AlreadyServes(Refusal):
    sentence = _("%(name)s already serves at %(unit)s (%(days)s). Correct that place instead.")
    field = "since"

    def __init__(self, name: str, unit: str, since: date | None, until: date | None) -> None:
        super().__init__(name=name, unit=unit, days=days_of_service(since, until))


def days_of_service(since: date | None, until: date | None) -> str:
    """Return the first and last day of a place of service in words."""
    if since and until:
        return gettext("%(since)s – %(until)s") % {"since": day_words(since), "until": day_words(until)}
    if until:
        return gettext("until %(until)s") % {"until": day_words(until)}
    return gettext("since %(since)s") % {"since": day_words(since)} if since else gettext("without an end")


class PlaceEnded(Refusal):
    sentence = _("The place of service has already ended on %(day)s. Correct its last day instead.")
    field = "until"


class ServesNoLonger(Refusal):
    sentence = _("%(name)s serves at this unit until %(day)s only; an account cannot last longer.")
    field = "valid_until"


class LeavesUnitWithout(Refusal):
    """A question: the act is carried out when it is confirmed."""

    LEAD = _(
        "%(name)s is the last unit lead. Applications and the staff list then go to the county's officer."
    )
    HANDLER = _("%(name)s is the last handler. The unit's courses then have nobody but its lead in charge.")
    BOTH = _(
        "%(name)s is the last person with a business account. Nobody at the unit can then close its courses; the county's "
        "officer has to appoint another person."
    )


class MayNotKeepUnit(Refusal):
    sentence = _("Units are kept by the officers of their county and by the operator.")
    status = 403


class KindOfOperator(Refusal):
    sentence = _("Units of this kind are kept by the operator.")
    status = 403
    field = "kind"


class CountyNeeded(Refusal):
    sentence = _("A unit of this kind belongs to a county. Please choose it.")
    field = "county"


class LevelDiffers(Refusal):
    sentence = _(
        "The level does not fit the kind: a school has the level of a school, a kindergarten “preschool”, every other unit “not a school”."
    )
    field = "level"


class ParentOfWrongKind(Refusal):
    sentence = _("A unit of the kind “%(kind)s” cannot be under one of the kind “%(parent)s”.")
    field = "parent"


class ParentAstray(Refusal):
    sentence = _("The parent unit %(parent)s is of another county.")
    field = "parent"


class ParentInCircle(Refusal):
    sentence = _("The parent unit %(parent)s is this unit itself or under it.")
    field = "parent"


class UnitCodeTaken(Refusal):
    sentence = _("There is a unit of this code and level already: %(name)s.")
    field = "code"


class UnitStays(Refusal):
    sentence = _("Nothing differs from what is stored.")


class LastDayNeeded(Refusal):
    sentence = _("Please give the last day of the people who have left.")
    field = "last_day"


class TooManyStaffLookUps(Refusal):
    sentence = _(
        "At most %(most)s people can be looked up in a day. Please go on tomorrow, or upload a file."
    )
    status = 429


class ServesHere(Refusal):
    sentence = _("This person is in the staff list on these days already. Correct that place instead.")
    field = "who"


class AlreadyOffered(Refusal):
    sentence = _("This person has been asked already and has not answered yet.")
    field = "who"


class EnteredMeanwhile(Refusal):
    sentence = _("Somebody has entered this person at this moment. Please look again.")


class UnreadablePerson(Refusal):
    sentence = _(
        "“%(shown)s” is known to nobody here, and is neither an e-mail nor a valid national ID with which a new person could be entered. "
        "Please check it."
    )
    field = "who"


class UnknownNeedsFacts(Refusal):
    sentence = _(
        "Nobody is known by this. Write name and e-mail as well, and the person is entered and invited."
    )
    field = "who"


class MailboxOfAnother(Refusal):
    sentence = _("This e-mail belongs to a person who is known already. Look for the person by the e-mail.")
    field = "email"


class OfferAnswered(Refusal):
    sentence = _("This has been answered meanwhile: %(state)s.")


class UnitClosed(Refusal):
    sentence = _("%(unit)s closed on %(day)s: nothing new begins there. Enrolments and closings go on.")


class UnitNotClosed(Refusal):
    sentence = _("The unit is not closed.")


class NotOwnUnit(Refusal):
    sentence = _("Nobody closes the unit of the own business account. Please ask the operator.")
    status = 403


class ClosesBeforeStart(Refusal):
    sentence = _("The last day must not lie before the first day of the unit (%(start)s).")
    field = "last_day"


class ClosesAhead(Refusal):
    sentence = _("Courses and accounts move today: the last day must not lie in the future.")
    field = "last_day"


class SuccessorNeeded(Refusal):
    sentence = _("Please name at least one successor, and not the unit itself.")
    field = "successors"


class BeginsAfterEnd(Refusal):
    sentence = _("The first day must not lie after the unit's last day (%(day)s).")
    field = "since"


class RequestForgotten(Refusal):
    sentence = _("This request was not decided for two months and has been deleted.")


class PersonIsClosed(Refusal):
    """Neutral: a clerk who typed a number need not know why."""

    sentence = _("This person cannot be entered or appointed here. Please ask the operator.")


class PersonClosed(Refusal):
    sentence = _("This person is closed already.")


class NotClosed(Refusal):
    sentence = _("This person is not closed.")


class NameStays(Refusal):
    sentence = _("The name is the same as now.")
    field = "new_name"
