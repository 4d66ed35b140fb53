"""The statements that requests send, of whatever project the settings are.

python -m tests.bench.sent_statements        reads requests (`bench.clients.Ask`) as JSON from standard input, prints a list for each
"""

import json
import sys
from typing import Any

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.clients import SECRET


def statements(asks: list[dict[str, Any]]) -> list[list[str]]:
    """Send the requests in this process; return the statements of each."""
    found = []
    for ask in asks:
        client = Client(enforce_csrf_checks=True)
        client.cookies.load(ask["cookie"])
        connection.ensure_connection()
        with CaptureQueriesContext(connection) as captured:
            response = client.post(
                ask["path"], {"csrfmiddlewaretoken": SECRET}, headers={"host": "127.0.0.1"}
            )
        assert response.status_code == 302 and "login" not in response["Location"], (ask, response)
        found.append([query["sql"] for query in captured.captured_queries])
    return found


if __name__ == "__main__":
    django.setup()
    json.dump(statements(json.load(sys.stdin)), sys.stdout)
