"""Run a command of backups and die in each of its steps: `python -m tests.backup.killing backup FOLDER KEY` or `… restore FILE`.

A process of its own, which forks for each death. It prints a line of JSON for each: the step, the signal and what is left.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command


def main(command: str, *words: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    django.setup()
    for name, die in STEPS[command]().items():
        for number in (signal.SIGKILL, signal.SIGTERM):
            status = _die(die, number, command, words)
            print(json.dumps({"step": name, "signal": number, "status": status, **LEFT[command](*words)}))


def _die(die: "Step", number: int, command: str, words: tuple[str, ...]) -> int:
    from django.db import connection

    connection.close()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        die(number)
        options = {"to": words[0], "recipient": words[1]} if command == "backup" else {}
        call_command(command, *([] if options else words), stdout=io.StringIO(), **options)
    except SystemExit as end:
        os._exit(int(end.code or 0))
    except BaseException:
        import traceback

        traceback.print_exc()
    os._exit(99)


Step = Callable[[int], None]


def _end(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(10)


def before(owner: Any, name: str) -> Step:
    """Die where a function would begin."""
    return lambda number: setattr(owner, name, lambda *args, **more: _end(number))


def after(owner: Any, name: str) -> Step:
    """Die where a function has ended."""

    def patch(number: int) -> None:
        made = getattr(owner, name)

        def dying(*args: Any, **more: Any) -> None:
            made(*args, **more)
            _end(number)

        setattr(owner, name, dying)

    return patch


def while_a_program_works(number: int) -> None:
    """Die while a program of PostgreSQL loads: without its parent it goes on."""
    from backup import programs

    def begin(command: Any, *, env: Any = None) -> None:
        child = subprocess.Popen(command, env=env)
        try:
            _end(number)
        except BaseException:
            # As `subprocess.run` does.
            child.kill()
            child.wait()
            raise

    programs.run = begin


def _of_backup() -> dict[str, Step]:
    from backup import archive, archive_names, writing

    return {
        "before the dump": before(writing, "_dump"),
        "after the dump": after(writing, "_dump"),
        "between dump and files": after(archive.Writer, "add_folder"),
        "between two files": after(archive.Writer, "add"),
        "before the list": before(archive.Writer, "finish"),
        "before it has its name": before(archive, "digest_of"),
        "after it has its name": before(writing, "_sync"),
        "before old ones go": before(archive_names, "rotate"),
    }


def _of_restore() -> dict[str, Step]:
    from django.db import connection

    from backup import archive, restoring
    from files import storage

    found = {
        "while it unpacks": after(archive, "_extract"),
        "before the files": before(restoring, "_put_files"),
        "in a file": lambda number: setattr(storage, "write", _piece(number)),
        "before the load": before(restoring, "_load"),
        "before the comparison": before(restoring, "differences"),
        "before the checks": before(restoring, "_check"),
    }
    if connection.vendor == "postgresql":
        found["while it loads"] = while_a_program_works
    return found


def _piece(number: int) -> Callable[..., None]:
    def write(path: str, file: Any) -> None:
        from django.core.files.storage import default_storage

        place = Path(default_storage.path(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read(4))
        _end(number)

    return write


def _left_of_backup(folder: str, key: str) -> dict[str, Any]:
    from backup import archive_names, staging

    place = Path(folder)
    return {
        "whole": [path.name for path in archive_names.backups_in(place)],
        "parts": [path.name for path in place.glob("*.part")],
        "staged": len(list(staging.root().iterdir())),
    }


def _left_of_restore(file: str) -> dict[str, Any]:
    """What is in the storage and in the database, which is emptied for the next turn."""
    from django.core.files.storage import default_storage
    from django.db import connection

    from backup import facts, staging

    # A program whose parent was killed may still work.
    for _ in range(40):
        if not list(_programs()):
            break
        time.sleep(0.25)
    tables = facts.tables_of(connection)
    found = facts.facts_of(connection) if tables else {}
    connection.close()
    staged = len(list(staging.root().iterdir()))
    if tables:
        _empty()
    media = Path(default_storage.path(""))
    files = [path.stat().st_size for path in media.rglob("*") if path.is_file()]
    return {"facts": found, "staged": staged, "files": files}


def _programs() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if (
                path.read_text().strip() == "pg_restore"
                and "Z" not in (path.parent / "stat").read_text().split()[2]
            ):
                yield path.parent.name
        except OSError:
            continue


def _empty() -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        connection.close()
    else:
        for path in Path(connection.settings_dict["NAME"]).parent.glob("inservice.sqlite3*"):
            path.unlink()


STEPS: dict[str, Callable[[], dict[str, Step]]] = {"backup": _of_backup, "restore": _of_restore}
LEFT: dict[str, Callable[..., dict[str, Any]]] = {"backup": _left_of_backup, "restore": _left_of_restore}

if __name__ == "__main__":
    main(*sys.argv[1:])
