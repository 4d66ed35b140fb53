"""WSGI entry point: `gunicorn inservice.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")

application = get_wsgi_application()
