"""The time-driven notices of closing and of questionnaires, and the overview of a unit."""

from courses.queries.reminder_hours import remind_hour
from hours.actions import due_reminders, objection_reminders, questionnaire_reminders, unit_overviews
from kit.holidays import is_workday
from notices.timed import Timed

TIMED = {
    objection_reminders.KIND: Timed(remind_hour, objection_reminders.batch, is_workday),
    due_reminders.KIND: Timed(remind_hour, due_reminders.batch, is_workday),
    questionnaire_reminders.KIND: Timed(
        remind_hour, questionnaire_reminders.batch, questionnaire_reminders.is_due
    ),
    unit_overviews.KIND: Timed(remind_hour, unit_overviews.batch, unit_overviews.is_due),
}
