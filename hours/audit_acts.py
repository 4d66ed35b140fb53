"""What the acts of attendance and hours are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "attendance.by_hand": _("attendance entered by the organiser"),
    "attendance.compared": _("hours compared with the signs of attendance"),
    "attendance.sign": _("signed in or out of a session"),
    "attendance.remove": _("signs that were taken back removed with their session"),
    "attendance.take_all_back": _("all signs of a session taken back"),
    "attendance.take_back": _("attendance taken back"),
    "certificate.issue": _("certificate of hours made"),
    "course.close": _("hours issued, course closed"),
    "hours.correct": _("hours corrected"),
    "missed_sign.decide": _("report of a missed sign decided"),
    "missed_sign.report": _("missed sign reported"),
    "objection.answer": _("objection answered"),
    "objection.raise": _("objection raised"),
    "objection.request_review": _("review of an answer requested"),
    "objection.review": _("answer reviewed"),
    "evidence.collect": _("everything about a course collected in an archive"),
    "questionnaire.end": _("questionnaire ended"),
    "questionnaire.save": _("questions of the questionnaire saved"),
    "read.objections": _("objections looked at"),
    "read.records": _("training records looked at"),
    "read.walk_in": _("person looked up who came without enrolment"),
    "records.export": _("training records downloaded"),
}
