"""The scheduled tasks of webhooks."""

from django.conf import settings

from kit.schedule import Cron, Entry

SCHEDULE = {
    "webhooks": Entry("webhooks.tasks.send_waiting", settings.OUTBOX_EVERY),
    "webhooks-of-ended-accounts-each-morning": Entry("webhooks.tasks.pause_left", Cron(hour=8, minute=20)),
    "old-webhook-messages-each-night": Entry("webhooks.tasks.forget_old", Cron(hour=4, minute=20)),
}
