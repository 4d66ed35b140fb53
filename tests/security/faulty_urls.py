"""The site's addresses with a few beside them that go wrong (tests/security/test_error_pages.py)."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from inservice.urls import handler400, handler403, handler404, handler500
from inservice.urls import urlpatterns as own
from kit.rights import EVERYBODY, page

__all__ = ["RIGHTS", "handler400", "handler403", "handler404", "handler500", "urlpatterns"]
# Their rows in the table of rights; they have no names.
RIGHTS = {f"{__name__}.{view}": page(EVERYBODY) for view in ("view", "takes")}
SECRET = "SECRET of A123456789 in /srv/inservice"


def _raises(fault: Exception) -> object:
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        raise fault

    return view


@login_not_required
def takes(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.POST) + len(request.FILES)))


urlpatterns = [
    path("faulty/400/", _raises(SuspiciousOperation(SECRET))),
    path("faulty/403/", _raises(PermissionDenied(SECRET))),
    path("faulty/404/", _raises(Http404(SECRET))),
    path("faulty/500/", _raises(RuntimeError(SECRET))),
    path("faulty/takes/", takes),
    *own,
]
