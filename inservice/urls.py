"""Every URL of the site. docs/architecture.md describes the rights."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.views import hats, language
from api.views import old_paths
from checks import probes
from demo import styleguide
from inservice import appearance, site_files
from notices import preview
from signin.views import education

urlpatterns = [
    path("", hats.home, name="home"),
    # The addresses are tried in their order: those of the catalogue and of courses are requested most.
    path("", include("courses.urls")),
    path("hat/", hats.switch_hat, name="switch_hat"),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("favicon.ico", site_files.favicon, name="favicon"),
    path("robots.txt", site_files.robots, name="robots"),
    path(".well-known/security.txt", site_files.security, name="security_txt"),
    path(
        "accounts/email/", RedirectView.as_view(pattern_name="accounts:change_identity"), name="account_email"
    ),
    path("accounts/oidc/<str:provider_id>/login/", education.login, name="openid_connect_login"),
    path(
        "accounts/oidc/<str:provider_id>/login/callback/", education.callback, name="openid_connect_callback"
    ),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", language.set_language, name="set_language"),
    path("theme/", appearance.set_theme, name="set_theme"),
    path("styleguide/", styleguide.gallery, name="styleguide"),
    path("notices/", include("notices.urls")),
    path("styleguide/mail/", preview.gallery, name="styleguide_mail"),
    path("styleguide/mail/<str:kind>/<str:language>/<str:form>/", preview.one, name="styleguide_mail_one"),
    path("jobs/", include("jobs.urls")),
    path("help/", include("bulletin.handbook_urls")),
    path("api/v1/", include("api.urls")),
    re_path(r"^api/(?!v1(?:/|$))(?P<rest>.*)$", old_paths.moved, name="old_api"),
    path("webhooks/", include("webhooks.urls")),
    path("operator/system/", include("checks.urls")),
    path("desk/", admin.site.urls),
    path("", include("privacy.urls")),
    path("", include("signin.urls")),
    path("", include("bulletin.urls")),
    path("", include("accounts.urls")),
    path("", include("hours.urls")),
]

handler400 = "inservice.error_pages.bad_request"
handler403 = "inservice.error_pages.forbidden"
handler404 = "inservice.error_pages.not_found"
handler500 = "inservice.error_pages.server_error"
