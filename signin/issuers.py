"""What a list of OpenID Connect issuers (`OIDC_ISSUERS`) means for django-allauth and for the Content-Security-Policy."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# What the rest of the system reads of an issuer; everything else is a setting of the log-in library and passed through to it.
OURS = {"id", "name", "client_id", "secret", "eduinfo_url", "trusts_email", "national_id_claim", "county"}

NEEDED = ("id", "name", "server_url", "client_id", "secret")


def checked(issuers: Any) -> list[dict[str, Any]]:
    """Return the list of issuers. Raise ImproperlyConfigured for one that lacks what each must have."""
    if not isinstance(issuers, list) or not all(isinstance(issuer, dict) for issuer in issuers):
        raise ImproperlyConfigured("OIDC_ISSUERS must be a JSON list with one object for each issuer.")
    for number, issuer in enumerate(issuers, 1):
        if missing := [name for name in NEEDED if name not in issuer]:
            raise ImproperlyConfigured(f"OIDC_ISSUERS: issuer {number} lacks {missing[0]}.")
    return issuers


def providers(issuers: list[dict[str, Any]]) -> dict[str, Any]:
    """The value of SOCIALACCOUNT_PROVIDERS."""
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_app(issuer) for issuer in issuers]}}


def _app(issuer: dict[str, Any]) -> dict[str, Any]:
    settings = {"oauth_pkce_enabled": True} | {name: issuer[name] for name in issuer if name not in OURS}
    return {
        "provider_id": issuer["id"],
        "name": issuer["name"],
        "client_id": issuer["client_id"],
        "secret": issuer["secret"],
        "settings": settings,
    }


def origins(issuers: list[dict[str, Any]]) -> list[str]:
    """Where the log-in form may be redirected to: browsers apply `form-action` to the redirect as well."""
    parts = (urlsplit(address) for issuer in issuers for address in _addresses(issuer))
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def _addresses(issuer: dict[str, Any]) -> list[str]:
    """Where an issuer's pages are: at its server, unless the settings give another page for the log-in."""
    elsewhere = issuer.get("openid_configuration_overrides", {}).get("authorization_endpoint")
    return [issuer["server_url"], *([elsewhere] if elsewhere else [])]
