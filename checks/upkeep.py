"""What fills up or stops while an installation runs: waiting jobs, the seals of the record, space on the disks."""

import hmac
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import seal, witness
from audit.keyed import chain_proof_of
from audit.models import AuditChain, EventKind
from checks.findings import Check, Finding, bad, warn, well
from jobs.models import Job
from kit import clock

# A job is begun within seconds, and one that was lost is sent again within a minute.
BEGUN_WITHIN = timedelta(minutes=10)
# The record is sealed every ten minutes.
SEALED_WITHIN = timedelta(hours=1)
GIGABYTE = 2**30
# Shares of a disk that are free.
FREE_WARN, FREE_BAD = 0.10, 0.03


def jobs() -> Finding:
    now = clock.now()
    waiting = Job.objects.unstarted(now - BEGUN_WITHIN).count()
    if waiting:
        return bad(
            _("%s jobs have been waiting for more than ten minutes.") % waiting,
            _("Start a worker of the queue “celery”; see its log (docs/operations.md, Processes)."),
        )
    if silent := Job.objects.silent(now).count():
        return warn(
            _("%s jobs give no sign of life.") % silent,
            _(
                "Nothing is to be done: they are marked or started again within minutes. See the worker's log."
            ),
        )
    return well(_("No job waits for a worker."))


def seals() -> Finding:
    chains = list(AuditChain.objects.all())
    wrong = [row for row in chains if not hmac.compare_digest(row.proof, chain_proof_of(row))]
    if wrong or len(chains) < len(EventKind):
        return bad(
            _("The seals of the record do not fit it."),
            _("Run manage.py verify_audit, which names each place, and keep the database as it is."),
        )
    oldest = seal.oldest_unsealed()
    if oldest and clock.now() - oldest > SEALED_WITHIN:
        return warn(
            _("The record has not been sealed for an hour."),
            _("Start one beat and at least one worker (docs/operations.md, Processes)."),
        )
    if not witness.can_be_written():
        return warn(
            _(
                "The witness file of the record cannot be written: the seals leave no trace outside of the database."
            ),
            _("Let the account of the site write to the file that AUDIT_WITNESS names."),
            settings.AUDIT_WITNESS,
        )
    return well(_("The record is sealed. manage.py verify_audit recomputes all seals."))


def folders() -> dict[Path, str]:
    """Return the folders that fill up, with what is kept in each."""
    found = {Path(settings.VAR_DIR): _("the installation's own files")}
    if isinstance(default_storage, FileSystemStorage):
        found.setdefault(Path(default_storage.location), _("the files that people send"))
    return {folder: use for folder, use in found.items() if folder.exists()}


def disk() -> Finding:
    """Look at the fullest disk. Its folder is named by what it is for; the path is for those who are at the machine."""
    uses = folders()
    usages = {folder: shutil.disk_usage(folder) for folder in uses}
    folder, usage = min(usages.items(), key=lambda one: one[1].free / one[1].total)
    share, rest = usage.free / usage.total, round(usage.free / GIGABYTE, 1)
    text = _("%(rest)s GB are free for %(use)s.") % {"rest": rest, "use": uses[folder]}
    if share < FREE_WARN:
        fix = _("Make room or enlarge the disk; when it is full, nothing can be stored.")
        return bad(text, fix, str(folder)) if share < FREE_BAD else warn(text, fix, str(folder))
    return well(text, str(folder))


CHECKS = (
    Check(gettext_lazy("Jobs"), jobs),
    Check(gettext_lazy("Seals of the record"), seals),
    Check(gettext_lazy("Disk"), disk),
)
