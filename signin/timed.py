"""When the notices of keys for programs are prepared."""

from notices.timed import Timed
from signin.actions import key_reminders

# A program works on any day, at any hour.
HOUR = 8

TIMED = {key_reminders.KIND: Timed(lambda day: HOUR, key_reminders.batch)}
