"""Fills an empty, migrated PostgreSQL database with a set: `python -m bench.generate --size national [--units FILE …]`.

The same seed, size, day and lists of units make the same rows. Foreign keys are not checked row by row while a set is loaded
(`copying.trust_rows`); the tests load the smallest set with the checks on, and `manage.py check_invariants` holds on every set.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date

GROWING = [
    "courses_course", "courses_session", "courses_instructor", "courses_course_stages", "courses_course_tags", "courses_enrolment",
    "hours_closing", "hours_hourcredit", "notices_notice", "audit_auditevent", "accounts_user", "accounts_affiliation",
    "account_emailaddress", "accounts_businessaccount", "accounts_unit",
]  # fmt: skip


def chunks(size: object, units: Sequence[object]) -> Iterator[object]:
    """The yardstick school's courses first, then those of all other units in order of their days."""
    from bench.course_history import CHUNK, Chunk
    from bench.sizes import SCHOOL_COURSES, SCHOOL_ENROLMENTS

    school, *others = units
    yield Chunk(1, SCHOOL_COURSES, 0, SCHOOL_COURSES, SCHOOL_ENROLMENTS / SCHOOL_COURSES, (school,))
    for start in range(0, size.courses, CHUNK):
        count = min(CHUNK, size.courses - start)
        # The last two months lie ahead and are half empty: the others bear a little more.
        mean = size.enrolments / size.courses * 1.05
        yield Chunk(SCHOOL_COURSES + 1 + start, count, start, size.courses, mean, tuple(others))


def load(
    size_name: str,
    *,
    seed: int = 112,
    today: date | None = None,
    units: Iterable[str] = (),
    processes: int = 2,
    trusting: bool = True,
) -> dict[str, float]:
    """Write the whole set; answers the seconds of each step. With one process it stays in the caller's connection."""
    from bench import copying
    from bench.people_sets import write_cast
    from bench.sizes import SIZES
    from kit import clock

    size, day = SIZES[size_name], today or clock.today()
    steps = Steps()
    if trusting:
        copying.trust_rows()
    with steps("people"):
        cast = write_cast(size, seed, day, units)
    if processes == 1:
        with steps("courses"):
            for chunk in chunks(size, cast.units):
                _write((seed, day, chunk))
    else:
        _load_in_parallel(size, seed, day, cast, processes, steps)
    _finish(size.copies, steps)
    return steps.seconds


def add_copies(size_name: str) -> dict[str, float]:
    """Make a multiplied set from the copied database of the set that it multiplies."""
    from bench import copying
    from bench.sizes import SIZES

    steps = Steps()
    copying.trust_rows()
    _finish(SIZES[size_name].copies, steps)
    return steps.seconds


def _finish(copies: int, steps: "Steps") -> None:
    from bench import copying, multiply

    if copies:
        with steps("copies"), copying.without_indexes(GROWING):
            copying.trust_rows()
            multiply.multiply(copies)
    with steps("sequences and statistics"):
        copying.reset_sequences(GROWING)
        copying.vacuum()
    with steps("lights"):
        _lights()
        copying.vacuum()


def _load_in_parallel(size, seed: int, day: date, cast, processes: int, steps: "Steps") -> None:  # type: ignore[no-untyped-def]
    from django.db import connections

    from bench import copying

    dropping = copying.without_indexes(GROWING)
    dropping.__enter__()
    connections.close_all()
    with steps("courses"):
        work = ((seed, day, chunk) for chunk in chunks(size, cast.units))
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
            for done in pool.map(_write, work):
                steps.rows += done
    with steps("indexes"):
        dropping.__exit__(None, None, None)


def _write(work: tuple[int, date, object]) -> int:
    from django.db import connection

    from bench import copying
    from bench.course_history import Story

    seed, day, chunk = work
    if multiprocessing.parent_process() is not None and connection.connection is None:
        copying.trust_rows()
    return Story(seed, day, chunk).write()  # type: ignore[arg-type]


def _lights() -> None:
    from courses.actions import lights
    from kit import clock

    lights.refresh(year=clock.this_year() - 1, cause="bench")
    lights.refresh(cause="bench")


class Steps:
    """Seconds of each step, told as they pass."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.rows = 0

    def __call__(self, name: str) -> "Steps":
        self.name, self.started = name, time.monotonic()
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.seconds[self.name] = round(time.monotonic() - self.started, 1)
        print(f"  {self.name}: {self.seconds[self.name]} s", file=sys.stderr, flush=True)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    import django

    django.setup()
    from bench.sizes import SIZES

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="school")
    parser.add_argument("--seed", type=int, default=112)
    parser.add_argument(
        "--units",
        nargs="*",
        default=[],
        metavar="FILE",
        help="CSV lists of schools (學校代碼, 學校名稱, 縣市名稱, 學校級別)",
    )
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    load(options.size, seed=options.seed, units=options.units, processes=options.processes)


if __name__ == "__main__":
    main()
