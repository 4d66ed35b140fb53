"""Browsers, in a process of their own: keep-alive connections that send prepared requests, one person each."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from bench.children import call

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
    """What came of all requests: how many had each status, the seconds of each, and of all together."""

    seconds: float
    statuses: dict[str, int]
    taken: list[float]

    @property
    def per_second(self) -> float:
        return len(self.taken) / self.seconds


def cookies(session_name: str, csrf_name: str, key: str) -> str:
    return f"{session_name}={key}; {csrf_name}={SECRET}"


def answers(port: int, asks: Sequence[Ask], connections: int) -> Answers:
    """Send all requests over so many connections, from another process."""
    return call(send, port, asks, connections).answer  # type: ignore[no-any-return]


def send(port: int, asks: Sequence[Ask], connections: int) -> Answers:
    left: SimpleQueue[Ask] = SimpleQueue()
    for ask in asks:
        left.put(ask)
    found: list[tuple[str, float]] = []
    began = time.perf_counter()
    threads = [threading.Thread(target=_browse, args=(port, left, found)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    return Answers(seconds, dict(Counter(status for status, _ in found)), [took for _, took in found])


def _browse(port: int, left: "SimpleQueue[Ask]", found: list[tuple[str, float]]) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while True:
        try:
            ask = left.get_nowait()
        except Empty:
            break
        began = time.perf_counter()
        status = _ask(line, ask)
        found.append((status, time.perf_counter() - began))
    line.close()


def _ask(line: http.client.HTTPConnection, ask: Ask) -> str:
    """Return the status, with the target of a redirect to the log-in: that is no enrolment."""
    headers = {"Cookie": ask.cookie} if ask.cookie else {}
    try:
        if ask.post:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            line.request("POST", ask.path, f"csrfmiddlewaretoken={SECRET}", headers)
        else:
            line.request("GET", ask.path, headers=headers)
        answer = line.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        line.close()
        return type(error).__name__
    return f"{answer.status} log-in" if "login" in (answer.headers["Location"] or "") else str(answer.status)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
