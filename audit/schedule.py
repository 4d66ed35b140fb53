"""The scheduled tasks of the record."""

from kit.schedule import Cron, Entry

SCHEDULE = {
    "seal-the-record": Entry("audit.tasks.seal_record", Cron(minute="*/10")),
    "retention-each-night": Entry("audit.tasks.apply_retention", Cron(hour=3, minute=45)),
}
