"""The scheduled task of retention."""

from kit.schedule import Cron, Entry

SCHEDULE = {"outlived-data-each-night": Entry("privacy.tasks.apply_retention", Cron(hour=4, minute=10))}
