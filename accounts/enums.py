"""The words of people and units."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    SCHOOL = "school", _("school")
    KINDERGARTEN = "kindergarten", _("kindergarten")
    COUNTY_OFFICE = "county_office", _("county education department")
    COUNTY_SECTION = "county_section", _("section of the county education department")
    CENTRE = "centre", _("centre")
    TOWN_OFFICE = "town_office", _("town office")
    SOCIAL_EDUCATION = "social_education", _("social-education institution")
    TEACHERS_ASSOCIATION = "teachers_association", _("teachers' association")
    REGISTERED_BODY = "registered_body", _("registered body")
    UNIVERSITY = "university", _("university")
    MINISTRY = "ministry", _("ministry")
    OPERATOR = "operator", _("operator")


# Kinds of which a unit may belong to no county.
NATIONAL_KINDS = frozenset(
    {
        UnitKind.SOCIAL_EDUCATION,
        UnitKind.TEACHERS_ASSOCIATION,
        UnitKind.REGISTERED_BODY,
        UnitKind.UNIVERSITY,
        UnitKind.MINISTRY,
        UnitKind.OPERATOR,
    }
)
# Kinds that only the operator makes and changes.
OPERATORS_KINDS = frozenset({UnitKind.MINISTRY, UnitKind.OPERATOR})
_OFFICES = frozenset({UnitKind.COUNTY_OFFICE, UnitKind.COUNTY_SECTION})
# The kinds that the parent of a unit may have; a kind that is missing has no parent.
PARENT_KINDS: dict[str, frozenset[str]] = {
    UnitKind.SCHOOL: _OFFICES | {UnitKind.SCHOOL, UnitKind.UNIVERSITY, UnitKind.MINISTRY},
    UnitKind.KINDERGARTEN: _OFFICES
    | {UnitKind.SCHOOL, UnitKind.TOWN_OFFICE, UnitKind.UNIVERSITY, UnitKind.REGISTERED_BODY},
    UnitKind.COUNTY_OFFICE: frozenset({UnitKind.MINISTRY}),
    UnitKind.COUNTY_SECTION: frozenset({UnitKind.COUNTY_OFFICE}),
    UnitKind.CENTRE: _OFFICES | {UnitKind.SCHOOL, UnitKind.UNIVERSITY, UnitKind.MINISTRY},
    UnitKind.TOWN_OFFICE: frozenset({UnitKind.COUNTY_OFFICE}),
    UnitKind.SOCIAL_EDUCATION: _OFFICES | {UnitKind.TOWN_OFFICE, UnitKind.MINISTRY},
    UnitKind.TEACHERS_ASSOCIATION: frozenset({UnitKind.TEACHERS_ASSOCIATION, UnitKind.SCHOOL}),
    UnitKind.UNIVERSITY: frozenset({UnitKind.MINISTRY}),
    UnitKind.OPERATOR: frozenset({UnitKind.MINISTRY}),
}


class ListGroup(models.TextChoices):
    """What a yearly list of the ministry says about a unit."""

    NEW = "new", _("new units")
    RECODED = "recoded", _("perhaps another code")
    RENAMED = "renamed", _("renamed units")
    MOVED = "moved", _("moved units")
    CHANGED = "changed", _("other changes")
    MISSING = "missing", _("not in the list, perhaps closed")


class ListRowState(models.TextChoices):
    OPEN = "open", _("waiting for a decision")
    ACCEPTED = "accepted", _("accepted")
    LEFT = "left", _("left as it is")


class SchoolType(models.TextChoices):
    """設立別: who runs a school or kindergarten."""

    NATIONAL = "national", _("national")
    PUBLIC = "public", _("municipal or county")
    PRIVATE = "private", _("private")
    NON_PROFIT = "non_profit", _("non-profit")


class UnitLevel(models.TextChoices):
    """學校級別. Code and level identify a unit: an attached elementary school carries the code of its high school."""

    ELEMENTARY = "elementary", _("elementary school")
    ATTACHED_ELEMENTARY = "attached_elementary", _("attached elementary school")
    JUNIOR_HIGH = "junior_high", _("junior high school")
    SENIOR_HIGH = "senior_high", _("senior high school")
    VOCATIONAL = "vocational", _("vocational high school")
    SPECIAL = "special", _("special school")
    PRESCHOOL = "preschool", _("preschool")
    NONE = "none", _("not a school")


class Role(models.TextChoices):
    """The hats a business account can be."""

    HANDLER = "handler", _("handler")
    UNIT_LEAD = "unit_lead", _("unit lead")
    # 名冊管理: keeps the staff list, usually the personnel office; no rights to courses.
    ROSTER = "roster", _("roster keeper")
    COUNTY_OFFICER = "county_officer", _("county officer")
    OPERATOR = "operator", _("operator")


# The roles with rights to the courses of a unit, those that keep its staff list, and those that a lead or the county gives.
UNIT_ROLES = frozenset({Role.HANDLER, Role.UNIT_LEAD})
ROSTER_ROLES = frozenset({Role.UNIT_LEAD, Role.ROSTER})
ROLES_AT_UNITS = UNIT_ROLES | ROSTER_ROLES
OVERSIGHT_ROLES = frozenset({Role.COUNTY_OFFICER, Role.OPERATOR})


class RequestState(models.TextChoices):
    """An application for an account, or a request to change a name or e-mail."""

    PENDING = "pending", _("waiting for a decision")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    TAKEN_BACK = "taken_back", _("taken back")


class ProposalSource(models.TextChoices):
    """Why a place of service is to begin or to end."""

    LOG_IN = "log_in", _("education log-in")
    MOVE = "move", _("added at another unit")


class KeyScope(models.TextChoices):
    """What a key for programs may do, from the least to the most; each includes those before it."""

    COURSES = "courses", _("read courses and lights, no lists of people")
    READ = "read", _("read everything, also lists of people")
    ACT = "act", _("read and act: enrol, close, decide")

    @property
    def rank(self) -> int:
        return list(KeyScope).index(self)


class AccountState(models.TextChoices):
    """What a business account is today; the dates and marks of its row decide (`BusinessAccount.state`)."""

    FUTURE = "future", _("not yet begun")
    ACTIVE = "active", _("in force")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")


class CloseReason(models.TextChoices):
    """Why nobody logs in as a person any more."""

    RETIRED = "retired", _("retired or left the service")
    DECEASED = "deceased", _("deceased")
    MISTAKE = "mistake", _("entered by mistake")
    # Never chosen: `accounts.actions.merging` sets it together with `User.merged_into`.
    MERGED = "merged", _("merged into another person")


class OfferState(models.TextChoices):
    """A place of service that a unit has offered to a known person."""

    PENDING = "pending", _("waiting for the person")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    TAKEN_BACK = "taken_back", _("taken back")
