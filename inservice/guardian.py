"""End the processes of a supervisor that died without ending them itself (SIGKILL, out of memory).

Started by `inservice.supervisor` as a process of its own session. It reads lines "name pid" from its standard input, one for
each process group that was started (pid 0: it has ended by itself), and waits for the end of the pipe, which the kernel closes
when the supervisor is gone. The line "end" stops it without further action. It loads neither Django nor any package, so that it
costs little.
"""

import os
import signal
import sys
import time

GRACE = 10.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[str, int] = {}
    for line in sys.stdin:
        if line.strip() == "end":
            return
        name, _, pid = line.partition(" ")
        groups[name] = int(pid)
    end_groups(set(groups.values()) - {0})


def end_groups(groups: set[int], grace: float = GRACE) -> None:
    """Send SIGTERM to the process groups, wait for at most `grace` seconds, then kill what is left."""
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    until = time.monotonic() + grace
    while left and time.monotonic() < until:
        time.sleep(0.1)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group. Return False when the group no longer exists."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
