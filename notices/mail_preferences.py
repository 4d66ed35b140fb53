"""Which e-mail a person wants: the settings, and the signed link in an e-mail that switches one category off.

The inbox keeps every notice regardless. E-mails that must reach a person (`notices.enums`) cannot be switched off.
"""

from collections.abc import Callable, Collection, Iterable

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kit import clock
from kit.errors import Refusal
from notices import sealing
from notices.enums import OPTIONAL
from notices.models import Notice, NoticeSetting

PURPOSE = "unsubscribe"
# What apps register when they are ready: each returns those of the people who get no e-mail at all.
WITHOUT_MAIL: list[Callable[[Collection[int]], set[int]]] = []


class MustReachYou(Refusal):
    sentence = _("This e-mail cannot be switched off.")


class BadLink(Refusal):
    sentence = _("This link is not one of ours, or it was cut short.")


def switched_off(person_id: int) -> set[str]:
    return set(
        NoticeSetting.objects.filter(recipient_id=person_id, by_mail=False).values_list("category", flat=True)
    )


def who_does_without(person_ids: Iterable[int]) -> set[tuple[int, str]]:
    """(person, category) pairs without e-mail, of many people in one query."""
    rows = NoticeSetting.objects.filter(recipient_id__in=set(person_ids), by_mail=False)
    return set(rows.values_list("recipient_id", "category"))


def who_gets_none(person_ids: Iterable[int]) -> set[int]:
    """Return those of the people who get no e-mail of any category."""
    asked = set(person_ids)
    return set().union(*(found(asked) for found in WITHOUT_MAIL)) if asked else set()


@transaction.atomic
def choose(*, person_id: int, wanted: Collection[str]) -> None:
    """The whole page at once: e-mail of the optional categories in `wanted`, and of no other optional one."""
    for category in OPTIONAL:
        set_mail(person_id=person_id, category=category, by_mail=category in wanted)


@transaction.atomic
def set_mail(*, person_id: int, category: str, by_mail: bool) -> None:
    """Switch one category's e-mail; what still waits in the outbox is held back too. Raise MustReachYou."""
    if category not in OPTIONAL:
        raise MustReachYou
    NoticeSetting.objects.update_or_create(
        recipient_id=person_id, category=category, defaults={"by_mail": by_mail, "changed_at": clock.now()}
    )
    if not by_mail:
        Notice.objects.for_person(person_id).unsent().filter(category=category).update(by_mail=False)


def token_for(person_id: int, category: str) -> str:
    """Return a sealed token, not only a signed one: the URL in the e-mail discloses nothing of the person. It never expires,
    so that old e-mails can still be switched off.
    """
    return sealing.seal(PURPOSE, f"{person_id}:{category}")


def read_token(token: str) -> tuple[int, str]:
    """The person and the optional category a link is about. Raise BadLink."""
    try:
        text = sealing.unseal(PURPOSE, token)
    except sealing.BadSeal:
        raise BadLink from None
    person_id, category = text.split(":")
    if category not in OPTIONAL or not get_user_model()._default_manager.filter(pk=person_id).exists():
        raise BadLink
    return int(person_id), category


def unsubscribe_url(person_id: int, category: str) -> str:
    """Return the unsubscribe URL of an optional e-mail; empty for one that must reach the person."""
    if category not in OPTIONAL:
        return ""
    path = reverse("notices:unsubscribe", args=[token_for(person_id, category)])
    return f"{settings.SITE_URL}{path}"
