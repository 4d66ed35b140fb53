"""Act with the rights of the application's role, in the transaction of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from checks import app_role


@contextmanager
def as_the_application() -> Iterator[None]:
    """Work as a role that is made in this transaction and goes with it."""
    # Roles belong to the cluster, which the workers of a run share.
    name = f"app_of_{connection.settings_dict['NAME']}"
    app_role.grant(app_role.Login(name, ""))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(name)}")
        yield
        cursor.execute("RESET ROLE")
