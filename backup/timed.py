"""When the reminder of the restore drill is prepared."""

from backup import reminders
from notices.timed import Timed

# Nobody's working hours depend on it.
HOUR = 8

TIMED = {reminders.KIND: Timed(lambda day: HOUR, reminders.batch, reminders.is_due)}
