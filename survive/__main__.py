"""`script/survive [--short] [--row N …]`: run the rows against the real stack, print the table, exit 1 on any fault."""

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from survive import report, rows
from survive.row import ROWS, Later, Result, Row, in_order
from survive.stack import Stack, family, running
from tests.servers import wait_for

Done = tuple[Row, Result, float]
T = TypeVar("T")
USAGE = """examples:
  script/survive                            everything, at most an hour; writes bench/results/survive-<date>.md
  script/survive --short                    the rows that fit into three minutes, with small numbers
  script/survive --row 2 --row 10           these rows
  script/survive --row 10 --set kills=3     with another number (--list prints the numbers)"""


def main() -> int:
    # Also when it was started in the background, where the shell lets it ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    before = family()
    status = 0
    try:
        status = _run()
    except KeyboardInterrupt:
        print("Ended.", file=sys.stderr)
        status = 130
    left = [] if wait_for(lambda: not family() - before, 15) else sorted(family() - before)
    if left:
        print(f"Processes that were left behind: {left}", file=sys.stderr)
    return status or int(bool(left))


def _run() -> int:
    options, began = command_line().parse_args(), time.monotonic()
    if options.list:
        return _list()
    with running() as stack:
        rows.load()
        chosen = _chosen(options)
        print(f"The stack runs after {time.monotonic() - began:.0f} s.", file=sys.stderr, flush=True)
        facts = stack.facts()
        whole, path = not (options.short or options.row or options.set), report.path(date.today())
        done: list[Done] = []
        for _ in _carry_all(stack, chosen, options, done):
            if whole:
                # After each row: a run that is interrupted leaves what it has found.
                report.keep(path, report.page(path, done, facts, time.monotonic() - began, len(chosen)))
        if options.logs:
            stack.keep_logs(Path(options.logs))
    print(
        f"{len(done)} rows in {time.monotonic() - began:.0f} s: {sum(len(r.faults) for _, r, _ in done)} faults",
        flush=True,
    )
    if whole:
        print(path)
    return int(not all(result.ok for _, result, _ in done))


def _carry_all(
    stack: Stack, chosen: Sequence[Row], options: argparse.Namespace, done: list[Done]
) -> Iterator[None]:
    """Run the rows in order and put each that is over into `done`; yield after it.

    What runs beside others is waited for at the end, or before a row that has to be alone.
    """
    beside: list[tuple[Row, Later, float]] = []

    def note(row: Row, result: Result, began: float) -> None:
        done.append(_note(row, result, began))
        done.sort(key=lambda one: in_order().index(one[0]))

    def wait() -> Iterator[None]:
        while beside:
            row, later, began = beside.pop(0)
            note(row, _tried(later), began)
            yield

    for row in chosen:
        if row.alone:
            yield from wait()
        began, numbers = time.monotonic(), row.numbers(options.short) | _numbers(row, options.set)
        result = _tried(partial(row.run, stack, **numbers))
        if isinstance(result, Result):
            note(row, result, began)
            # A row that broke may have left something ended.
            if mended := _tried(stack.mend):
                print(f"        after row {row.number} had to be started again: {mended}", flush=True)
            yield
        else:
            beside.append((row, result, began))
    yield from wait()


def _tried(act: Callable[[], T]) -> T | Result:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - the other rows are run, and this one has failed
        traceback.print_exc()
        return Result(faults=[f"the row itself broke: {type(error).__name__}: {error}"])


def _note(row: Row, result: Result, began: float) -> Done:
    """Print the line of a row that is over, with its faults."""
    seconds = time.monotonic() - began
    print(report.line(row, result, seconds), flush=True)
    for fault in report.faults(result):
        print(f"          {fault}", flush=True)
    return row, result, seconds


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/survive",
        description=__doc__,
        epilog=USAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--short", action="store_true", help="small numbers, at most three minutes")
    parser.add_argument("--row", action="append", metavar="N", help="only this row (repeatable)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="another number for the rows that have it",
    )
    parser.add_argument("--logs", metavar="DIR", help="keep the logs of the site and of PostgreSQL there")
    parser.add_argument("--list", action="store_true", help="print the rows with their numbers and stop")
    return parser


def _chosen(options: argparse.Namespace) -> list[Row]:
    """Raise SystemExit for a row that is not there."""
    if not options.row:
        return [row for row in in_order() if not options.short or row.short is not None]
    if unknown := set(options.row) - set(ROWS):
        raise SystemExit(
            f"No such row: {', '.join(sorted(unknown))}. There are {', '.join(row.number for row in in_order())}."
        )
    return [row for row in in_order() if row.number in options.row]


def _numbers(row: Row, given: list[str]) -> dict[str, Any]:
    """Return the numbers of the command line that this row has, as the type they have in the full run."""
    pairs = dict(one.split("=", 1) for one in given)
    return {name: type(row.full[name])(value) for name, value in pairs.items() if name in row.full}


def _list() -> int:
    import django

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "inservice.settings",
            "ALLOW_LOCAL_SECRET": "1",
            "VAR_DIR": folder,
        }
        django.setup()
        rows.load()
    for row in in_order():
        print(f"{row.number:>6}  {row.name}\n        asked: {row.figure}\n        full:  {dict(row.full)}")
        print(f"        short: {'–' if row.short is None else row.numbers(True)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
