"""`python -m bench.bare.prepare PEOPLE`: tables, people, a session each. Prints the session keys as JSON."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.bare.settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402

from bench.sessions import open_sessions  # noqa: E402


def main(people: int) -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    if User.objects.count() < people:
        User.objects.all().delete()
        User.objects.bulk_create(User(username=f"t{n}", password="!") for n in range(people))
    backend = "django.contrib.auth.backends.ModelBackend"
    print(json.dumps(open_sessions(User.objects.order_by("pk")[:people], backend)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
