"""Row 15: what the site decides at fixed instants, on servers of two time zones."""

import subprocess
import sys
from collections.abc import Sequence

from survive import instants
from survive.instants import TABLE, Instant
from survive.processes import ROOT
from survive.row import Result, row
from survive.stack import Stack

NAME = "survive_instants"


@row(
    "15",
    "fixed instants (year end, 31 March, leap day, midnight) on two server time zones",
    "40 instants: as the table says",
    full={"zones": "Asia/Taipei America/New_York"},
    short={"zones": "America/New_York"},
)
def fixed_instants(stack: Stack, zones: str) -> Result:
    result = Result()
    with stack.another_database(NAME):
        instants.build()
        for zone in zones.split():
            # The zone of the process, of its machine and of the database.
            stack.postgres.run(f"ALTER DATABASE {NAME} SET timezone TO '{zone}'")
            done = subprocess.run(
                [sys.executable, "-m", "survive.instants"],
                cwd=ROOT, env=stack.environment(NAME) | {"TZ": zone}, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if result.expect(done.returncode == 0, f"{zone}: {done.stderr[-500:]}"):
                judge(result, zone, instants.as_lines(done.stdout))
    result.text = f"{len(TABLE)} instants in each of {zones}"
    return result


def judge(result: Result, zone: str, found: Sequence[Instant]) -> None:
    for wanted, decided in zip(TABLE, found, strict=True):
        result.tries += 1
        result.equal(f"{zone}, {wanted.moment}", tuple(decided[1:]), tuple(wanted[1:]))
