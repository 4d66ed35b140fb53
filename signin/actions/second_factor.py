"""The operator takes off a lost second factor."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.actions.people import require_operator
from accounts.locks import lock_actor, lock_person
from accounts.models import User
from audit import log
from notices import outbox
from signin.actions import tokens
from signin.actions.sessions import end_all


@transaction.atomic
def reset_second_factor(*, person: User, by: Actor, reason: str) -> int:
    """Take a lost second factor off after the person was identified in another way; end every session and send a notice.

    Return how many keys went. Raise OnlyOperatorMay, ReasonNeeded.
    """
    person, by = lock_person(person), lock_actor(by)
    require_operator(by, reason)
    count, _ = Authenticator.objects.filter(user=person).delete()
    end_all(person, why="second factor reset")
    tokens.revoke_all(person, why="second factor reset")
    event = log.record(
        "mfa.reset", person, by=by, reason=reason.strip(), subjects=[person.pk], after={"keys": count}
    )
    outbox.write(
        [
            outbox.NewNotice(
                kind="second_factor_reset",
                to=person,
                about=f"user:{person.pk}",
                event=event.pk,
                path=reverse("signin:security"),
                context={"reason": reason},
                sent_by=by.person_label,
            )
        ]
    )
    return int(count)
