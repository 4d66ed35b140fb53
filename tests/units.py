"""Read the systemd units of `deploy/systemd` as systemd does: drop-ins of a prefix included, lists appended."""

import shlex
from collections import defaultdict
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "deploy/systemd"
COMMON = FOLDER / "inservice-.service.d/10-common.conf"
# Where a bare Debian has the site.
ROOT = "/opt/inservice"


def unit(name: str) -> dict[str, list[str]]:
    """Return the settings of a unit, each with all its values."""
    found: dict[str, list[str]] = defaultdict(list)
    paths = [
        FOLDER / name,
        *([COMMON] if name.startswith("inservice-") and name.endswith(".service") else []),
    ]
    for path in paths:
        for line in path.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";")):
                found[key.strip()].append(value.strip())
    return found


def commands(name: str) -> list[list[str]]:
    """Return the `ExecStart` lines of a unit as they would run in this folder."""
    root = str(settings.BASE_DIR)
    lines = (line.replace("%%", "%").replace(ROOT, root) for line in unit(name)["ExecStart"])
    return [shlex.split(line) for line in lines]


def environment(name: str) -> dict[str, str]:
    """Return what the unit itself adds to the environment."""
    words = (word for line in unit(name)["Environment"] for word in shlex.split(line))
    return {key: value for key, _, value in (word.partition("=") for word in words)}
