"""A unit's staff list from a file: first a check of the file, then the same file carried out with what was chosen."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.acting import Actor
from accounts.actions.imports import shown_by
from accounts.errors import CheckFirst, LastDayNeeded, MayNotKeepPlaces
from accounts.locks import lock_actor
from accounts.rules import may_send_roster
from jobs import actions
from jobs.enums import JobState
from jobs.models import Job

KIND = "import_roster"


@transaction.atomic
def check(*, by: Actor, upload: "UploadedFile[Any]") -> Job:
    """Start the dry run of a roster. Raise MayNotKeepPlaces."""
    by = lock_actor(by)
    if not may_send_roster(by):
        raise MayNotKeepPlaces
    return actions.start(KIND, by=by, parameters={"dry_run": True}, upload=upload)


@transaction.atomic
def carry_out(
    *,
    by: Actor,
    checked: Job,
    skip_bad_rows: bool = False,
    ends: Sequence[int] = (),
    last_day: date | None = None,
    end_elsewhere: bool = False,
    confirmed: bool = False,
    invite: bool = False,
) -> Job:
    """Start saving the very file that was checked, with the places that end; `invite`: the new people are invited to log in.

    Raise MayNotKeepPlaces, CheckFirst, LastDayNeeded, OtherHat, FileGone.
    """
    by = lock_actor(by)
    if not may_send_roster(by):
        raise MayNotKeepPlaces
    actions.require_files(checked, by)
    counts = checked.outcome
    if checked.kind != KIND or checked.state != JobState.DONE or not counts.get("dry_run"):
        raise CheckFirst
    if counts.get("refused") and not skip_bad_rows:
        raise CheckFirst
    if ends and last_day is None:
        raise LastDayNeeded
    chosen = {
        "skip_bad_rows": skip_bad_rows,
        "ends": sorted(ends),
        "last_day": last_day.isoformat() if last_day else None,
        "end_elsewhere": end_elsewhere,
        "confirmed": confirmed,
        "invite": invite,
        "checked": shown_by(checked),
    }
    return actions.start(KIND, by=by, parameters=chosen, input_of=checked, total=checked.total)
