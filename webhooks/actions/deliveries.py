"""Write the messages: in the transaction of the change itself, so that a message exists if and only if the change does."""

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.enums import Role
from courses.models import Course
from kit import clock
from webhooks.models import Delivery, Webhook

# Messages are kept for so long, sent or not.
RETENTION = timedelta(days=30)
TEST = "test"


def on_course_announced(sender: object, *, courses: Sequence[Course], what: str, **more: Any) -> None:
    """Write a message about each course to every address whose webhook covers it and such changes."""
    rows = Webhook.objects.live().select_related("account__unit", "account__user")
    told = [row for row in rows if what in row.changes and row.account.is_active()]
    Delivery.objects.bulk_create(
        [_message(row, what, _facts(course)) for course in courses for row in told if _reaches(row, course)]
    )


def make_test(webhook: Webhook) -> Delivery:
    """Write a message that concerns no course."""
    row = _message(webhook, TEST, {"purpose": webhook.purpose})
    row.save()
    return row


def forget_old() -> int:
    """Delete messages that were made 30 days ago; return how many."""
    return Delivery.objects.filter(made_at__lt=clock.now() - RETENTION).delete()[0]


def _reaches(webhook: Webhook, course: Course) -> bool:
    account = webhook.account
    if account.role == Role.OPERATOR:
        return True
    if account.role == Role.COUNTY_OFFICER:
        return account.unit.county_id is not None and account.unit.county_id == course.unit.county_id
    return account.role == Role.UNIT_LEAD and account.unit_id == course.unit_id


def _facts(course: Course) -> dict[str, Any]:
    """What a message says: enough to decide whether the course concerns the partner, who then reads it by the API."""
    return {
        "code": course.code,
        "title": course.title,
        "state": course.state,
        "unit_code": course.unit.code,
        "starts_on": course.starts_on and course.starts_on.isoformat(),
        "ends_on": course.ends_on and course.ends_on.isoformat(),
        "is_postponed": course.postponed_at is not None,
        "url": settings.SITE_URL + reverse("api:course", args=[course.code]),
    }


def _message(webhook: Webhook, what: str, data: dict[str, Any]) -> Delivery:
    now, kind = clock.now(), f"course.{what}" if what != TEST else "webhook.test"
    facts = {"type": kind, "timestamp": now.isoformat(), "data": data}
    body = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    number = f"msg_{uuid.uuid4().hex}"
    return Delivery(webhook=webhook, message_id=number, kind=kind, body=body, made_at=now, next_at=now)
