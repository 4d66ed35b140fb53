"""The scheduled tasks of accounts."""

from kit.schedule import Cron, Entry

SCHEDULE = {
    "accounts-each-night": Entry("accounts.tasks.watch_accounts", Cron(hour=0, minute=15)),
}
