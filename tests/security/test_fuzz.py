"""No odd request makes a server error, on SQLite and on PostgreSQL.

`script/test --long` sends 20,000 requests, `FUZZ_REQUESTS=…` another number; `FUZZ_SEED=…` repeats a run, whose seed is printed.
"""

import os

import pytest
from django.db import connection

from tests.security.fuzz import Fuzz
from tests.security.world import build

pytestmark = pytest.mark.django_db
# So many on any machine; another seed each, or SQLite would get the first of the same requests once more.
REQUESTS, SEEDS = {"postgresql": 2500, "sqlite": 1000}, {"postgresql": 20261124, "sqlite": 20261125}


def test_no_odd_request_makes_a_server_error(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("FUZZ_SEED", SEEDS[connection.vendor]))
    usual = 20_000 if os.environ.get("RUN_LONG") else REQUESTS[connection.vendor]
    found = Fuzz(build(), seed).run(int(os.environ.get("FUZZ_REQUESTS", usual)))
    with capsys.disabled():
        print(
            f"\nfuzz: seed {seed}, {found.sent} requests on {connection.vendor}, {dict(sorted(found.statuses.items()))}"
        )
        print("\n".join(found.slow[:20]))
    assert not found.faults, f"seed {seed}: {len(found.faults)} faults\n" + "\n".join(
        dict.fromkeys(found.faults)
    )
