from django.http import HttpRequest

from notices.models import Notice


def unread(request: HttpRequest) -> dict[str, object]:
    """The bell's number; asked lazily so that pages without a bell cost no query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {"unread_notices": Notice.objects.for_person(user.pk).unread().count}
