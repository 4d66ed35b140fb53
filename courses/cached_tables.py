"""The tables of which pages keep what they have read (`kit.table_versions`)."""

from accounts.models import County, FormerCode, FormerName, Unit
from courses.models import (
    AudienceGroup,
    AudienceTarget,
    Campaign,
    Course,
    CourseFile,
    CourseNature,
    Enrolment,
    Instructor,
    Quota,
    Session,
    Stage,
    Tag,
    YearlyPolicy,
)
from courses.models.policy import POLICIES
from files.models import StoredFile
from kit.table_versions import group

# What the catalogue counts and lists; what a course's page has of other tables than the course's own; the courses like it.
CATALOGUE, PARTS, SIMILAR = "catalogue", "course-parts", "similar-courses"
# Whether any course keeps places.
ANY_QUOTA = "places-kept"
# Whether a campaign runs.
CAMPAIGNS = "campaigns"
# A place that is taken or given back, which says nothing of who may enrol.
SEATS = r'SET\s+"?seats_taken"?\s*=[^,]*?(?:,\s*"?seats_kept"?\s*=[^,]*?)?\sWHERE\s'
_LABELS = (Course.stages.through, Course.groups.through, Course.tags.through, Stage, AudienceGroup, Tag)
_REGISTERS = (County, FormerCode, FormerName, Unit, CourseNature)

TABLES = {
    CATALOGUE: group(Course, Session, Instructor, Enrolment, Quota, AudienceTarget, *_LABELS, *_REGISTERS),
    PARTS: group(Instructor, CourseFile, StoredFile, *_LABELS),
    ANY_QUOTA: group(Course, Quota, but=SEATS),
    SIMILAR: group(Course, AudienceTarget, Course.stages.through, Course.tags.through, Unit, but=SEATS),
    POLICIES: group(YearlyPolicy),
    CAMPAIGNS: group(Campaign),
}
