"""Letters that wait in the outbox, and a worker that drains them into the sink."""

from datetime import timedelta

from django.db import connection
from django.test.utils import override_settings

from accounts.models import User
from bench.copying import trust_rows
from kit import clock
from notices import outbox
from notices.models import Notice

ABOUT = "bench:"


def write(letters: int) -> int:
    """So many letters of five courses each, in the language of their reader."""
    people = list(User.objects.order_by("pk")[:100])
    courses = [{"code": f"508{n:04}", "title": "性別平等教育研習", "ended": clock.today()} for n in range(5)]
    facts = {"unit": "屏東縣立南州國中", "courses": courses}
    day = clock.today()
    return outbox.write(
        outbox.Letter(
            "please_close", people[n % len(people)], f"{ABOUT}{n}", day + timedelta(n % 7), "/unit/", facts
        )
        for n in range(letters)
    )


def drain(port: str) -> dict[str, int]:
    """What one worker's task does, until nothing waits."""
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=int(port),
        EMAIL_USE_TLS=False,
        EMAIL_USE_SSL=False,
    ):
        return outbox.drain_all(seconds=600)


def hold_others() -> int:
    """Letters that the set itself has waiting: they are nobody's measure."""
    return Notice.objects.unsent().exclude(object_ref__startswith=ABOUT).update(by_mail=False)


def clear() -> None:
    trust_rows()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notices_notice WHERE object_ref LIKE %s", [f"{ABOUT}%"])
        cursor.execute("RESET session_replication_role")
