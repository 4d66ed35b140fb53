"""What processes keep for each other is found by the same code only."""

import os
from pathlib import Path

import pytest
from django.core.cache import cache

from kit import code_version, table_versions
from kit.code_version import fingerprint, keyed


def test_the_version_follows_each_module_template_and_translation(tmp_path: Path) -> None:
    for name in ("a.py", "b.html", "c.mo"):
        (tmp_path / name).write_text("one")
        os.utime(tmp_path / name, (1, 1))
    first = fingerprint([tmp_path])
    assert fingerprint([tmp_path]) == first
    (tmp_path / "notes.md").write_text("no code")
    assert fingerprint([tmp_path]) == first
    for name in ("a.py", "b.html", "c.mo"):
        os.utime(tmp_path / name, (2, 2))
        assert fingerprint([tmp_path]) != first
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / "d.py").touch()
    assert fingerprint([tmp_path]) != first


def test_the_version_is_one_of_this_projects_own_code() -> None:
    folders = [str(path) for path in code_version._folders()]
    assert any(path.endswith("/courses") for path in folders)
    assert any(path.endswith("/templates") for path in folders)
    assert not [path for path in folders if "site-packages" in path]


@pytest.mark.django_db(transaction=True)
def test_what_another_version_has_kept_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old and new processes run side by side during an upgrade, and an old one keeps another shape."""
    assert table_versions.cached("catalogue", "cards", lambda: "an old shape") == "an old shape"
    monkeypatch.setattr(code_version, "code_version", lambda: "newer")
    assert table_versions.cached("catalogue", "cards", lambda: {1: "a new one"}) == {1: "a new one"}
    # A change is noticed by both.
    table_versions.renew(["catalogue"])
    assert table_versions.cached("catalogue", "cards", lambda: "anew") == "anew"


def test_a_key_names_the_version() -> None:
    cache.set(keyed("word"), 1, 5)
    assert cache.get("word") is None and cache.get(keyed("word")) == 1
