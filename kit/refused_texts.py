"""What a person typed and ticked in one form of many on a page, when it is refused by a flash message and a redirect.

The message keeps words and ticks in the session (`kit.flash_messages`), and the tag `refused` puts them back into the form that was sent, on the
page that is shown next. A view that renders its bound form again needs none of this.
"""

from typing import Any

from django.http import HttpRequest

from kit import clock
from kit.numbers import whole_numbers
from kit.request_memo import once
from kit.typed_texts import without_numbers

KEY = "refused_texts"
# Words of a person, and the session, hat, day or single ticks that were chosen beside them. Nothing else is kept: no number, no password.
WORDS = ("reason", "text", "note", "name")
NAMES = (*WORDS, "session", "hat", "last_day", "invite", "end_elsewhere", "confirmed")
# Rows of a list that were ticked: their numbers.
TICKS = ("course", "transfer", "unit", "ends")
LONGEST = 2_000
SECONDS = 600


def remember(request: HttpRequest) -> None:
    """Keep the words of a refused form, without identity numbers, and its ticks, instead of those of an earlier one."""
    if request.method != "POST" or not hasattr(request, "session"):
        return
    texts = {name: without_numbers(request.POST.get(name, ""))[:LONGEST] for name in NAMES}
    ticks = {name: whole_numbers(request.POST.getlist(name)) for name in TICKS}
    if any(texts[name].strip() for name in WORDS) or any(ticks.values()):
        until = clock.now().timestamp() + SECONDS
        request.session[KEY] = {"path": request.path, "until": until, "texts": texts | ticks}


def refused(request: HttpRequest, *paths: str) -> dict[str, Any]:
    """Return the words and ticks with which the form sent to one of the paths was refused. The first page that looks for some forgets them."""
    kept = once(KEY, lambda: request.session.pop(KEY, None)) if hasattr(request, "session") else None
    if not kept or kept["path"] not in paths or kept["until"] < clock.now().timestamp():
        return {}
    return dict(kept["texts"])
