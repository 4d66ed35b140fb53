"""The files that browsers, search engines and people who found a weakness look for at fixed addresses."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from kit import clock
from kit.rights import RIGHTS

# RFC 9116 recommends less than a year.
SECURITY_TXT_LASTS = timedelta(days=180)


def _text(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> FileResponse:
    """For browsers that do not read the page's own link to the SVG."""
    return FileResponse((settings.BASE_DIR / "static/favicon.ico").open("rb"), content_type="image/x-icon")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Pages that the table of rights lists may be found; their filters, the log-in and everything behind it are left out."""
    listed = sorted(reverse(route) for route, right in RIGHTS.items() if right.listed)
    rules = [line for path in listed for line in (f"Disallow: {path}*?", f"Allow: {path}")]
    return _text(["User-agent: *", *rules, "Allow: /static/", "Disallow: /"])


@login_not_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where a weakness is reported (RFC 9116)."""
    until = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + SECURITY_TXT_LASTS
    return _text(
        [
            f"Contact: mailto:{settings.OPERATOR_CONTACT['mail']}",
            f"Expires: {until.isoformat()}",
            "Preferred-Languages: zh-Hant, en",
            f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
        ]
    )
