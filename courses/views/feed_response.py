"""The response of a feed: its type, its tag, "304 Not modified", and how often one may read."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

from courses.errors import TooManyReads
from signin.actions import throttles

ICS = "text/calendar; charset=utf-8"
# So many reads an hour: of one secret address, of the public feeds from one network address, and of unknown addresses from one.
MOST_OWN, MOST_PUBLIC, MOST_UNKNOWN = 60, 600, 120


def feed_response(
    request: HttpRequest, body: bytes, content_type: str, *, name: str = "", public: bool = False
) -> HttpResponse:
    """Return the feed, or 304 where the program has it. With `name` it is a file of that name."""
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    if name:
        response["Content-Disposition"] = f'inline; filename="{name}"'
    if public:
        patch_cache_control(response, public=True, max_age=300)
    else:
        patch_cache_control(response, private=True, no_cache=True)
        response["X-Robots-Tag"] = "noindex"
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    return found if isinstance(found, HttpResponse) else response


def too_many(what: str, reader: str, most: int) -> HttpResponse | None:
    """Count a read of a kind by a reader, a network address or an own feed; return the refusal when there were too many, else None."""
    try:
        throttles.claim([throttles.shared_limit(f"feed:{what}", reader, most=most)], TooManyReads)
    except TooManyReads as refusal:
        text = "text/plain; charset=utf-8"
        response = HttpResponse(refusal.message, status=refusal.status, content_type=text)
        response["Retry-After"] = str(60 * int(refusal.params["minutes"]))
        return response
    return None
