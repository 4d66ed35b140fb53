"""Why people are not put on a course's list, or not written to."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class NobodyChosen(Refusal):
    sentence = _("Choose at least one person first.")


class PlacesShort(Refusal):
    sentence = _(
        "%(chosen)s people are chosen and %(left)s places are left. Choose fewer, or let the places be raised."
    )


class NoPeopleInTable(Refusal):
    sentence = _("The table has none of the columns %(columns)s.")
    field = "file"
    status = 400


class TooManyLines(Refusal):
    sentence = _("%(number)s lines are too many at once; at most %(most)s, please.")
    status = 400


class TooManyParticipantLookUps(Refusal):
    sentence = _(
        "At most %(most)s people of other units can be looked up a day. Write the name before the number: then it does not count."
    )
    status = 429


class NobodyToWriteTo(Refusal):
    sentence = _("Nobody of this course is meant by this choice. Choose other people.")
    field = "to"


class HelperNotAbsent(Refusal):
    sentence = _(
        "%(name)s is on the list as a lecturer or member of staff, and these are never absent. "
        "Choose attended, or excused to take all hours back."
    )
    field = "state"


class SeveralOfThatName(Refusal):
    sentence = _(
        "Several people of your unit are called %(name)s: %(accounts)s. Write the e-mail or the account number instead."
    )
    field = "walk_in"


class UnknownPerson(Refusal):
    sentence = _(
        "Nobody is known by “%(shown)s”. Enter the name of a colleague of your unit, or an e-mail, an account number, a national ID or a passport number."
    )
    field = "walk_in"


class NamedAsHelper(Refusal):
    """A person takes part in a course as one thing (docs/adr/0030, 0042)."""

    sentence = _(
        "You are named as %(kind)s of this course. Please ask the organiser if you want to take part instead."
    )


class HelperAdded(Refusal):
    sentence = _(
        "%(name)s is named as %(kind)s of this course. Take the person off the list of lecturers and staff first."
    )


class HelperEnrolled(Refusal):
    sentence = _(
        "%(name)s is enrolled in this course. A person takes part as one thing: decline the enrolment among the applicants first."
    )
    field = "lines"


class HelperGone(Refusal):
    sentence = _("This person is no longer on the list of lecturers and staff.")


class NotAHelper(Refusal):
    sentence = _("Choose lecturer or staff member.")
    field = "participation"
    status = 400
