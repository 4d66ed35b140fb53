"""What is known of people from outside (`Guest`)."""

from accounts.models import User


def organisation_of(person: User) -> str:
    """Return the unit that was written for a guest; empty for everybody else. Select `guest` with the person."""
    return person.guest.organisation if person.is_guest else ""
