"""The libraries that ours stands on, put together as their manuals say, without a line of ours: the second reference of a start."""

from bench.libraries.celery import app as celery_app

__all__ = ["celery_app"]
