"""The first operator of a bare installation. Everybody else is appointed on the pages."""

from django.db import transaction

from accounts.actions.appointments import appoint
from accounts.enums import Role, UnitKind, UnitLevel
from accounts.errors import OperatorThere
from accounts.locks import lock_operators
from accounts.models import BusinessAccount, County, Unit, User

CODE = "000001"


@transaction.atomic
def begin(*, email: str, name: str, unit_name: str, county: str) -> BusinessAccount:
    """Make the operator's unit where there is none, the person where there is none, and appoint that person.

    The person sets a password by e-mail, which proves the mailbox. Raise OperatorThere while anybody is operator.
    """
    lock_operators()
    if BusinessAccount.objects.active().filter(role=Role.OPERATOR, user__is_active=True).exists():
        raise OperatorThere
    unit = Unit.objects.filter(kind=UnitKind.OPERATOR).order_by("pk").first()
    if unit is None:
        home, _made = County.objects.get_or_create(name=county)
        unit = Unit.objects.create(
            code=CODE, level=UnitLevel.NONE, kind=UnitKind.OPERATOR, name=unit_name, county=home
        )
    person = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, name)
    return appoint(user=person, unit=unit, role=Role.OPERATOR, by=None)
