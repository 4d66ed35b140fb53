"""The refusals of planned absences and of suspended days."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class CoursePostponed(Refusal):
    sentence = _("This course is postponed: choose its new days first, or withdraw it as not held.")


class DaySuspended(Refusal):
    sentence = _(
        "Work and classes are suspended then (%(name)s, %(when)s). Please choose another day or hour."
    )
    field = "sessions"


class SuspensionBehind(Refusal):
    sentence = _("The day %(day)s is over. Choose today or a later day.")
    field = "day"


class SuspensionBackwards(Refusal):
    sentence = _("Give both hours, the later one after the earlier one, or none for the whole day.")
    field = "until_time"


class AlreadySuspended(Refusal):
    sentence = _("This has been announced already.")


class SuspensionEnded(Refusal):
    sentence = _("This suspension was taken back already.")


class SuspensionBegun(Refusal):
    sentence = _("This suspension has begun and can no longer be taken back; handlers choose new days.")


class NotYourSuspension(Refusal):
    sentence = _("This suspension belongs to another county.")
    status = 404


class AbsenceStated(Refusal):
    sentence = _("You have already told the organiser that you cannot come.")


class NoPlaceYet(Refusal):
    sentence = _(
        "You have no place in this course yet, so there is nothing to be absent from. Cancel your enrolment instead."
    )


class NoAbsenceStated(Refusal):
    sentence = _("Nothing waits for the organiser's decision: there is nothing to take back.")


class NoSuchAbsenceKind(Refusal):
    sentence = _("Please choose why you cannot come.")
    field = "kind"


class AbsenceDecided(Refusal):
    sentence = _("This has been decided already, or was taken back: %(state)s.")


class ExcusedBefore(Refusal):
    """An excused person has no absence."""

    sentence = _("%(name)s was excused before: choose excused, or attended if the person came all the same.")
