"""Requests that come at a fixed rate whether or not earlier ones are done, from a process of its own.

`python -m survive.open_loop` reads a JSON object from standard input and prints one; seconds are counted from the moment at which a
request was due, so that a site that falls behind does not hide it. A request that could not be sent within a minute of that moment is given up, as
its person has gone: it counts as `late`, with the seconds that had passed. So a site that is too slow does not take hours.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from queue import Empty, SimpleQueue
from typing import Any

from bench.clients import percentile
from survive.clients import Ask, Line
from survive.processes import ROOT

# Threads that wait for replies: at 80 requests a second the site may fall a second behind before a request is late because of us.
WIDTH = 100
LATE, GIVEN_UP_AFTER = "late", 60.0


@dataclass(frozen=True)
class Measured:
    """What came of one rate."""

    rate: float
    seconds: list[float]
    statuses: dict[str, int]

    def ms(self, share: float) -> int:
        return round(percentile(self.seconds, share) * 1000)


def measure(port: int, asks: Sequence[Ask], rate: float, seconds: float) -> Measured:
    """Send `rate` requests a second for so long, taking `asks` in turn."""
    order = {"port": port, "rate": rate, "seconds": seconds, "asks": [asdict(ask) for ask in asks]}
    command = [sys.executable, "-m", "survive.open_loop"]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(order), stdout=subprocess.PIPE, text=True, check=True
    )
    return Measured(**json.loads(done.stdout))


def send(order: dict[str, Any]) -> dict[str, Any]:
    rate, number = order["rate"], int(order["rate"] * order["seconds"])
    asks = [Ask(**ask) for ask in order["asks"]]
    due: SimpleQueue[tuple[float, Ask]] = SimpleQueue()
    began = time.monotonic() + 0.5
    for count, ask in enumerate(islice(cycle(asks), number)):
        due.put((began + count / rate, ask))
    taken: list[float] = []
    statuses: Counter[str] = Counter()

    def work() -> None:
        line = Line(order["port"], timeout=60)
        while True:
            try:
                moment, ask = due.get_nowait()
            except Empty:
                line.close()
                return
            behind = time.monotonic() - moment
            if behind > GIVEN_UP_AFTER:
                taken.append(behind)
                statuses[LATE] += 1
                continue
            time.sleep(max(0.0, -behind))
            reply = line.send(ask)
            taken.append(time.monotonic() - moment)
            statuses[str(reply.status)] += 1

    threads = [threading.Thread(target=work) for _ in range(min(WIDTH, number))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"rate": rate, "seconds": taken, "statuses": dict(statuses)}


if __name__ == "__main__":
    json.dump(send(json.load(sys.stdin)), sys.stdout)
