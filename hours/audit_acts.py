"""What the acts of attendance and hours are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "course.close": _("hours issued, course closed"),
    "hours.correct": _("hours corrected"),
    "objection.answer": _("objection answered"),
    "objection.raise": _("objection raised"),
    "read.objections": _("objections looked at"),
    "read.records": _("training records looked at"),
    "read.walk_in": _("person looked up who came without enrolment"),
    "records.export": _("training records downloaded"),
}
