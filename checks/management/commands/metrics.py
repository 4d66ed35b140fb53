"""`manage.py metrics`: figures for Prometheus, on a port of their own that is not the site's."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from checks.prometheus_gauges import InstallationGauges


class Command(BaseCommand):
    help = (
        "Serves figures for Prometheus at METRICS_ADDRESS and METRICS_PORT: what waits and how long, and the requests of the web "
        "processes of this machine. One on each machine; the port must not be reachable from outside."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.METRICS_PORT:
            raise CommandError("METRICS_PORT is not set: metrics are off.")
        _server, thread = start_http_server(settings.METRICS_PORT, settings.METRICS_ADDRESS, registry())
        self.stdout.write(f"metrics at http://{settings.METRICS_ADDRESS}:{settings.METRICS_PORT}/metrics")
        thread.join()


def registry() -> CollectorRegistry:
    """Return what is served: the figures of the installation, and what the web processes count into their folder."""
    found = CollectorRegistry()
    found.register(InstallationGauges())
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(found, folder)  # type: ignore[no-untyped-call]  # prometheus_client has no types here
    return found
