"""What county officers and the operator see."""

from django.db.models import QuerySet

from accounts.enums import KeyScope
from api import actor
from api import serializers as s
from api.pagination import Key
from api.views.base import ListView
from courses.actions import lights
from courses.models import UnitLight
from courses.queries import oversight


class CountyLights(ListView):
    """Lights of the officer's county (of all counties for the operator), by need."""

    serializer_class = s.CountyLightSerializer
    responses = {200: s.CountyLightSerializer}
    queryset = UnitLight.objects.none()
    wears_hat = True
    key_scope = KeyScope.COURSES
    # As in courses.queries.oversight, with a unique end.
    order = (
        Key("overdue", descending=True),
        Key("rest", descending=True, nullable=True),
        Key("unclosed", descending=True),
        Key("oldest_ended_on", nullable=True),
        Key("unit__code"),
        Key("unit__level"),
        Key("id"),
    )

    def get_queryset(self) -> QuerySet[UnitLight]:
        by = actor.of_route(self.request)
        county = None if by.is_operator_hat or by.account is None else by.county.pk
        lights.complete(county_id=county)
        return oversight.lights_now(county)
