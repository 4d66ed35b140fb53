"""The scheduled tasks. Each app lists its own in `<app>/schedule.py` and registers them; beat reads them in `kit.celery_app`.

This module does not import Celery: web processes register schedules as well and never load it.
"""

from dataclasses import dataclass

from kit.registry import Registry


@dataclass(frozen=True)
class Cron:
    """Minute and hour of the day in Asia/Taipei, written as in crontab; without an hour, every hour."""

    minute: int | str
    hour: int | str = "*"


@dataclass(frozen=True)
class Entry:
    """`task` is the dotted name of a Celery task; `when` is a time of the day or a number of seconds from one start to the next."""

    task: str
    when: Cron | float


SCHEDULE: Registry[Entry] = Registry("scheduled task")
