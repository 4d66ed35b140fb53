"""python -m bench.first_page MODULE PATH: a process starts, answers one page and ends."""

import importlib
import io
import sys
from typing import Any


def main(module: str, path: str) -> None:
    environment: dict[str, Any] = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0),
    }  # fmt: skip
    said: list[str] = []
    application = importlib.import_module(module).application
    answer = b"".join(application(environment, lambda status, *_: said.append(status)))
    assert said[0].startswith("200") and answer, said


if __name__ == "__main__":
    main(*sys.argv[1:])
