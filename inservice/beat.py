"""What beat starts, and when (Asia/Taipei)."""

from celery.schedules import crontab
from django.conf import settings

SCHEDULE = {
    "lights-at-the-start-of-the-day": {
        "task": "courses.tasks.refresh_lights",
        "schedule": crontab(hour=0, minute=5),
    },
    "lights-each-hour": {
        "task": "courses.tasks.refresh_lights",
        "schedule": settings.LIGHTS_EVERY or crontab(minute=35),
    },
    "facets-of-the-catalogue": {"task": "courses.tasks.count_catalogue", "schedule": 120.0},
    "accounts-each-night": {"task": "accounts.tasks.watch_accounts", "schedule": crontab(hour=0, minute=15)},
    "log-ins-each-night": {"task": "accounts.tasks.tidy_log_ins", "schedule": crontab(hour=3, minute=15)},
    "drafts-each-night": {"task": "hours.tasks.tidy_drafts", "schedule": crontab(hour=3, minute=30)},
    "seal-the-record": {"task": "audit.tasks.seal_record", "schedule": crontab(minute="*/10")},
    "retention-each-night": {"task": "audit.tasks.apply_retention", "schedule": crontab(hour=3, minute=45)},
    "drain-the-outbox": {"task": "notices.tasks.drain_outbox", "schedule": settings.OUTBOX_EVERY},
    "sweep-the-jobs": {"task": "jobs.tasks.sweep", "schedule": 60.0},
    "files-of-jobs-each-hour": {"task": "jobs.tasks.expire", "schedule": crontab(minute=20)},
}
