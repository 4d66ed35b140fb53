"""The time-driven notices of courses ahead, of counties and of campaigns."""

from courses.actions import away_notices, campaign_notices, helper_reminders, watch_notices
from courses.actions import county_overviews as county
from courses.actions import course_reminders as reminders
from courses.queries.campaigns import FOLLOW_UP
from courses.queries.reminder_hours import day_before_hour, remind_hour
from kit.holidays import is_workday
from notices.timed import Timed

TIMED = {
    away_notices.KIND: Timed(remind_hour, away_notices.batch, away_notices.is_due),
    FOLLOW_UP: Timed(remind_hour, campaign_notices.follow_ups, is_workday),
    county.MONTH: Timed(remind_hour, county.month_batch, county.is_month_day),
    county.REST: Timed(remind_hour, county.rest_batch, county.is_rest_day),
    watch_notices.OPEN: Timed(remind_hour, watch_notices.open_batch, is_workday),
    watch_notices.FOUND: Timed(remind_hour, watch_notices.found_batch, is_workday),
    reminders.LEAVE: Timed(remind_hour, reminders.leave_batch, is_workday),
    reminders.UNDECIDED: Timed(remind_hour, reminders.undecided_batch, is_workday),
    reminders.UPCOMING: Timed(day_before_hour, reminders.upcoming_batch),
    helper_reminders.KIND: Timed(day_before_hour, helper_reminders.batch),
}
