"""Finding a person by what a clerk types: e-mail, business account number, or national ID."""

from django.db.models import Q

from accounts.identity import fingerprint, is_checked, masked, normalise
from accounts.models import User
from hours.errors import UnknownPerson


def find_person(typed: str) -> User:
    """Raises UnknownPerson. The number typed is never echoed in full."""
    text = typed.strip()
    number = normalise(text)
    wanted = Q(email__iexact=text) | Q(business_accounts__number=text)
    if 6 <= len(number) <= 12:
        wanted |= Q(id_hash=fingerprint(number))
    person = User.objects.filter(wanted, is_active=True).distinct().first()
    if person is None:
        raise UnknownPerson(shown=masked(number) if is_checked(number) else text[:60])
    return person
