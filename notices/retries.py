"""When a mail that failed is tried again, and when it is left to the operator. Every mail that is given up is listed."""

import smtplib
from datetime import datetime, timedelta

# Growing pauses after the first, second, … failure; then the last one each time. A busy server (greylisting) wants minutes,
# a broken one is looked after by people, which takes a long weekend.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240, 480))
GIVE_UP_AFTER = timedelta(days=4)
# Replies about the address itself (RFC 5321): no such mailbox, moved, name not allowed.
NO_SUCH_MAILBOX = frozenset({550, 551, 553})


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits after its latest failure."""
    return PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]


def is_over(failing_since: datetime, now: datetime) -> bool:
    """Whether a mail has been refused for so long that trying again is the operator's decision."""
    return now - failing_since >= GIVE_UP_AFTER


def is_permanent(error: Exception) -> bool:
    """Return whether the server replied that this mailbox does not exist. Refusals by policy (5.7.x: relaying, blocked
    sender) are the site's own trouble, which can be mended, and are tried again.
    """
    if not isinstance(error, smtplib.SMTPRecipientsRefused) or not error.recipients:
        return False
    return all(
        code in NO_SUCH_MAILBOX and not text.lstrip().startswith(b"5.7")
        for code, text in error.recipients.values()
    )


def is_unreachable(error: Exception) -> bool:
    """Whether there was no connection at all: no mail is at fault, and none loses an attempt."""
    return isinstance(error, ConnectionRefusedError | smtplib.SMTPConnectError)


def sentence(error: Exception) -> str:
    """Return the server's reply as a sentence, for the operator's list."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = [f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values()]
        return "; ".join(replies)[:300] or type(error).__name__
    return str(error)[:300] or type(error).__name__
