"""What is known of people from outside (`Guest`)."""

from accounts.models import User


def organisation_of(person: User) -> str:
    """Return the unit that was written for a guest; empty for everybody else. Select `guest` with the person."""
    return person.guest.organisation if person.is_guest else ""


def mailbox_of(person: User) -> str:
    """Return where a person can be reached by mail, of a guest what the unit wrote; empty for nobody's. Select `guest`."""
    return person.guest.email if person.is_guest else person.mailbox
