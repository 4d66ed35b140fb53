"""What a registered course must say in public (H0050014 §10), asked before it is registered and on each step of the form."""

from django.utils.translation import gettext as _

from courses.enums import Mode
from courses.models import Course

REQUIRED = (
    "title",
    "approval_number",
    "summary",
    "audience",
    "materials",
    "method",
    "contact_name",
    "contact_phone",
)


def missing_facts(course: Course) -> dict[str, str]:
    """What the course must still say before it can be registered: the form's field and its name in the reader's language."""
    missing = {n: str(Course._meta.get_field(n).verbose_name) for n in REQUIRED if not getattr(course, n)}  # type: ignore[union-attr]
    if course.starts_on is None:
        missing["sessions"] = _("at least one session")
    if not course.instructors.all():
        missing["instructors"] = _("at least one instructor")
    if not course.stages.all():
        missing["stages"] = _("stages of the audience")
    if course.mode != Mode.ONLINE and not course.place:
        missing["place"] = _("place")
    if course.mode != Mode.ON_SITE and not course.meeting_link:
        missing["meeting_link"] = _("meeting link")
    return missing
