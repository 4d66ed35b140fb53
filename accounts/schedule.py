"""The scheduled tasks of accounts and log-ins."""

from kit.schedule import Cron, Entry

SCHEDULE = {
    "accounts-each-night": Entry("accounts.tasks.watch_accounts", Cron(hour=0, minute=15)),
    "log-ins-each-night": Entry("accounts.tasks.tidy_log_ins", Cron(hour=3, minute=15)),
}
