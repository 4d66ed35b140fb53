"""How many requests a minute one key and one network address may send to the API (`API_RATE_KEY`, `API_RATE_ADDRESS`)."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from accounts.models import ApiToken
from audit.trace import client_address


class Limit(SimpleRateThrottle):
    """A limit of Django REST framework whose rate is a setting; nothing there: no limit."""

    def get_rate(self) -> str | None:
        rates: dict[str, str] = settings.API_RATES
        return rates[str(self.scope)] or None


class AddressLimit(Limit):
    """Requests of one address, counted before a key is looked up: also those with a wrong one."""

    scope = "address"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"api:address:{client_address(request)}"


class KeyLimit(Limit):
    """Requests with one key; of a person who uses the API in the browser, all of the person's."""

    scope = "key"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if isinstance(request.auth, ApiToken):
            return f"api:key:{request.auth.pk}"
        return f"api:person:{request.user.pk}" if request.user.is_authenticated else None
