"""The scheduled tasks of courses and lights."""

from django.conf import settings

from kit.schedule import Cron, Entry

SCHEDULE = {
    "lights-at-the-start-of-the-day": Entry("courses.tasks.refresh_lights", Cron(hour=0, minute=5)),
    "lights-each-hour": Entry("courses.tasks.refresh_lights", settings.LIGHTS_EVERY or Cron(minute=35)),
    "kept-places-at-the-start-of-the-day": Entry("courses.tasks.release_places", Cron(hour=0, minute=1)),
    "kept-places-each-hour": Entry("courses.tasks.release_places", Cron(minute=20)),
    "old-answers-each-night": Entry("courses.tasks.delete_old_answers", Cron(hour=3, minute=40)),
    "facets-of-the-catalogue": Entry("courses.tasks.count_catalogue", 120.0),
    "requests-at-closed-units": Entry("courses.tasks.end_requests_at_closed_units", Cron(hour=0, minute=25)),
    "enrolments-of-leavers": Entry("courses.tasks.cancel_enrolments_of_leavers", Cron(hour=0, minute=30)),
    "calendar-each-morning": Entry("courses.tasks.watch_calendar", Cron(hour=7, minute=0)),
}
