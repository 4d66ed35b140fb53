"""The moment of a person's last log-in. A log-in does not wait for a file in which thousands of people move."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.locks import try_person
from accounts.models import User


@transaction.atomic
def keep_last_login(person_id: int, moment: datetime) -> bool:
    """Keep the moment unless a later one is known; return False when another act holds the person."""
    if not try_person(person_id):
        return False
    earlier = Q(last_login=None) | Q(last_login__lt=moment)
    User.objects.filter(earlier, pk=person_id).update(last_login=moment)
    return True
