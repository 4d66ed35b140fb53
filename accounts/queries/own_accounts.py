"""The business accounts of a person that are in force today, with their units: every page of a hat reads them (docs/adr/0048)."""

from django.db.models import QuerySet

from accounts.models import BusinessAccount
from kit import clock
from kit.joined_rows import JoinedRows

RELATED = ("unit", "unit__county")
OWN_ACCOUNTS = JoinedRows(
    BusinessAccount,
    RELATED,
    """
SELECT {columns}
FROM accounts_businessaccount AS businessaccount
JOIN accounts_user AS person ON person.id = businessaccount.user_id
JOIN accounts_unit AS unit ON unit.id = businessaccount.unit_id
LEFT JOIN accounts_county AS unit__county ON unit__county.id = unit.county_id
WHERE businessaccount.user_id = %(person)s AND person.is_active AND businessaccount.ended_at IS NULL
    AND businessaccount.suspended_at IS NULL AND businessaccount.valid_from <= %(today)s
    AND (businessaccount.valid_until IS NULL OR businessaccount.valid_until >= %(today)s)
ORDER BY businessaccount.number
""",
)


def own_accounts(user_id: int) -> list[BusinessAccount]:
    return OWN_ACCOUNTS.all(person=user_id, today=clock.today())


def own_accounts_by_queryset(user_id: int) -> QuerySet[BusinessAccount]:
    """The queryset that `OWN_ACCOUNTS` mirrors; a test compares them."""
    return BusinessAccount.objects.active().filter(user=user_id).select_related(*RELATED)
