"""`python -m survive.hurry celery …`: a process of Celery for which a day passes in minutes.

SURVIVE_SINCE is the real moment (seconds) at which the simulated day began, SURVIVE_DAY its first moment, SURVIVE_SPEED how many simulated
seconds a second has; so all processes share one clock. SURVIVE_RUNS is a file to which each finished task adds a line: name and moment.
"""

import os
import sys
import threading
import time
from typing import Any

import time_machine

STEP = 0.01


def simulated(real: float) -> float:
    """Return the simulated moment of a real one."""
    since, day, speed = (
        float(os.environ[name]) for name in ("SURVIVE_SINCE", "SURVIVE_DAY", "SURVIVE_SPEED")
    )
    return day + max(0.0, real - since) * speed


def keep_moving(traveller: Any, began: float, real: float) -> None:
    """Move the clock of this process on, for ever. The monotonic clock is the real one."""
    while True:
        traveller.move_to(simulated(real + time.monotonic() - began))
        time.sleep(STEP)


def note_runs() -> None:
    """Note each finished task, and let beat look at its schedule often: a simulated minute is a fraction of a second."""
    from celery.signals import task_success

    from inservice.celery import app

    app.conf.beat_max_loop_interval = 0.05

    @task_success.connect(weak=False)
    def note(sender: Any, **kwargs: Any) -> None:
        with open(os.environ["SURVIVE_RUNS"], "a") as file:
            file.write(f"{time.time():.0f} {sender.name}\n")


def main() -> None:
    began, real = time.monotonic(), time.time()
    traveller = time_machine.travel(simulated(real), tick=True).start()
    threading.Thread(target=keep_moving, args=(traveller, began, real), daemon=True).start()
    note_runs()
    from celery.__main__ import main as celery

    sys.argv = sys.argv[1:]
    celery()


if __name__ == "__main__":
    main()
