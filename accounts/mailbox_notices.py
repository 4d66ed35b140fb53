"""The notice to a former mailbox, which is in no inbox. It goes through the outbox, so a mail server that is away changes nothing."""

from functools import partial

from django.conf import settings
from django.db import transaction

from accounts.models import User
from notices import outbox
from notices.models import Notice
from notices.outbox import MailboxMail


def to_former_mailbox(user: User, old: str, new: str, event: object, *, at_once: bool = True) -> Notice:
    """Notify the former mailbox of a change of e-mail, in the transaction of the change; `at_once`: send it right after the commit."""
    notice = outbox.write_mailbox_mail(
        MailboxMail(
            kind="identity_old_mailbox",
            address=old,
            event=event,
            language=user.language,
            context={"old": old, "new": new},
            person_id=user.pk,
            link=f"mailto:{settings.OPERATOR_CONTACT['mail']}",
        )
    )
    if at_once:
        transaction.on_commit(partial(outbox.send_now, notice), robust=True)
    return notice
