"""The scheduled tasks of the API."""

from kit.schedule import Cron, Entry

SCHEDULE = {"idempotency-keys-each-hour": Entry("api.tasks.forget_idempotency_keys", Cron(minute=50))}
