"""The scheduled tasks of stored files."""

from kit.schedule import Cron, Entry

SCHEDULE = {"files-past-their-time-each-hour": Entry("files.tasks.expire", Cron(minute=25))}
