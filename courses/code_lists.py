"""The lists that courses choose from, as the operator keeps them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.code_lists import CodeList, referring
from accounts.errors.code_lists import PathTooLong
from courses.models import AudienceGroup, CourseNature, Stage, Tag
from courses.queries import references

SEPARATOR = " › "


def _forget(_row: object) -> None:
    transaction.on_commit(references.forget)


def _write_paths(row: Any) -> None:
    """Write the path of an entry of the tree, and of all below it, anew. Raise PathTooLong."""
    if row.pk:
        row.path = f"{row.parent.path}{SEPARATOR}{row.name}" if row.parent else row.name
        most = CourseNature._meta.get_field("path").max_length or 0
        if len(row.path) > most:
            raise PathTooLong(most=most, path=row.path)
        row.save(update_fields=["path"])
        for below in CourseNature._default_manager.filter(parent=row):
            _write_paths(below)
    _forget(row)


LISTS = {
    "tags": CodeList(_("Tags"), Tag, referring, _forget),
    "stages": CodeList(_("Stages"), Stage, referring, _forget),
    "groups": CodeList(_("Groups of the audience"), AudienceGroup, referring, _forget),
    "natures": CodeList(_("Natures of courses"), CourseNature, referring, _write_paths, is_tree=True),
}
