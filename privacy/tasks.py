from django.conf import settings

from kit.celery_app import app
from privacy import retention_table


@app.task
def apply_retention() -> dict[str, int]:
    """Each night, if RETENTION_EACH_NIGHT: remove what has outlived its time. Safe to run twice."""
    return dict(retention_table.apply_all()) if settings.RETENTION_EACH_NIGHT else {}
