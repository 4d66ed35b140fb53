"""Browsers, in a process of their own: keep-alive connections that send prepared requests, one person each.

python -m bench.clients        reads a JSON object from standard input, prints one
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue
from typing import Any

from bench.serving import ROOT

# A CSRF secret as the browser's cookie holds it, and the same as a form would (Django takes it masked or plain).
SECRET = "a" * 32


@dataclass(frozen=True)
class Ask:
    """One request; a path to post to when `post`."""

    path: str
    cookie: str
    post: bool = True


@dataclass(frozen=True)
class Answers:
    """Their responses, in the order in which they arrived."""

    seconds: float
    statuses: dict[str, int]
    # Of each request: its number in the list, when it was begun and how long it took (seconds).
    taken: list[tuple[int, float, float]]

    @property
    def per_second(self) -> float:
        return len(self.taken) / self.seconds


def cookies(session_name: str, csrf_name: str, key: str) -> str:
    return f"{session_name}={key}; {csrf_name}={SECRET}"


class Clients:
    """A running process of browsers; call `answers` to wait for it."""

    def __init__(self, port: int, asks: Iterable[Ask], connections: int = 64, pause: float = 0.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.clients"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        order = {
            "port": port,
            "asks": [asdict(ask) for ask in asks],
            "connections": connections,
            "pause": pause,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order))
        self.process.stdin.close()

    def answers(self) -> Answers:
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.read())
        self.process.wait(20)
        return Answers(told["seconds"], told["statuses"], [tuple(one) for one in told["taken"]])


def send(order: dict[str, Any]) -> dict[str, Any]:
    """All requests over so many connections; with a `pause` (seconds) each connection waits between two."""
    left: SimpleQueue[tuple[int, dict[str, Any]]] = SimpleQueue()
    for numbered in enumerate(order["asks"]):
        left.put(numbered)
    found: list[tuple[int, float, float, str]] = []
    began = time.perf_counter()
    threads = [
        threading.Thread(target=_browser, args=(order, left, found, began))
        for _ in range(order["connections"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    statuses: dict[str, int] = {}
    for *_, status in found:
        statuses[status] = statuses.get(status, 0) + 1
    return {"seconds": seconds, "statuses": statuses, "taken": [one[:3] for one in found]}


def _browser(
    order: dict[str, Any], left: "SimpleQueue[Any]", found: list[tuple[int, float, float, str]], start: float
) -> None:
    line = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=60)
    while True:
        try:
            number, ask = left.get_nowait()
        except Empty:
            break
        began = time.perf_counter()
        status = _ask(line, ask)
        found.append((number, began - start, time.perf_counter() - began, status))
        time.sleep(order["pause"])
    line.close()


def _ask(line: http.client.HTTPConnection, ask: dict[str, Any]) -> str:
    """Return the status, with the target of a redirect to the log-in: that is no enrolment."""
    headers = {"Cookie": ask["cookie"]} if ask["cookie"] else {}
    try:
        if ask["post"]:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            line.request("POST", ask["path"], f"csrfmiddlewaretoken={SECRET}", headers)
        else:
            line.request("GET", ask["path"], headers=headers)
        answer = line.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        line.close()
        return type(error).__name__
    return f"{answer.status} log-in" if "login" in (answer.headers["Location"] or "") else str(answer.status)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


if __name__ == "__main__":
    json.dump(send(json.load(sys.stdin)), sys.stdout)
