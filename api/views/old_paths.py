"""The addresses of the API before it had a version."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.views.decorators.csrf import csrf_exempt

OLD, NEW = "/api/", "/api/v1/"


@csrf_exempt  # This view only redirects; the new URL checks the origin of the request.
@login_not_required
def moved(request: HttpRequest, rest: str) -> HttpResponsePermanentRedirect:
    """Redirect to the same address of version 1: status 308, which keeps the method, the query and the body."""
    target = NEW + request.get_full_path().removeprefix(OLD)
    return HttpResponsePermanentRedirect(target, preserve_request=True)
