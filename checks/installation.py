"""What the machines provide: keys, database and its role, cache, files, clock, catalogue, addresses."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import key_canaries
from audit.models import AuditEvent
from checks.findings import Check, Finding, bad, warn, well
from checks.probes import STATIC_FILE
from kit import beside, catalogues, clock
from kit.migration_state import missing_migrations

# Sessions, links and deadlines are compared with the clock of each machine.
APART_WARN, APART_BAD = timedelta(seconds=2), timedelta(seconds=30)
RIGHTS_OF_ROLE = """
    SELECT rolsuper, pg_has_role(current_user, relowner, 'USAGE'), current_user::text
    FROM pg_roles, pg_class WHERE rolname = current_user AND pg_class.oid = 'hours_hourcredit'::regclass
"""


def database() -> Finding:
    connection.ensure_connection()
    if settings.EMBEDDED:
        return warn(
            _("The database is a file of this machine: good for a trial, not for service."),
            _("Set DATABASE_URL to a PostgreSQL database."),
        )
    return well(_("PostgreSQL answers."))


def migrations() -> Finding:
    if missing := missing_migrations():
        return bad(
            _("%s steps of the database are missing.") % missing,
            _("Run manage.py migrate as the owner."),
        )
    if left := beside.left_columns(connection):
        return warn(
            _("An upgrade is not finished: %s stay for the release before.") % ", ".join(left),
            _(
                "When its last process has ended, run manage.py finish_upgrade as the owner (docs/upgrading.md)."
            ),
        )
    return well(_("The database has every table that this version needs."))


def role() -> Finding:
    if connection.vendor != "postgresql":
        return well(_("Not needed: the embedded database has no roles."))
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS_OF_ROLE)
        superuser, owner, name = cursor.fetchone()
    if superuser or owner:
        return warn(
            _("The role %s owns the tables: an intruder could take off their safeguards.") % name,
            _(
                "Name the owner in MIGRATE_DATABASE_URL and a new role in DATABASE_URL, run manage.py grant_app_role, then restart (docs/operations.md, Roles)."
            ),
        )
    return well(_("The role %s owns no table and cannot change what was recorded.") % name)


def keys() -> Finding:
    if names := key_canaries.wrong():
        return bad(
            _("%s: not the key with which this database was written.") % ", ".join(names),
            _("Take the key from where it is kept apart from the database (docs/operations.md, Keys)."),
        )
    if settings.KEYS_DERIVED:
        return warn(
            _("%s: no key of its own; a new SECRET_KEY would lose what was sealed.")
            % ", ".join(settings.KEYS_DERIVED),
            _("Make the keys before the first person is stored (docs/operations.md, Keys)."),
        )
    return well(_("Each key is set and belongs to this database."))


def redis() -> Finding:
    if not settings.REDIS_URL:
        missing = _("No Redis: work is handed over through files of this machine.")
        fix = _("Set REDIS_URL; several machines and many people need it.")
        return warn(missing, fix)
    text = secrets.token_hex(8)
    cache.set("checks.redis", text, 30)
    if cache.get("checks.redis") != text:
        return bad(_("Redis does not answer."), _("Start Redis, or correct REDIS_URL."))
    return well(_("Redis answers."))


def static_files() -> Finding:
    found = bool(finders.find(STATIC_FILE))
    if not settings.WHITENOISE_USE_FINDERS:
        try:
            name = staticfiles_storage.url(STATIC_FILE).removeprefix(f"/{settings.STATIC_URL.strip('/')}/")
            found = (settings.STATIC_ROOT / name).is_file()
        except ValueError:
            # The manifest does not name it.
            found = False
    if not found:
        return bad(
            _("The style sheet is missing: pages would have no look and no dialogs."),
            _("Run manage.py collectstatic --noinput, then restart the web processes."),
        )
    return well(_("Style sheet and scripts are there."))


def uploads() -> Finding:
    name = default_storage.save(f"checks/{secrets.token_hex(8)}.txt", ContentFile(b"well"))
    try:
        with default_storage.open(name) as file:
            kept = file.read() == b"well"
    finally:
        default_storage.delete(name)
    if not kept:
        return bad(
            _("A file that was stored came back changed."),
            _("Look at the storage of files (docs/operations.md, Background work)."),
        )
    return well(_("Files can be stored and read."))


def machine_clock() -> Finding:
    now = clock.now()
    newest = AuditEvent.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest and newest > now + APART_BAD:
        return bad(
            _("The clock of this machine is behind the last entry of the record."),
            _("Set the clock by NTP, on all machines."),
        )
    if connection.vendor != "postgresql":
        return well(_("The clock goes on from the last entry of the record."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - clock.now())
    if apart > APART_WARN:
        text = _("The clocks of this machine and of the database differ by %s seconds.") % round(
            apart.total_seconds()
        )
        fix = _("Set the clock by NTP, on all machines.")
        return bad(text, fix) if apart > APART_BAD else warn(text, fix)
    return well(_("This machine and the database have the same time."))


def catalogue() -> Finding:
    if any(catalogues.stale(folder) for folder in settings.LOCALE_PATHS):
        return bad(_("The Chinese sentences are not compiled."), _("Run script/messages compile."))
    return well(_("The Chinese sentences are compiled."))


def address() -> Finding:
    if settings.DEMO:
        return warn(_("This is the demonstration: everybody may log in."), _("Unset DEMO."))
    if not settings.HTTPS:
        return warn(
            _("The address %s is not encrypted.") % settings.SITE_URL,
            _("Set SITE_URL to the public address, which begins with https://."),
        )
    if "*" in settings.ALLOWED_HOSTS:
        return warn(_("Any name of a host is accepted."), _("Set ALLOWED_HOSTS to the host of SITE_URL."))
    return well(_("The address is %s.") % settings.SITE_URL)


def retention() -> Finding:
    if mistakes := run_checks(tags=["retention"]):
        return bad(
            _("Nothing is deleted, as these settings have a mistake: %s")
            % " ".join(found.msg for found in mistakes),
            _("Correct RETENTION_DAYS and RETAIN_… (docs/privacy.md), then restart."),
        )
    return well(_("The settings say how long data are kept."))


CHECKS = (
    Check(gettext_lazy("Database"), database),
    Check(gettext_lazy("Tables"), migrations),
    Check(gettext_lazy("Role at the database"), role),
    Check(gettext_lazy("Secret keys"), keys),
    Check(gettext_lazy("Address"), address),
    Check(gettext_lazy("Redis"), redis),
    Check(gettext_lazy("Static files"), static_files),
    Check(gettext_lazy("Uploaded files"), uploads),
    Check(gettext_lazy("Clock"), machine_clock),
    Check(gettext_lazy("Chinese sentences"), catalogue),
    Check(gettext_lazy("How long data are kept"), retention),
)
