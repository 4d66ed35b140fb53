"""The operator's imports: first a check of the file, then the same file carried out."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.acting import Actor
from accounts.errors import CheckFirst, ConfirmNames
from accounts.locks import lock_actor
from accounts.rules import require_operator
from jobs import actions
from jobs.enums import JobState
from jobs.models import Job


def shown_by(checked: Job) -> dict[str, Any]:
    """Return what the check of a file showed, to which its import is bound."""
    names = ("mark", "created", "changed", "unchanged", "refused")
    return {name: checked.outcome[name] for name in names if name in checked.outcome}


@transaction.atomic
def check(kind: str, *, by: Actor, upload: "UploadedFile[Any]") -> Job:
    """Start the dry run of a file. Raise OnlyOperatorMay."""
    by = lock_actor(by)
    require_operator(by)
    return actions.start(kind, by=by, parameters={"dry_run": True}, upload=upload)


@transaction.atomic
def compare_units(*, by: Actor, upload: "UploadedFile[Any]") -> Job:
    """Start the comparison of a yearly list of units. Raise OnlyOperatorMay."""
    by = lock_actor(by)
    require_operator(by)
    return actions.start("compare_units", by=by, parameters={"name": upload.name or ""}, upload=upload)


@transaction.atomic
def carry_out(
    *, by: Actor, checked: Job, skip_bad_rows: bool, rename: bool = False, invite: bool = False
) -> Job:
    """Start the import of the very file that was checked. `rename`: units may get the other names that the check found; `invite`:
    the new people are invited to log in.

    Raise OnlyOperatorMay, CheckFirst, ConfirmNames, OtherHat, FileGone.
    """
    by = lock_actor(by)
    require_operator(by)
    actions.require_files(checked, by)
    counts = checked.outcome
    if checked.state != JobState.DONE or not counts.get("dry_run"):
        raise CheckFirst
    if counts.get("refused") and not skip_bad_rows:
        raise CheckFirst
    if counts.get("renamed") and not rename:
        raise ConfirmNames(number=counts["renamed"])
    return actions.start(
        checked.kind,
        by=by,
        parameters={
            "skip_bad_rows": skip_bad_rows,
            "rename": rename,
            "invite": invite,
            "checked": shown_by(checked),
        },
        input_of=checked,
        total=checked.total,
    )
