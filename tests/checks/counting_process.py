"""A process of the site that counts its requests: run by test_metrics.py with METRICS_PORT."""

import django
from django.test import Client

django.setup()

# It reads where to count when it is loaded, as the settings have named it by now.
from prometheus_client import CollectorRegistry, generate_latest  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

for path in ("/healthz", "/robots.txt", "/robots.txt"):
    Client().get(path, headers={"Host": "localhost"})
registry = CollectorRegistry()
MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
print(generate_latest(registry).decode())
