"""The person of a session, looked up at every request: the statement is plain SQL (docs/adr/0016)."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import BusinessAccount, User

# `appointed`: whether the person holds a business account that has not ended. Nearly everybody is a teacher only, and needs no further query.
PERSON = """
SELECT accounts_user.*,
    EXISTS (
        SELECT 1 FROM accounts_businessaccount
        WHERE accounts_businessaccount.user_id = accounts_user.id AND accounts_businessaccount.ended_at IS NULL
    ) AS appointed
FROM accounts_user
WHERE accounts_user.id = %s
"""


def find_person(user_id: int) -> User | None:
    """Return a person with `appointed`, as `people_with_appointed` does at six times the cost."""
    return next(iter(User.objects.raw(PERSON, [user_id])), None)


def people_with_appointed(user_id: int) -> QuerySet[User]:
    """The queryset that `PERSON` mirrors; a test compares them."""
    open_accounts = BusinessAccount.objects.filter(user_id=OuterRef("pk"), ended_at=None)
    return User.objects.filter(pk=user_id).annotate(appointed=Exists(open_accounts))


class PersonBackend(AuthenticationBackend):
    """django-allauth's log-in, with a cheap look-up of the person of a session."""

    def get_user(self, user_id: int) -> User | None:
        person = find_person(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None


class FormerPersonBackend(PersonBackend):
    """The backend under its former path: it loads the person of a session and authenticates no one, so no password is hashed twice."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        """Return None: `PersonBackend` has looked before."""
