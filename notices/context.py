from django.db import connection
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notices.models import Notice
from notices.readers import READERS

# The count of `Notice.objects.for_person(…).unread()` for a person with one record; every page of who is logged in runs it (docs/adr/0048).
UNREAD = "SELECT COUNT(*) FROM notices_notice WHERE recipient_id = %s AND in_inbox AND read_at IS NULL"


def unread(request: HttpRequest) -> dict[str, object]:
    """The number at the bell; a lazy query, run once however often the template uses it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {"unread_notices": SimpleLazyObject(lambda: unread_of(user.pk))}


def unread_of(user_id: int) -> int:
    """Return how many notices in a person's inbox are not read."""
    if not READERS.has_one(user_id):
        return Notice.objects.for_person(user_id).unread().count()
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [user_id])
        return int(cursor.fetchone()[0])
