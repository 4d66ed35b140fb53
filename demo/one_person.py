"""Two records of one person that were merged, and guests, in the demonstration."""

from decimal import Decimal

from accounts.actions import guests, merging
from accounts.actions.guests import GuestFacts
from courses.enums import Participation
from demo.people import DemoPeople, actor, without_log_in
from hours.models import WalkIn


def load(cast: DemoPeople) -> None:
    """Merge a record that an old file made into that of a teacher, and enter a person from outside."""
    second = without_log_in("second@demo.example", "陳雅芳")
    first = without_log_in("first@demo.example", "陳雅芳")
    operator = actor(cast.operator)
    merging.merge(person=first, second=second, by=operator, reason="舊名冊以另一電子郵件重複登錄同一人")
    facts = GuestFacts("潘來賓", "南州社區發展協會", "guest@demo.example")
    guests.enter(unit=cast.handler.unit, facts=facts, by=actor(cast.handler))


def helpers(cast: DemoPeople) -> list[WalkIn]:
    """Return a professor from outside who lectured, and the handler, who helped, for the closing of a course."""
    facts = GuestFacts("黃教授", "國立屏東大學", "professor@demo.example")
    by = actor(cast.family)
    lecturer = guests.enter(unit=cast.family.unit, facts=facts, by=by)
    return [
        WalkIn.of(lecturer.pk, Decimal(3), Participation.LECTURER),
        WalkIn.of(cast.family.user_id, Decimal(1), Participation.STAFF),
    ]
