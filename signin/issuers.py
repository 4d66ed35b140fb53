"""What a list of OpenID Connect issuers (`OIDC_ISSUERS`) means for django-allauth and for the Content-Security-Policy."""

from typing import Any
from urllib.parse import urlsplit

# What the rest of the system reads of an issuer; everything else is a setting of the log-in library and passed through to it.
OURS = {"id", "name", "client_id", "secret", "eduinfo_url", "trusts_email", "national_id_claim", "county"}


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
