"""The sample of nginx, run by the real nginx before a stand-in of the application: addresses, limits, the page of a maintenance."""

import json
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from tests.servers import free_port

DEPLOY = Path(settings.BASE_DIR) / "deploy"
HOST = "inservice.example.edu.tw"


# Requests for this address are held until the event is set; each releases the semaphore when it has arrived.
HELD, go_on, arrived = "/catalogue/held/", threading.Event(), threading.Semaphore(0)


class Application(BaseHTTPRequestHandler):
    """Replies with the headers that it was sent."""

    def do_GET(self) -> None:
        if self.path == HELD:
            arrived.release()
            go_on.wait(30)
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return


def certificate(folder: Path) -> None:
    """Write a certificate that its own key signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def configuration(folder: Path, upstream: int, port: int, plain: int) -> Path:
    """Write the sample with the addresses of this test, inside of what Debian's nginx.conf has around it."""
    text = (DEPLOY / "nginx/inservice.conf").read_text()
    for old, new in (
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        (f"/etc/letsencrypt/live/{HOST}", str(folder)),
        ("/opt/inservice/deploy", str(DEPLOY)),
        ("/var/log/nginx", str(folder)),
        # A busy machine would not send as many in a second as the sample lets through.
        ("rate=5r/s", "rate=1r/m"),
        ("burst=100", "burst=2"),
        ("max_conns=100", "max_conns=3"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; worker_processes 1;"
        f"events {{}} http {{ {temporary}\n{text} }}"
    )
    return path


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[int, int, ThreadingHTTPServer]]:
    application = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    certificate(tmp_path)
    port, plain = free_port(), free_port()
    path = configuration(tmp_path, application.server_port, port, plain)
    nginx = subprocess.Popen(["nginx", "-c", str(path), "-p", str(tmp_path)], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            if nginx.poll() is not None:
                raise AssertionError(nginx.stderr.read() if nginx.stderr else "")
            if fetch(port, "/readyz")[0]:
                break
            time.sleep(0.05)
        yield port, plain, application
    finally:
        go_on.set()
        nginx.terminate()
        nginx.wait(10)
        if nginx.stderr:
            nginx.stderr.close()
        application.shutdown()
        application.server_close()


def fetch(port: int, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, str]:
    """Return status, headers and text; 0 while nothing listens."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sent = {"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", data=body, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()
    except OSError:
        return 0, {}, ""


@pytest.mark.own_clock
@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_passes_on_the_real_address_bounds_requests_and_says_when_the_site_is_away(
    proxy: tuple[int, int, ThreadingHTTPServer], tmp_path: Path
) -> None:
    port, plain, application = proxy
    status, _headers, text = fetch(
        port, "/catalogue/?token=hunter2", X_Forwarded_For="1.2.3.4", X_Forwarded_Proto="http"
    )
    seen = json.loads(text)
    assert (status, seen["x-forwarded-for"], seen["x-forwarded-proto"], seen["host"]) == (
        200,
        "127.0.0.1",
        "https",
        HOST,
    )
    assert fetch(port, f"/first-log-in/{'hunter2-' * 4}/")[0] == 200
    assert [fetch(port, path)[0] for path in ("/readyz", "/metrics")] == [404, 404]
    assert fetch(port, "/", b"x" * (26 * 2**20))[0] in (413, 0)

    codes = [fetch(port, "/accounts/login/")[0] for _ in range(5)]
    assert codes[0] == 200 and 429 in codes

    application.shutdown()
    application.server_close()
    status, headers, text = fetch(port, "/catalogue/")
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "60", "no-store")
    assert "網站暫時無法使用" in text
    log = (tmp_path / "inservice.log").read_text()
    assert "hunter2" not in log and "/first-log-in/***/" in log and "/catalogue/ 200" in log


@pytest.mark.own_clock
@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_turns_away_at_once_what_the_application_cannot_take(
    proxy: tuple[int, int, ThreadingHTTPServer],
) -> None:
    port, _plain, _application = proxy
    go_on.clear()
    with ThreadPoolExecutor(3) as pool:
        held = [pool.submit(fetch, port, HELD) for _ in range(3)]
        # Another request before that would take the place of one that is to be held.
        assert all(arrived.acquire(timeout=5) for _ in held)
        began = time.monotonic()
        status, headers, text = fetch(port, "/catalogue/")
        assert (status, headers["Retry-After"]) == (503, "60") and "同時使用的人數過多" in text
        assert time.monotonic() - began < 3
        go_on.set()
        assert [done.result()[0] for done in held] == [200, 200, 200]
    assert fetch(port, "/catalogue/")[0] == 200
