"""What every page shows of the site itself."""

from django.conf import settings
from django.http import HttpRequest

from inservice.demo_logins import LOGINS


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "operator_contact": settings.OPERATOR_CONTACT,
        "demo": settings.DEMO,
        "demo_logins": LOGINS if settings.DEMO else [],
    }
