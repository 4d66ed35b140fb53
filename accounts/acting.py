"""The acting person and the hat that is on."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.enums import UNIT_ROLES, Role
from accounts.models import BusinessAccount, County, User
from kit.http_requests import MemberRequest


class NoAppointment(LookupError):
    """A page for business accounts was reached without one."""


@dataclass(frozen=True)
class Actor:
    """A person acting as teacher (`account` is None) or through one active business account."""

    user: User
    account: BusinessAccount | None = None

    @property
    def role(self) -> str:
        return self.account.role if self.account else "teacher"

    @property
    def unit_id(self) -> int | None:
        return self.account.unit_id if self.account else None

    @property
    def appointment(self) -> BusinessAccount:
        """Return the current business account. Raise NoAppointment for the teacher's hat, which no route admits where this is used."""
        if self.account is None:
            raise NoAppointment
        return self.account

    @property
    def is_in_force(self) -> bool:
        """Return whether this is the hat of a business account that is in force today. The teacher's hat never is."""
        return self.account is not None and self.account.is_active()

    @property
    def county(self) -> County:
        """Return the county of the current business account's unit. Raise NoAppointment for a unit of the nation."""
        found = self.appointment.unit.county
        if found is None:
            raise NoAppointment
        return found

    def oversees_county(self, county_id: int | None) -> bool:
        """Whether this is the hat of an officer of the county; no officer oversees the units of the nation (None)."""
        if self.account is None or not self.is_county_hat or county_id is None:
            return False
        return self.account.unit.county_id == county_id

    @property
    def account_number(self) -> str:
        return self.account.number if self.account else ""

    @property
    def is_teacher_hat(self) -> bool:
        return self.account is None

    @property
    def is_unit_hat(self) -> bool:
        return self.role in UNIT_ROLES

    @property
    def is_unit_lead(self) -> bool:
        return self.role == Role.UNIT_LEAD

    @property
    def is_roster_hat(self) -> bool:
        """Whether this hat keeps a staff list and has no rights to courses."""
        return self.role == Role.ROSTER

    @property
    def is_county_hat(self) -> bool:
        return self.role == Role.COUNTY_OFFICER

    @property
    def is_operator_hat(self) -> bool:
        return self.role == Role.OPERATOR

    # The protocol of the audit record (audit.log.Acting).
    @property
    def person_id(self) -> int | None:
        pk: Any = self.user.pk
        return int(pk) if pk is not None else None

    @property
    def person_label(self) -> str:
        return self.user.name

    @property
    def hat_label(self) -> str:
        return f"{self.role} {self.account.number}" if self.account else "teacher"


class SiteRequest(MemberRequest):
    """A request of anybody: `actor` is None for a visitor."""

    user: User | AnonymousUser
    actor: Actor | None


class ActorRequest(SiteRequest):
    """A request of a person who is logged in, as every view gets it that is not marked `login_not_required`."""

    user: User
    actor: Actor
