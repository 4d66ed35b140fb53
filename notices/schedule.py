"""The scheduled tasks of the outbox."""

from django.conf import settings

from kit.schedule import Cron, Entry

SCHEDULE = {
    "drain-the-outbox": Entry("notices.tasks.drain_outbox", settings.OUTBOX_EVERY),
    "time-driven-notices": Entry("notices.tasks.prepare_timed", Cron(minute="*/5")),
    "old-mail-each-night": Entry("notices.tasks.forget_old_mail", Cron(hour=4, minute=0)),
}
