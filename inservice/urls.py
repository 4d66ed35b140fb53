"""Every address of the site. What each hat may open is said in docs/architecture.md."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from accounts.views import hats
from inservice import appearance, styleguide


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("", hats.home, name="home"),
    path("hat/", hats.switch_hat, name="switch_hat"),
    path("healthz", healthz, name="healthz"),
    path(
        "accounts/email/", RedirectView.as_view(pattern_name="accounts:change_identity"), name="account_email"
    ),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("theme/", appearance.set_theme, name="set_theme"),
    path("styleguide/", styleguide.gallery, name="styleguide"),
    path("notices/", include("notices.urls")),
    path("help/", include("inservice.handbook_urls")),
    path("api/", include("hours.api.urls")),
    path("desk/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("courses.urls")),
    path("", include("hours.urls")),
]
