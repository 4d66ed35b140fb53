"""The words typed into the search field of a page."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kit.request_memo import once
from kit.texts import tidy

LONGEST = 100


def search_text(request: HttpRequest, typed: str, longest: int = LONGEST) -> str:
    """Return the part of a typed text that is searched for. Where it is cut, the page says so: the field holds no more, an address can."""
    text = tidy(typed)
    if len(text) <= longest:
        return text
    said = _("Only the first %(n)s characters of the search were used.") % {"n": longest}
    once(("search_text", longest), lambda: messages.warning(request, said))
    return text[:longest]
