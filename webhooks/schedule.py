"""The scheduled tasks of webhooks."""

from django.conf import settings

from kit.schedule import Cron, Entry

SCHEDULE = {
    "webhooks": Entry("webhooks.tasks.send_waiting", settings.OUTBOX_EVERY),
    "old-webhook-messages-each-night": Entry("webhooks.tasks.forget_old", Cron(hour=4, minute=20)),
}
