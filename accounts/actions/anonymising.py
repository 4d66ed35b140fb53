"""Anonymise people whose time is over. The rows stay, as the ledger of hours names them; who they were does not.

Events of the record that name them are older than the record is kept (`RETAIN_AUDIT_DAYS`), so nothing that is sealed is changed.
Certificates keep their name, so that the paper can be checked.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Lower

from accounts.change_signals import person_anonymised
from accounts.locks import lock_people, lock_units
from accounts.models import (
    ApiToken,
    Device,
    FirstLoginLink,
    Guest,
    IdentityChange,
    PasswordMemory,
    Proof,
    Unit,
    User,
)
from accounts.queries.persons import persons_of_all
from audit import log
from files.models import StoredFile
from kit.retention import Rows
from kit.texts import NO_MAILBOX
from notices.models import Notice, NoticeSetting

# RFC 2606: no mail reaches it.
MAILBOX = f"@anonymised{NO_MAILBOX}"
NAME = "（已去識別）"
LOG_INS: tuple[type[Model], ...] = (
    EmailAddress,
    Authenticator,
    SocialAccount,
    UserSession,
    Device,
    ApiToken,
    FirstLoginLink,
    PasswordMemory,
)


@transaction.atomic
def anonymise(rows: Rows) -> int:
    """Take name, e-mail, telephone, numbers and log-ins from closed people and the records merged into them; return how many people.

    Who of `rows` was reopened before the lock is left alone.
    """
    wanted = persons_of_all(rows.values_list("pk", flat=True))
    # Units come before people (docs/locking.md).
    units = _named_by(wanted)
    lock_units(units)
    lock_people(wanted.values_list("pk", flat=True))
    ids = list(rows.values_list("pk", flat=True))
    people = list(User.objects.filter(pk__in=persons_of_all(ids)).order_by("pk"))
    for model in LOG_INS:
        model._default_manager.filter(user__in=people).delete()
    IdentityChange.objects.filter(user__in=people).delete()
    NoticeSetting.objects.filter(recipient__in=people).delete()
    named = set(units).intersection(_named_by(User.objects.filter(pk__in=[person.pk for person in people])))
    Unit.objects.filter(pk__in=named).update(contact_name="", contact_mail="")
    # Locks the courses: after the rows of the person, before the name is gone.
    person_anonymised.send(User, people=people)
    for person in people:
        person.name, person.email, person.phone = NAME, f"person-{person.pk}{MAILBOX}", ""
        person.set_national_id("")
        person.set_passport("")
        person.set_unusable_password()
        person.set_name_key()
    changed = ["name", "name_key", "email", "phone", "password", *User.NUMBER_FIELDS]
    User.objects.bulk_update(people, changed, batch_size=500)
    Guest.objects.filter(person__in=people).update(organisation="", email="")
    Proof.objects.filter(uploaded_by__in=people).update(name=NAME)
    StoredFile.objects.filter(owner__in=people).update(name=NAME)
    # A reminder that is kept is evidence that there was one; the words to the person go.
    Notice.objects.filter(recipient__in=people).update(body="", address="")
    log.record_many(log.event("person.anonymised", person, by=None) for person in people)
    return len(ids)


def is_anonymised(person: User) -> bool:
    return person.email.endswith(MAILBOX)


def _named_by(people: QuerySet[User]) -> list[int]:
    """Return the units whose contact is the mailbox of one of these people."""
    mailboxes = [mailbox.lower() for mailbox in people.values_list("email", flat=True) if mailbox]
    lower = Unit.objects.annotate(mailbox=Lower("contact_mail"))
    return list(lower.filter(mailbox__in=mailboxes).order_by("pk").values_list("pk", flat=True))
