"""What is shipped is listed: the bill of materials and the licences."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.project.test_requirements import pinned

ROOT = Path(settings.BASE_DIR)


def sbom(*words: str) -> str:
    command = [sys.executable, "script/sbom", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_bill_of_materials_has_every_pinned_package_with_its_licence() -> None:
    found = json.loads(sbom())
    assert (found["bomFormat"], found["metadata"]["component"]["version"]) == ("CycloneDX", settings.VERSION)
    names = {part["name"] for part in found["components"]}
    assert set(pinned("requirements.txt")) <= names and {"bootstrap", "Noto Sans TC"} <= names
    assert all(
        part["licenses"] and (part.get("properties") or "purl" not in part) for part in found["components"]
    )


def test_the_page_of_licences_is_current_and_nothing_is_unknown() -> None:
    page = (ROOT / "docs/licences.md").read_text()
    assert sbom("--licences") == page, "script/sbom --licences >docs/licences.md"
    assert "unknown" not in page


@pytest.mark.parametrize("word", ["GPL", "AGPL"])
def test_no_licence_forbids_shipping(word: str) -> None:
    """LGPL is taken: psycopg2 and fpdf2 are used as libraries."""
    lines = (ROOT / "docs/licences.md").read_text().splitlines()
    assert not [line for line in lines if word in line.replace("LGPL", "").replace("Lesser General", "")]
