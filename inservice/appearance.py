"""Light, dark, or as the system is set: a choice kept in a cookie, made without JavaScript."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST

from kit.next_page import own_path

THEMES = ("auto", "light", "dark")
A_YEAR = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """The chosen theme; `auto` follows the system."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to the page, never off the site."""
    response = HttpResponseRedirect(
        own_path(request, request.POST.get("next", "")) or resolve_url(settings.LOGIN_REDIRECT_URL)
    )
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            settings.THEME_COOKIE, theme, A_YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
    return response
