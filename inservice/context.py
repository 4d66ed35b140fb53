"""What every page shows of the site itself."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"operator_contact": settings.OPERATOR_CONTACT, "demo": settings.DEMO}
