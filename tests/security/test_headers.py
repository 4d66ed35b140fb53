"""Every answer of every route, to every role, carries the headers that keep browsers in order, over http and https; no page has inline code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from files import serving
from tests.factories import PASSWORD, make_key, make_user
from tests.security import crawl
from tests.security.recording import Recording
from tests.security.world import ROLES, build

pytestmark = pytest.mark.django_db
Recorded = Callable[[str], Recording]
POLICY = {
    "default-src": "'none'",
    "object-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "manifest-src": "'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains; preload"
# What the environment of a site over https changes; asked of settings read in that environment.
OVER_HTTPS = (
    "SITE_URL", "HTTPS", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "LANGUAGE_COOKIE_SECURE",
    "DEVICE_COOKIE", "ENDED_COOKIE", "THEME_COOKIE", "PHONE_COOKIE", "SCAN_COOKIE", "MESSAGE_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD",
)  # fmt: skip
ASK = """
import json, django
django.setup()
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}))
"""


def faults(response: Any) -> list[str]:
    """Return the headers that one response lacks. A file of a person (`files.serving`) may do less than a page: nothing at all."""
    if response.get("Content-Security-Policy") == serving.POLICY and "sandbox" in serving.POLICY:
        return [name for name, value in HEADERS.items() if response.get(name) != value]
    parts = (part.split(None, 1) for part in response.get("Content-Security-Policy", "").split(";"))
    policy = {part[0]: part[1].strip() for part in parts if len(part) == 2}
    wrong = [
        f"policy {name}" for name in POLICY.keys() | policy.keys() if policy.get(name) != POLICY.get(name)
    ]
    wrong += [name for name, value in HEADERS.items() if response.get(name) != value]
    if "camera=()" not in response.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    if response.get("Access-Control-Allow-Origin"):
        wrong.append("Access-Control-Allow-Origin")
    if response.get("Content-Type", "").startswith("text/") and "charset" not in response["Content-Type"]:
        wrong.append("charset")
    return wrong


# Of machines inside, which know no host name and follow no redirect.
PROBES = {"healthz", "readyz"}
# The organiser reads the codes of phones by the camera, on this page alone.
WITH_CAMERA = {"hours:attendance"}
# The same for everybody, or found by an address that is the key: a reader of feeds may keep them and ask for changes.
FEEDS = {"courses:rss", "courses:atom", "courses:found_calendar", "courses:feed"}


@pytest.mark.parametrize("role", ROLES)
def test_every_response_has_the_headers_and_no_page_has_inline_code(role: str, recorded: Recorded) -> None:
    found = recorded(role)
    wrong = [fault for answer in found.answers for fault in answer_faults(answer)]
    wrong += [fault for answer in found.followed() for fault in answer_faults(answer)]
    assert not wrong, "\n".join(wrong)
    assert sum(answer.is_html for answer in found.own()) > 25


def answer_faults(answer: crawl.Answer) -> list[str]:
    """Return the errors in the headers of one recorded response and, for a page, its inline code."""
    wrong = faults(answer.headers)
    if answer.route in WITH_CAMERA and "camera=(self)" in answer.headers.get("Permissions-Policy", ""):
        wrong.remove("Permissions-Policy")
    kept = answer.headers.get("Cache-Control", "")
    if answer.role != "visitor" and answer.route not in FEEDS and "no-store" not in kept:
        wrong.append(f"may be kept: {kept!r}")
    if answer.is_html:
        wrong += [f"inline {what}" for what in crawl.Markup(answer.body.decode()).inline]
    return [f"{answer}: {fault}" for fault in wrong]


def test_a_fault_planted_in_a_recorded_answer_is_found(recorded: Recorded) -> None:
    page = next(answer for answer in recorded("teacher").own() if answer.route == "hours:me")
    assert not answer_faults(page)
    for name in ("X-Frame-Options", "Content-Security-Policy", "Cache-Control"):
        bare = replace(page, headers={k: v for k, v in page.headers.items() if k != name})
        assert answer_faults(bare), name
    inline = replace(page, body=page.body.replace(b"</main>", b"<script>1</script></main>"))
    assert answer_faults(inline) == ["GET hours:me (200): inline <script>"]


def test_the_reader_of_pages_finds_inline_code() -> None:
    for bad in (
        "<style>a{}</style>",
        "<script>1</script>",
        '<p style="x">',
        '<p onclick="x">',
        '<a href=" JavaScript:alert(1)">',
    ):
        assert crawl.Markup(f"<p>{bad}</p>").inline, bad
    assert not crawl.Markup('<script src="/x.js"></script><script type="application/json">{}</script>').inline
    assert crawl.Markup('<a href="//evil.example/">').hosts == {"evil.example"}


def test_a_missing_header_is_found() -> None:
    answer = Client().get("/catalogue/")
    assert not faults(answer)
    for name in (*HEADERS, "Content-Security-Policy", "Permissions-Policy"):
        bare = HttpResponse(headers={k: v for k, v in answer.items() if k != name})
        assert faults(bare), name


def test_files_and_responses_given_outside_the_pages_carry_them_too(settings: Any) -> None:
    settings.WHITENOISE_AUTOREFRESH = False  # as in production
    client = Client(raise_request_exception=False)
    for path in ("/static/css/app.css", "/static/js/theme.js", "/static/icons.svg", "/healthz", "/nothing/"):
        assert not faults(client.get(path)), path
    assert not faults(client.get("/", headers={"host": "evil.example"}))
    settings.SECURE_SSL_REDIRECT = True
    redirect = Client().get("/catalogue/")
    assert redirect["Location"].startswith("https://") and not faults(redirect)


def test_what_a_key_reads_is_not_kept_either() -> None:
    answer = Client().get(
        reverse("api:my_light"), headers={"Authorization": f"Token {make_key(make_user())}"}
    )
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"] and not faults(answer)


def test_no_response_shows_other_origins_anything() -> None:
    answer = Client().options("/api/v1/courses/", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


# --- Over https ------------------------------------------------------------------------------------------------------
@pytest.fixture
def https(settings: Any, tmp_path: Path) -> None:
    """The settings as a site at https://inservice.example reads them from its environment."""
    env = {**os.environ, "SITE_URL": "https://inservice.example", "VAR_DIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", ASK.format(names=OVER_HTTPS)],
        cwd=live.BASE_DIR,
        env={**env, "DJANGO_SETTINGS_MODULE": "inservice.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    for name, value in json.loads(said.stdout).items():
        setattr(settings, name, value)


def cookie_faults(client: Client) -> list[str]:
    return [
        name
        for name, cookie in client.cookies.items()
        if not (name.startswith("__Host-") and cookie["secure"] and cookie["httponly"])
        or cookie["samesite"] != "Lax"
        or cookie["path"] != "/"
        or cookie["domain"]
    ]


@pytest.mark.once
@pytest.mark.parametrize("role", ["visitor", "operator"])
def test_over_https_every_response_requires_https_and_every_cookie_is_bound_to_the_host(
    role: str, second_step: None, https: None
) -> None:
    world = build()
    client, wrong = world.client(role), []
    client.cookies.clear() if role == "visitor" else None
    for answer in crawl.answers(world, role, client=client, secure=True):
        if answer.route in PROBES:
            continue
        wrong += [f"{answer}: {fault}" for fault in faults(answer.headers)]
        if answer.headers.get("Strict-Transport-Security") != HSTS:
            wrong.append(f"{answer}: {answer.headers.get('Strict-Transport-Security')}")
        for name, cookie in answer.cookies.items():
            if not (name.startswith("__Host-") and cookie["secure"] and cookie["path"] == "/"):
                wrong.append(f"{answer}: cookie {name}")
    assert not wrong, "\n".join(wrong)


def test_over_https_all_the_cookies_of_a_log_in_are_bound_to_the_host(https: None) -> None:
    user, client = make_user(), Client()
    client.get(reverse("account_login"), secure=True)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, secure=True)
    client.post(reverse("set_language"), {"language": "en"}, secure=True)
    client.post(reverse("set_theme"), {"theme": "dark"}, secure=True)
    names = {"session", "csrf", "device", "language", "theme", "messages"}
    assert set(client.cookies) == {f"__Host-{name}" for name in names}
    assert not cookie_faults(client)


def test_over_http_a_site_at_https_returns_nothing_but_the_way(https: None) -> None:
    answer = Client().get(reverse("account_login"))
    assert answer.status_code == 301 and not answer.content and not answer.cookies
