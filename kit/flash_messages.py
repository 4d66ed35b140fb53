"""Flash messages: in a signed cookie of the browser, in the session when they are long. Words that were refused are kept beside them."""

from typing import Any

from django.conf import settings
from django.contrib.messages.constants import ERROR
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

from kit.refused_texts import remember


class SignedCookie(CookieStorage):
    """Named as the other cookies are: over https the browser takes it from this host only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cookie_name = settings.MESSAGE_COOKIE_NAME


class Flashes(FallbackStorage):
    storage_classes = (SignedCookie, SessionStorage)

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        """Where a form is refused, its words are kept for the page that the message is shown on."""
        super().add(level, message, extra_tags)
        if level >= ERROR:
            remember(self.request)
