"""The person of a session."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

PERSON = """
SELECT accounts_user.*,
    EXISTS (SELECT 1 FROM accounts_businessaccount WHERE user_id = accounts_user.id AND ended_at IS NULL) AS appointed,
    EXISTS (SELECT 1 FROM accounts_user other WHERE other.merged_into_id = accounts_user.id) AS has_merged
FROM accounts_user
WHERE accounts_user.id = %s
"""


class Person(AbstractBaseUser):
    email = models.EmailField(max_length=200)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField()
    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "accounts_user"


class Backend:
    def get_user(self, user_id: int) -> Person | None:
        return next(iter(Person.objects.raw(PERSON, [user_id])), None)
