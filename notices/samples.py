"""The samples of each kind as mails, for the previews and their tests."""

from django.conf import settings
from django.utils import translation

from notices.mail import Mail, written
from notices.registry import KINDS, category_of

READERS = {"zh-hant": "陳曉雯", "en": "Chen Hsiao-wen"}
MAILBOX = "chen@school.example"


def sample_mails(kind: str, language: str) -> list[Mail]:
    """Return the e-mails of a kind as they would be sent. Their links lead to the site's home page."""
    return [
        _mail(kind, language, f"sample:{kind}:{number}", dict(context))
        for number, context in enumerate(KINDS[kind].samples(language))
    ]


def _mail(kind: str, language: str, key: str, context: dict[str, object]) -> Mail:
    with translation.override(language):
        subject, body = written(kind, context)
    known = KINDS[kind].has_reader
    return Mail(
        kind=kind,
        to=MAILBOX,
        name=READERS[language] if known else "",
        language=language,
        subject=subject,
        body=body,
        url=f"{settings.SITE_URL}/",
        category=category_of(kind),
        # No person has this number: the way out of a sample changes nothing.
        person_id=-1 if known else None,
        key=key,
        thread="sample",
    )
