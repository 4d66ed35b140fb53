"""The time-driven notices of closing."""

from courses.queries.reminder_hours import remind_hour
from hours.actions import due_reminders
from kit.holidays import is_workday
from notices.timed import Timed

TIMED = {due_reminders.KIND: Timed(remind_hour, due_reminders.batch, is_workday)}
