"""WSGI entry point: `gunicorn inservice.wsgi`. It imports every view, so that no first request waits for that."""

import os

from inservice.startup import ending_with_a_sentence, loading

# gunicorn ends at this code of a worker; at another one it would start the next worker again and again.
BOOT_ERROR = 3

with loading(), ending_with_a_sentence(BOOT_ERROR):
    from django.core.wsgi import get_wsgi_application
    from django.urls import reverse

    from kit.lock_waits import limit_lock_waits
    from kit.migration_state import require_migrated_if_there

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inservice.settings")
    application = get_wsgi_application()
    limit_lock_waits()
    # The first look-up of an address loads every view.
    reverse("healthz")
    # Pages over half the tables would be errors, or lack rows; `/readyz` sees later what is missing.
    require_migrated_if_there()
