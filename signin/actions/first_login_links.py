"""Links that work once: a person without a password chooses the first one with it.

An invitation mails the link, the set-up of an installation prints it. A person has one open link at most; a new one replaces it.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.locks import lock_people, lock_person
from accounts.models import FirstLoginLink, User
from audit import log
from kit import clock
from kit.digests import digest_of
from signin.actions import mailboxes, tokens
from signin.actions.sessions import end_all
from signin.errors import LinkSpent


@transaction.atomic
def make(*, people: Sequence[User], lifetime: timedelta, by_mail: bool) -> dict[int, str]:
    """Return the address of a new link for each person, by primary key; former links stop working.

    It is shown or mailed now or never: only its hash is kept. `by_mail`: the link goes to the person's mailbox and no other way, so
    that using it proves the mailbox. The caller has checked the rights. A constant number of statements for any number of people.
    """
    lock_people([person.pk for person in people])
    void(people)
    now = clock.now()
    texts = {person.pk: secrets.token_urlsafe(32) for person in people}
    FirstLoginLink.objects.bulk_create(
        [
            FirstLoginLink(
                user=person,
                digest=digest_of(texts[person.pk]),
                by_mail=by_mail,
                created_at=now,
                expires_at=now + lifetime,
            )
            for person in people
        ],
        batch_size=500,
    )
    return {pk: settings.SITE_URL + reverse("signin:open_link", args=[text]) for pk, text in texts.items()}


def void(people: Sequence[User]) -> int:
    """Delete the open links of people; return how many there were."""
    return FirstLoginLink.objects.filter(user__in=[p.pk for p in people], used_at=None).delete()[0]


def find(text: str) -> FirstLoginLink | None:
    """Return the link of this text while it may be used; None for one that is used, over or unknown."""
    rows = FirstLoginLink.objects.usable(clock.now()).select_related("user")
    return rows.filter(digest=digest_of(text)).first()


@transaction.atomic
def use(*, text: str, password: str, language: str = "") -> User:
    """Give the person of the link the checked password, and end every session and key that was open before.

    `language` is that of the page on which a person who has never logged in chose it, and becomes the person's.

    Raise LinkSpent; of two uses at the same time one wins.
    """
    found = find(text)
    if found is None:
        raise LinkSpent
    person, now = lock_person(found.user), clock.now()
    if not FirstLoginLink.objects.usable(now).filter(pk=found.pk).update(used_at=now):
        raise LinkSpent
    person.set_password(password)
    if language in dict(settings.LANGUAGES) and person.last_login is None:
        person.language = language
    person.save(update_fields=["password", "language"])
    if found.by_mail:
        mailboxes.mark_mailboxes_proved([person])
    end_all(person, why="password set")
    tokens.revoke_all(person, why="password set")
    log.record("password.first", person, by=Actor(person), after={"by_mail": found.by_mail})
    return person


def forget_old() -> int:
    """Delete links that were used or ran out a year ago."""
    return FirstLoginLink.objects.filter(expires_at__lt=clock.now() - timedelta(days=365)).delete()[0]
