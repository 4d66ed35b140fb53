"""The provider's addresses, with an `eduinfo` resource as the education system's providers have it."""

from typing import Any

from allauth.idp.oidc.models import Token
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

TITLES = {"134526": ["教師", "組長"]}


def eduinfo(request: HttpRequest) -> JsonResponse:
    """School codes and titles, for a valid access token only."""
    value = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if Token.objects.lookup(Token.Type.ACCESS_TOKEN, value) is None:
        return JsonResponse({}, status=401)
    rows: list[dict[str, Any]] = [{"schoolid": code, "titles": titles} for code, titles in TITLES.items()]
    return JsonResponse({"schoolid": "134526", "titles": rows})


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("eduinfo", eduinfo),
    path("", include("allauth.idp.urls")),
]
