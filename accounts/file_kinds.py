"""Files of people and accounts: papers sent with a request."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.acting import Actor
from accounts.enums import RequestState
from accounts.queries.people import applications_in_reach, changes_in_reach
from files.models import StoredFile
from files.registry import MEGABYTE, FileKind
from kit.file_types import PDF, PICTURES

PAPER = "papers"


def may_read_paper(file: StoredFile, by: Any) -> bool:
    """Return whether the actor sent the paper or, until the decision, may decide about its request."""
    if not isinstance(by, Actor):
        return False
    waiting = {"proof__file": file, "state": RequestState.PENDING}
    return (
        file.owner_id == by.person_id
        or applications_in_reach(by).filter(**waiting).exists()
        or changes_in_reach(by).filter(**waiting).exists()
    )


KINDS = {PAPER: FileKind(_("paper"), PICTURES | {PDF}, 2 * MEGABYTE, may_read_paper)}
