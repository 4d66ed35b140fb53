"""Compile the message catalogues at installation, and notice when that was forgotten."""

import gettext
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from kit import catalogues

PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#: kit/texts.py
msgid "course"
msgstr "研習"
"""


@pytest.fixture
def po(tmp_path: Path) -> Path:
    path = tmp_path / "zh_Hant/LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO)
    return path


def test_a_missing_catalogue_is_compiled_once(tmp_path: Path, po: Path) -> None:
    assert catalogues.stale(tmp_path) == [po]
    assert catalogues.compile_stale(tmp_path) == [po.with_suffix(".mo")]
    with po.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("course") == "研習"
    assert catalogues.stale(tmp_path) == [] and catalogues.compile_stale(tmp_path) == []
    assert {path.name for path in po.parent.iterdir()} == {"django.po", "django.mo"}


def test_a_catalogue_of_another_text_is_compiled_again(tmp_path: Path, po: Path) -> None:
    catalogues.compile_stale(tmp_path)
    po.write_text(PO.replace("研習", "課程"))
    assert catalogues.stale(tmp_path) == [po]
    catalogues.compile_stale(tmp_path)
    with po.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("course") == "課程"


def test_the_system_check_names_a_catalogue_that_is_not_compiled(
    settings: Any, tmp_path: Path, po: Path
) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    assert [found.id for found in run_checks(tags=["translation"])] == ["inservice.E002"]
    catalogues.compile_stale(tmp_path)
    assert run_checks(tags=["translation"]) == []
