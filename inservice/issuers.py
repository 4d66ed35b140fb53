"""What a list of OpenID Connect issuers (`OIDC_ISSUERS`) means for django-allauth and for the Content-Security-Policy."""

from typing import Any
from urllib.parse import urlsplit

OPTIONAL = ("token_auth_method", "scope", "uid_field")


def providers(issuers: list[dict[str, Any]]) -> dict[str, Any]:
    """The value of SOCIALACCOUNT_PROVIDERS."""
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_app(issuer) for issuer in issuers]}}


def _app(issuer: dict[str, Any]) -> dict[str, Any]:
    settings = {"server_url": issuer["server_url"], "oauth_pkce_enabled": True}
    settings |= {name: issuer[name] for name in OPTIONAL if name in issuer}
    return {
        "provider_id": issuer["id"],
        "name": issuer["name"],
        "client_id": issuer["client_id"],
        "secret": issuer["secret"],
        "settings": settings,
    }


def origins(issuers: list[dict[str, Any]]) -> list[str]:
    """Where the log-in form may be redirected to: browsers apply `form-action` to the redirect as well."""
    parts = (urlsplit(issuer["server_url"]) for issuer in issuers)
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})
