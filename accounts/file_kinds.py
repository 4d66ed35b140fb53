"""Files of people and accounts: papers sent with a request."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor
from accounts.enums import RequestState
from accounts.queries.people import applications_in_reach, changes_in_reach
from accounts.queries.persons import is_record_of
from files.models import StoredFile
from files.registry import MEGABYTE, FileKind
from kit.file_types import PDF, PICTURES, TABLES

PAPER, CODE_LIST = "papers", "code-lists"


def may_read_paper(file: StoredFile, by: Any) -> bool:
    """Return whether the actor sent the paper or, until the decision, may decide about its request."""
    if not isinstance(by, Actor):
        return False
    waiting = {"proof__file": file, "state": RequestState.PENDING}
    return (
        is_record_of(file.owner_id, by.person_id)
        or applications_in_reach(by).filter(**waiting).exists()
        or changes_in_reach(by).filter(**waiting).exists()
    )


def may_read_own(file: StoredFile, by: Any) -> bool:
    return isinstance(by, Actor) and is_record_of(file.owner_id, by.person_id)


KINDS = {
    PAPER: FileKind(_("paper"), PICTURES | {PDF}, 2 * MEGABYTE, may_read_paper),
    CODE_LIST: FileKind(
        _("file of a list"), TABLES, MEGABYTE, may_read_own, keep=timedelta(hours=24), records_end=False
    ),
}
