"""The e-mail addresses of the log-in library: which mailbox is proved to be whose."""

from collections.abc import Iterable, Sequence

from allauth.account.models import EmailAddress
from django.db.models.functions import Lower

from accounts.actions.identities import Was
from accounts.models import User

AT_ONCE = 200


def mark_mailboxes_proved(people: Iterable[User]) -> None:
    """Note that these e-mails are known to reach their person (a reset link was used; the demonstration's people)."""
    for user in people:
        EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
        # An address is one person's: what a former one left there is no proof of anything.
        EmailAddress.objects.filter(email__iexact=user.email).exclude(user=user).delete()
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )


def move_addresses(changed: Sequence[Was]) -> None:
    """Replace the addresses of people whose e-mail changed by the new ones, to be proved anew, and take these from everybody else."""
    if not changed:
        return
    new = [one.person.email.lower() for one in changed]
    EmailAddress.objects.filter(user__in=[one.person.pk for one in changed]).delete()
    EmailAddress.objects.annotate(folded=Lower("email")).filter(folded__in=new).delete()
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user=one.person, email=one.person.email, primary=True, verified=False)
            for one in changed
        ],
        batch_size=AT_ONCE,
    )


def forget_addresses(people: Sequence[User]) -> None:
    """Delete the addresses of new people that the log-in library still has from a former owner."""
    mails = [person.email.lower() for person in people]
    if mails:
        EmailAddress.objects.annotate(folded=Lower("email")).filter(folded__in=mails).delete()
