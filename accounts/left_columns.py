"""What release 1.0 reads of accounts until its last process has ended (`kit.beside`)."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import connection, transaction

from accounts.actions.proofs import RETENTION_AFTER_DECISION
from accounts.file_kinds import PAPER
from accounts.models import AccountApplication, IdentityChange, Proof
from files import actions
from kit.beside import LeftColumn

_WAITING = (
    "SELECT id, data FROM accounts_proof WHERE file_id IS NULL AND length(data) > 0 ORDER BY id LIMIT 1"
)


def move_papers() -> int:
    """Store the papers that 1.0 wrote into the column after the migration had read it; return how many. Safe to run twice."""
    moved = 0
    while _move_one():
        moved += 1
    return moved


@transaction.atomic
def _move_one() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        if (found := cursor.fetchone()) is None:
            return False
    proof = Proof.objects.get(pk=found[0])
    stored = actions.store_made(
        PAPER,
        owner_id=proof.uploaded_by_id,
        file=ContentFile(bytes(found[1])),
        name=proof.name,
        content_type=proof.content_type,
        at=proof.uploaded_at,
    )
    if not Proof.objects.filter(pk=proof.pk, file=None).update(file=stored):
        # Another run of the command was faster.
        transaction.set_rollback(True)
    elif (decided := _decided(proof)) is not None:
        actions.keep_until(stored, decided + RETENTION_AFTER_DECISION)
    return True


def _decided(proof: Proof) -> datetime | None:
    """Return when the request of a paper was decided."""
    for model in (AccountApplication, IdentityChange):
        at: datetime | None
        for at in model.objects.filter(proof=proof).values_list("decided_at", flat=True):
            return at
    return None


LEFT_COLUMNS = {
    # 1.0 opens a paper that it cannot know as an empty file.
    "accounts_proof.data": LeftColumn(default="''::bytea", move=move_papers)
}
