"""The scheduled tasks of log-ins."""

from kit.schedule import Cron, Entry

SCHEDULE = {
    "log-ins-each-night": Entry("signin.tasks.tidy_log_ins", Cron(hour=3, minute=15)),
}
