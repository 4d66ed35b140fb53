"""Why a person may not enrol, or a course's audience cannot be set: each a sentence for the person who tried."""

from django.utils.translation import gettext_lazy as _

from courses.enums import AudienceObstacle
from kit.errors import Refusal


class OutsideAudience(Refusal):
    """The person is not among those who may enrol; one subclass for each reason."""

    status = 403


class OwnUnitOnly(OutsideAudience):
    sentence = _("Only the staff of the organising unit may enrol in this course.")


class NamedUnitsOnly(OutsideAudience):
    sentence = _("Only the staff of the units that the organiser named may enrol in this course.")


class NamedCountiesOnly(OutsideAudience):
    sentence = _("Only the staff of units in the counties that the organiser named may enrol in this course.")


class InvitedOnly(OutsideAudience):
    sentence = _(
        "One cannot enrol in this course oneself: the organiser puts people on the list. Please ask the contact."
    )


class StagesOnly(OutsideAudience):
    sentence = _("Only people who serve at a school of the course's stages may enrol in this course.")


class TitlesOnly(OutsideAudience):
    sentence = _("Only people with one of the titles that the organiser chose may enrol in this course.")


OUTSIDE: dict[AudienceObstacle, type[OutsideAudience]] = {
    AudienceObstacle.OWN_UNIT: OwnUnitOnly,
    AudienceObstacle.UNITS: NamedUnitsOnly,
    AudienceObstacle.COUNTIES: NamedCountiesOnly,
    AudienceObstacle.INVITED: InvitedOnly,
    AudienceObstacle.STAGES: StagesOnly,
    AudienceObstacle.TITLES: TitlesOnly,
}


class AudienceChanged(Refusal):
    sentence = _(
        "The organiser has changed meanwhile who may enrol. Look at the course again, then try again."
    )


class AudienceUnnamed(Refusal):
    sentence = _("Name at least one of them.")


class QuotaNotForInvited(Refusal):
    sentence = _("Nobody enrols in a course by invitation, so no places can be kept for some.")


class TooManyQuotas(Refusal):
    sentence = _("At most %(most)s groups can have places kept.")


class QuotaBelowTaken(Refusal):
    sentence = _("There cannot be fewer places than are taken: %(taken)s.")


class TooManyPlacesKept(Refusal):
    sentence = _("Of %(capacity)s places %(taken)s are taken: at most %(most)s can be kept.")


class KeptTooLong(Refusal):
    sentence = _(
        "Places can be kept until the day before the course begins at most, and not until a day that is over."
    )


class CapacityBelowKept(Refusal):
    sentence = _("There cannot be fewer places than are taken or kept for some people: %(needed)s.")
    field = "capacity"


class PeopleOutside(Refusal):
    """The change has to be confirmed: people are enrolled who could not enrol afterwards."""

    sentence = _(
        "%(seated)s people who have a place and %(waiting)s who wait are not among those who could enrol then. Confirm the change first."
    )
