"""Whether the data would survive the loss of a machine: the last backup and the last restore drill."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup import drill_reminder, encryption, runs
from backup.enums import RunKind
from checks.findings import Check, Finding, bad, warn, well
from kit import clock

# So many times the allowed age: backups have stopped.
STOPPED = 3


def last_backup() -> Finding:
    fix = _("Run manage.py backup each night (docs/backup.md) and look at what it says.")
    run = runs.last(RunKind.BACKUP)
    if run is None:
        return warn(_("No backup has been made yet."), fix)
    hours = int((clock.now() - run.ended_at) / timedelta(hours=1))
    if hours > settings.BACKUP_MAX_HOURS:
        found = bad if hours > STOPPED * settings.BACKUP_MAX_HOURS else warn
        return found(_("The last backup is %s hours old.") % hours, fix)
    if missing := run.facts.get("missing"):
        return warn(
            _("The last backup lacks %s files: their bytes are not in the storage, or were changed.")
            % len(missing),
            _("Take them from an earlier backup; manage.py backup names them."),
        )
    if run.name.endswith(encryption.PLAIN):
        return warn(_("The last backup is not encrypted."), _("Set BACKUP_RECIPIENT (docs/backup.md)."))
    return well(_("The last backup is %s hours old.") % hours)


def restore_drill() -> Finding:
    last = drill_reminder.last_drill_day()
    fix = _("Run script/restore-drill each month (docs/backup.md).")
    if last is None:
        return warn(_("No restore drill has been recorded yet."), fix)
    text = _("The last restore drill was on %s.") % clock.to_roc(last)
    return warn(text, fix) if drill_reminder.is_missing(last, clock.today()) else well(text)


CHECKS = (
    Check(gettext_lazy("Last backup"), last_backup),
    Check(gettext_lazy("Restore drill"), restore_drill),
)
