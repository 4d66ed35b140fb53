"""What beat starts, and when (Asia/Taipei).

A message lives until its successor comes: what piled up while no worker ran is dropped unread, so that no person's job waits
behind a day of them. Nothing is lost by that, as each task does all that is due.
"""

from typing import Any

from celery.schedules import crontab
from django.conf import settings

DAY = 24 * 3600

_SCHEDULE: dict[str, dict[str, Any]] = {
    "lights-at-the-start-of-the-day": {
        "task": "courses.tasks.refresh_lights",
        "schedule": crontab(hour=0, minute=5),
    },
    "lights-each-hour": {
        "task": "courses.tasks.refresh_lights",
        "schedule": settings.LIGHTS_EVERY or crontab(minute=35),
    },
    "facets-of-the-catalogue": {"task": "courses.tasks.count_catalogue", "schedule": 120.0},
    "calendar-each-morning": {"task": "courses.tasks.watch_calendar", "schedule": crontab(hour=7, minute=0)},
    "accounts-each-night": {"task": "accounts.tasks.watch_accounts", "schedule": crontab(hour=0, minute=15)},
    "log-ins-each-night": {"task": "accounts.tasks.tidy_log_ins", "schedule": crontab(hour=3, minute=15)},
    "drafts-each-night": {"task": "hours.tasks.tidy_drafts", "schedule": crontab(hour=3, minute=30)},
    "seal-the-record": {"task": "audit.tasks.seal_record", "schedule": crontab(minute="*/10")},
    "retention-each-night": {"task": "audit.tasks.apply_retention", "schedule": crontab(hour=3, minute=45)},
    "drain-the-outbox": {"task": "notices.tasks.drain_outbox", "schedule": settings.OUTBOX_EVERY},
    "old-mail-each-night": {"task": "notices.tasks.forget_old_mail", "schedule": crontab(hour=4, minute=0)},
    "sweep-the-jobs": {"task": "jobs.tasks.sweep", "schedule": 60.0},
    "files-of-jobs-each-hour": {"task": "jobs.tasks.expire", "schedule": crontab(minute=20)},
}


def seconds_between(schedule: crontab | float) -> float:
    """The time from one start to the next. A crontab here names minutes, and hours when it is meant for once a day."""
    if not isinstance(schedule, crontab):
        return schedule
    return DAY / (len(schedule.hour) * len(schedule.minute))


SCHEDULE = {
    name: {**entry, "options": {"expires": seconds_between(entry["schedule"]), **entry.get("options", {})}}
    for name, entry in _SCHEDULE.items()
}
