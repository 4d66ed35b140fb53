"""What a person who is to be closed leaves behind: accounts with unclosed courses, and who is in charge of them then."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts import unfinished_work
from accounts.models import BusinessAccount, User
from accounts.queries.leads import leads_of_units


@dataclass(frozen=True)
class Left:
    """An open account, how many `courses` and drafts it leaves, and the leads in force who are in charge of them then."""

    account: BusinessAccount
    courses: int
    leads: Sequence[User]


def left_by(person: User) -> list[Left]:
    """Return what each open account of a person leaves, in a constant number of queries."""
    open_accounts = BusinessAccount.objects.open().filter(user=person).select_related("unit")
    rows = list(open_accounts.order_by("number"))
    courses = unfinished_work.of_accounts([row.pk for row in rows])
    leads = leads_of_units({row.unit_id for row in rows})
    return [
        Left(
            row,
            courses.get(row.pk, 0),
            [lead.user for lead in leads.get(row.unit_id, []) if lead.user_id != person.pk],
        )
        for row in rows
    ]
