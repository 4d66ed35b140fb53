"""`bench/run [--size national] [--data DIR] [NAME…]`: load missing data, measure, report."""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from datetime import date
from pathlib import Path

from bench import cluster
from bench.sizes import SIZES

USUAL = {
    "DJANGO_SETTINGS_MODULE": "inservice.settings",
    # The yardstick measures pages, not the second step of the log-in.
    "MFA_REQUIRED": "false",
    "LOG_FORMAT": "line",
    "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
}


def main() -> int:
    options = _options()
    folder = Path(options.data or os.environ.get("VAR_DIR") or "var/bench").resolve()
    os.environ |= {"VAR_DIR": str(folder / "var"), "ALLOW_LOCAL_SECRET": "1"}
    for name, value in USUAL.items():
        os.environ.setdefault(name, value)
    with cluster.cluster(folder) as uri:
        os.environ["DATABASE_URL"] = cluster.address_of(uri, f"bench_{options.size}")
        return _measure(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures (default: all)")
    parser.add_argument("--size", choices=SIZES, default="national")
    parser.add_argument("--data", metavar="DIR", help="folder of the cluster (default: VAR_DIR or var/bench)")
    parser.add_argument("--also", nargs="*", default=["school"], metavar="SIZE", help="further sets to load")
    parser.add_argument("--load-only", action="store_true")
    parser.add_argument("--list", action="store_true", help="name the figures and stop")
    parser.add_argument("--no-report", action="store_true", help="print only")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from bench import report, sets
    from bench.harness import FIGURES, Bench

    for module in pkgutil.iter_modules([str(Path(__file__).parent / "measures")]):
        importlib.import_module(f"bench.measures.{module.name}")
    if options.list:
        print("\n".join(FIGURES))
        return 0
    for size in dict.fromkeys([*options.also, options.size]):
        sets.ensure(size)
    if options.load_only:
        return 0
    if unknown := set(options.names) - set(FIGURES):
        print(f"unknown figures: {', '.join(sorted(unknown))}; known: {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    bench = Bench(options.size)
    with bench.at(options.size):
        for name in options.names or FIGURES:
            started, results = time.monotonic(), []
            for result in FIGURES[name](bench):
                result.size = options.size
                results.append(result)
                print(json.dumps(result.line(), ensure_ascii=False), flush=True)
            print(f"  {name}: {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
            if not options.no_report:
                report.keep(date.today(), results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
