"""Who a session belongs to, asked at every request."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import BigIntegerField, Exists, OuterRef

from accounts.models import BusinessAccount, User
from kit.prepared import Param, Prepared

# With it comes whether the person holds a business account that has not ended: nearly everybody is a teacher only, and needs no further question.
PERSON: Prepared[User] = Prepared(
    lambda: User.objects.filter(pk=Param("person", BigIntegerField())).annotate(
        appointed=Exists(BusinessAccount.objects.filter(user_id=OuterRef("pk"), ended_at=None))
    )
)


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """django-allauth's log-in; the person of a session comes by one kept statement."""

    def get_user(self, user_id: int) -> User | None:
        person = PERSON.first(person=user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
