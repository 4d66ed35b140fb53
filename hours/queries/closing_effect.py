"""The effect of closing a course on its unit's light: the light's own query, in advance."""

from dataclasses import dataclass

from django.db.models import Count, Q

from courses.enums import Colour
from courses.models import Course, YearlyPolicy
from courses.queries.lights import unit_colour
from kit import clock


@dataclass(frozen=True)
class Effect:
    """Overdue courses and colour before and after closing."""

    before: int
    after: int
    colour_before: str
    colour: str

    @property
    def turns(self) -> bool:
        return self.colour != self.colour_before

    @property
    def opens(self) -> bool:
        """Registration, switched off under the red light, opens."""
        return self.colour_before == Colour.RED and self.colour != Colour.RED

    @property
    def counts(self) -> bool:
        return self.after != self.before


def effect_of_closing(course: Course) -> Effect:
    year = clock.this_year()
    policy = YearlyPolicy.objects.in_force(year)
    lighting = Course.objects.of_unit(course.unit_id).lighting(year)
    counted = lighting.aggregate(all=Count("pk"), this=Count("pk", filter=Q(pk=course.pk)))
    before, after = counted["all"], counted["all"] - counted["this"]
    return Effect(before, after, unit_colour(before, policy), unit_colour(after, policy))
