"""The person of a session, looked up at every request: the statement is plain SQL (docs/adr/0016)."""

from typing import Any, cast

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import BusinessAccount, User
from accounts.queries.persons import note_one_record
from kit.joined_rows import JoinedRows

# `appointed`: whether the person holds a business account that has not ended. Nearly everybody is a teacher only, and needs no further query.
# `has_merged`: whether other records of the person were merged into this one. The queries of all others need not look for them.
PERSON = JoinedRows(
    User,
    (),
    """
SELECT {columns},
    EXISTS (
        SELECT 1 FROM accounts_businessaccount AS account WHERE account.user_id = "user".id AND account.ended_at IS NULL
    ) AS appointed,
    EXISTS (SELECT 1 FROM accounts_user AS other WHERE other.merged_into_id = "user".id) AS has_merged
FROM accounts_user AS "user"
WHERE "user".id = %(person)s
""",
)


def find_person(user_id: int) -> User | None:
    """Return a person with `appointed` and `has_merged`, as `people_with_facts` does at six times the cost."""
    return next(iter(PERSON.all(person=user_id)), None)


def people_with_facts(user_id: int) -> QuerySet[User]:
    """The queryset that `PERSON` mirrors; a test compares them."""
    open_accounts = BusinessAccount.objects.filter(user_id=OuterRef("pk"), ended_at=None)
    merged = User.objects.filter(merged_into=OuterRef("pk"))
    return User.objects.filter(pk=user_id).annotate(
        appointed=Exists(open_accounts), has_merged=Exists(merged)
    )


class PersonBackend(AuthenticationBackend):
    """django-allauth's log-in, with a cheap look-up of the person of a session."""

    def get_user(self, user_id: int) -> User | None:
        person = find_person(user_id)
        if person is None or not self.user_can_authenticate(person):
            return None
        has_merged = bool(cast(Any, person).has_merged)
        note_one_record(person.pk, has_one=person.merged_into_id is None and not has_merged)
        return person


class FormerPersonBackend(PersonBackend):
    """The backend under its former path: it loads the person of a session and authenticates no one, so no password is hashed twice."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        """Return None: `PersonBackend` has looked before."""
