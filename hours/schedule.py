"""The scheduled tasks of the sheets of closing."""

from kit.schedule import Cron, Entry

SCHEDULE = {"drafts-each-night": Entry("hours.tasks.tidy_drafts", Cron(hour=3, minute=30))}
