"""The facts that a registered course must publish (H0050014 §10): checked on each step of the form and before registration."""

from courses.enums import Mode, RequiredFact
from courses.models import Course

R = RequiredFact
# Facts that are columns of the course, under these names.
COLUMNS = (
    R.TITLE,
    R.APPROVAL_NUMBER,
    R.SUMMARY,
    R.AUDIENCE,
    R.MATERIALS,
    R.METHOD,
    R.CONTACT_NAME,
    R.CONTACT_PHONE,
)


def missing_facts(course: Course) -> list[RequiredFact]:
    """Return the facts that are missing before the course can be registered; a value is the name of the form's field."""
    missing = [fact for fact in COLUMNS if not getattr(course, fact)]
    if course.starts_on is None:
        missing.append(R.SESSIONS)
    if not course.instructors.all():
        missing.append(R.INSTRUCTORS)
    if not course.stages.all():
        missing.append(R.STAGES)
    if course.mode != Mode.ONLINE and not course.place:
        missing.append(R.PLACE)
    if course.mode != Mode.ON_SITE and not course.meeting_link:
        missing.append(R.MEETING_LINK)
    return missing
