"""What every page shows of the site itself."""

from django.conf import settings
from django.http import HttpRequest

from inservice.appearance import theme_of


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "operator_contact": settings.OPERATOR_CONTACT,
        "demo": settings.DEMO,
        "theme": theme_of(request),
    }
