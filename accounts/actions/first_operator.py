"""The first operator of a bare installation. Everybody else is appointed on the pages."""

from django.db import transaction

from accounts.actions.appointments import appoint
from accounts.actions.counties import counties_named
from accounts.enums import Role, UnitKind, UnitLevel
from accounts.errors import OperatorThere
from accounts.locks import lock_operators, queue_first_operator
from accounts.models import BusinessAccount, Unit, User
from accounts.queries.operators import operators_unit
from kit.texts import typed

CODE = "000001"
# As long as the columns are.
MOST = {"email": 200, "name": 60, "unit": 100}


@transaction.atomic
def begin(*, email: str, name: str, unit_name: str) -> BusinessAccount:
    """Make the counties, the operator's unit and the person where there are none, and appoint that person.

    The unit is one of the nation, in no county. Raise OperatorThere while anybody is operator, TextTooLong.
    """
    queue_first_operator()
    lock_operators()
    if BusinessAccount.objects.active().filter(role=Role.OPERATOR, user__is_active=True).exists():
        raise OperatorThere
    # No form has read them.
    email, name, unit_name = (
        typed(text, MOST[field]) for field, text in (("email", email), ("name", name), ("unit", unit_name))
    )
    counties_named()
    unit = operators_unit()
    if unit is None:
        unit = Unit.objects.create(code=CODE, level=UnitLevel.NONE, kind=UnitKind.OPERATOR, name=unit_name)
    person = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, name)
    return appoint(user=person, unit=unit, role=Role.OPERATOR, by=None)
