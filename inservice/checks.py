"""What `manage.py check` looks for beside Django's own list; with `--deploy`, what a production needs."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import get_resolver

from kit import catalogues
from kit.retention import days_of, mistakes_of_settings
from kit.rights import right_of, routes_of


@register(Tags.security, deploy=True)
def production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(text, hint=hint, id=f"inservice.W00{number}")
        for number, (wrong, text, hint) in enumerate(_rules(), start=1)
        if wrong
    ]


def _rules() -> list[tuple[bool, str, str]]:
    derived = ", ".join(settings.KEYS_DERIVED)
    policy = settings.PASSWORD_PROFILES[settings.BUSINESS_PASSWORD_PROFILE]
    return [
        (
            bool(derived),
            f"{derived} derived from SECRET_KEY: a new SECRET_KEY would lose what they sealed.",
            "Set keys of their own (docs/operations.md).",
        ),
        (
            "*" in settings.ALLOWED_HOSTS,
            "ALLOWED_HOSTS accepts any host.",
            "Name the host of SITE_URL; addresses given to log-in providers are built from the host asked for.",
        ),
        (not policy["mfa"], "Business accounts do without a second step.", "Unset MFA_REQUIRED."),
        (settings.DEMO, "The demonstration's log-ins are open.", "Unset DEMO."),
        (settings.EMBEDDED, "The database is a file of this machine.", "Set DATABASE_URL."),
        (
            bool(settings.MAIL_UNSET),
            f"{', '.join(settings.MAIL_UNSET)} not set: without mail nobody sets a password, so nobody can log in.",
            "Set EMAIL_URL to the mail server and DEFAULT_FROM_EMAIL to an address that it may send from.",
        ),
        (
            not settings.REDIS_URL,
            "No Redis: work is handed over through files of one machine, limits count for each process.",
            "Set REDIS_URL.",
        ),
        (
            settings.HTTPS and not settings.TRUSTED_PROXIES,
            "No proxy of your own is trusted, but SITE_URL is https: every request would be redirected without end.",
            "Set TRUSTED_PROXIES to the number of your proxies in front, which is 1 for one nginx or Caddy.",
        ),
    ]


@register(Tags.security, deploy=True)
def contact(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every page and mail names the contact: an invented one must not go out."""
    unset = ", ".join(settings.CONTACT_UNSET)
    text = f"{unset} not set: pages and mails would show a contact that nobody answers."
    hint = "Set the telephone and the mailbox that people are to use."
    return [Error(text, hint=hint, id="inservice.E001")] if unset else []


@register("retention")
def retention(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A mistake in these settings would delete data that are still needed, or keep names in the record of the anonymised."""
    wrong = mistakes_of_settings()
    for name in ("RETAIN_SECURITY_DAYS", "RETAIN_AUDIT_DAYS"):
        if getattr(settings, name) < 1:
            wrong.append(f"{name} is no number of days from 1 on.")
    if not wrong and 0 < days_of("people") < settings.RETAIN_AUDIT_DAYS:
        wrong.append(
            "RETENTION_DAYS: people are anonymised while the record (RETAIN_AUDIT_DAYS) still names them."
        )
    return [Error(text, hint="See docs/privacy.md.", id="inservice.E003") for text in wrong]


@register(Tags.translation)
def compiled_catalogue(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without the .mo every page would be English; after an upgrade without a compilation, some of its sentences."""
    stale = [str(po) for folder in settings.LOCALE_PATHS for po in catalogues.stale(folder)]
    text = f"Not compiled, so that pages would be English: {', '.join(stale)}."
    return [Error(text, hint="Run script/messages compile.", id="inservice.E002")] if stale else []


@register(Tags.urls)
def rights(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A route without a row in the table of rights would be refused to everybody."""
    return [
        Error(
            f"the route {route} has no row in the table of rights.",
            hint="Add it to the rights module of its app (kit/rights.py).",
            id="inservice.E002",
        )
        for route in sorted(set(routes_of(get_resolver().url_patterns)))
        if right_of(route) is None
    ]
