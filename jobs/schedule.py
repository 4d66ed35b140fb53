"""The scheduled tasks of background work."""

from kit.schedule import Cron, Entry

SCHEDULE = {
    "sweep-the-jobs": Entry("jobs.tasks.sweep", 20.0),
    "files-of-jobs-each-hour": Entry("jobs.tasks.expire", Cron(minute=20)),
}
