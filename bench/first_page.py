"""python -m bench.first_page MODULE PATH: start a process, serve one page and end."""

import importlib
import sys
from typing import Any
from wsgiref.util import setup_testing_defaults


def main(module: str, path: str) -> None:
    environment: dict[str, Any] = {"PATH_INFO": path, "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1"}
    setup_testing_defaults(environment)
    said: list[str] = []
    application = importlib.import_module(module).application
    answer = b"".join(application(environment, lambda status, *_: said.append(status)))
    assert said[0].startswith("200") and answer, said


if __name__ == "__main__":
    main(*sys.argv[1:])
