"""When the reminder of the restore drill is prepared."""

from backup import drill_reminder
from notices.timed import Timed

# Nobody's working hours depend on it.
HOUR = 8

TIMED = {drill_reminder.KIND: Timed(lambda day: HOUR, drill_reminder.batch, drill_reminder.is_due)}
