"""The lists of packages install the same versions tomorrow as today."""

from importlib.metadata import requires
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement

LISTS = ("requirements.txt", "requirements-dev.txt")


def pinned(name: str) -> dict[str, Requirement]:
    lines = (Path(settings.BASE_DIR) / name).read_text().splitlines()
    found = [Requirement(line.removesuffix(" \\")) for line in lines if line[:1].isalnum()]
    return {one.name: one for one in found}


def unpinned(pins: dict[str, Requirement]) -> list[str]:
    """Return what a pinned package requires with an extra that its pin does not name: pip takes the newest version for it."""
    missing = []
    for pin in pins.values():
        for text in requires(pin.name) or []:
            needed = Requirement(text)
            extras = [{"extra": extra} for extra in pin.extras or {""}]
            applies = needed.marker is None or any(needed.marker.evaluate(extra) for extra in extras)
            if applies and needed.extras and not needed.extras <= pins[needed.name.lower()].extras:
                missing.append(f"{pin.name} requires {needed}")
    return missing


@pytest.mark.parametrize("name", LISTS)
def test_an_extra_that_a_package_requires_is_named_with_its_pin(name: str) -> None:
    pins = pinned(name)
    assert len(pins) > 40 and unpinned(pins) == []


def test_an_extra_without_a_pin_is_found() -> None:
    """The twin: `coverage` alone leaves the version of `coverage[toml]` to the package index."""
    pins = pinned("requirements-dev.txt") | {"coverage": Requirement("coverage==7.17.4")}
    assert unpinned(pins) == ["pytest-cov requires coverage[toml]>=7.10.6"]
