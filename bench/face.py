#!/usr/bin/env python
"""What a clerk's home costs an old PC: bytes over the line, uncached and cached, and the time to the largest paint at a quarter of the CPU.

    .venv/bin/python bench/face.py [RUNS]

Serves the demonstration in a folder of its own and drives Chromium over its debugging protocol. Prints one JSON line a figure; the
reference of the same run is the bare "not found" page of the same server (one style sheet, no script).
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from demo.logins import PASSWORD  # noqa: E402
from tests.servers import free_port  # noqa: E402

CPU_SLOWED = 4
REACH = {"clerk_home_uncached": 150_000, "clerk_home_cached": 30_000, "clerk_home_largest_paint": 1.0}
PAINT = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""


@contextlib.contextmanager
def site() -> Iterator[str]:
    """The demonstration as `script/server` serves it."""
    folder, port = tempfile.mkdtemp(prefix="inservice-face-"), free_port()
    env = {**os.environ, "VAR_DIR": folder, "PORT": str(port), "DEMO": "1"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    server = subprocess.Popen(
        [sys.executable, "-m", "inservice.supervisor"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer")


def log_in(context: BrowserContext, base: str) -> None:
    page = context.new_page()
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", "handler@demo.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    page.close()


class Meter:
    """Bytes that came over the line while a page was opened, headers included."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.bytes = 0
        self.line = context.new_cdp_session(page)
        self.line.send("Network.enable")
        self.line.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def open(self, page: Page, url: str) -> int:
        self.bytes = 0
        page.goto(url)
        page.wait_for_load_state("networkidle")
        return self.bytes


def weigh(context: BrowserContext, url: str) -> tuple[int, int]:
    """(uncached, cached) bytes of a page."""
    page = context.new_page()
    meter = Meter(context, page)
    meter.line.send("Network.clearBrowserCache")
    first, second = meter.open(page, url), meter.open(page, url)
    page.close()
    return first, second


def paint(context: BrowserContext, url: str) -> float:
    """Seconds to the largest paint, uncached, with the CPU slowed."""
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWED})
    page.goto(url)
    found = float(page.evaluate(PAINT)) / 1000
    page.close()
    return found


def tell(name: str, ours: float, reference: float, unit: str) -> bool:
    ok = ours <= REACH[name]
    figure = {
        "name": name,
        "ours": round(ours, 3),
        "reference": round(reference, 3),
        "ratio": round(ours / reference, 2),
    }
    print(json.dumps({**figure, "unit": unit, "reach": REACH[name], "ok": ok}), flush=True)
    return ok


def main(runs: int) -> int:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with site() as base, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        context = browser.new_context(locale="zh-TW", viewport={"width": 1280, "height": 900})
        log_in(context, base)
        home, bare = f"{base}/unit/", f"{base}/no-such-page/"
        weights = [weigh(context, home) for _ in range(runs)]
        bare_weights = [weigh(context, bare) for _ in range(runs)]
        pairs = [(paint(context, home), paint(context, bare)) for _ in range(runs)]
        middle = statistics.median
        ok = tell(
            "clerk_home_uncached", middle(w[0] for w in weights), middle(w[0] for w in bare_weights), "bytes"
        )
        ok &= tell(
            "clerk_home_cached", middle(w[1] for w in weights), middle(w[1] for w in bare_weights), "bytes"
        )
        ok &= tell("clerk_home_largest_paint", middle(p[0] for p in pairs), middle(p[1] for p in pairs), "s")
        browser.close()
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
