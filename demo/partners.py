"""Two webhooks: the county's, whose messages are taken, and the lead's, which is paused after a failure of the partner's system.

Their hosts exist nowhere (`.example`, RFC 2606).
"""

from courses.enums import PublicChange
from courses.models import Course
from demo.people import DemoPeople, actor
from kit import clock
from webhooks.actions import deliveries, pausing, webhooks

FAILURE = "HTTP 500"


def load(cast: DemoPeople, courses: list[Course]) -> None:
    """`courses`: those about which the partners got messages."""
    county, _secret = webhooks.add(
        by=actor(cast.county),
        url="https://training.county.example/hooks/courses",
        purpose="縣市研習行事曆",
        changes=[PublicChange.PUBLISHED, PublicChange.CLOSED],
    )
    lead, _secret = webhooks.add(
        by=actor(cast.lead),
        url="https://affairs.school.example/hooks",
        purpose="校務行政系統",
        changes=list(PublicChange),
    )
    deliveries.on_course_announced(None, courses=courses, what=PublicChange.PUBLISHED)
    county.deliveries.update(attempts=1, delivered_at=clock.now())
    lead.deliveries.update(attempts=3, last_error=FAILURE)
    pausing.pause(lead, FAILURE)
