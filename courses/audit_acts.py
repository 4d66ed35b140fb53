"""What the acts of courses are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "campaign.begin": _("campaign begun"),
    "campaign.discard": _("campaign discarded"),
    "campaign.end": _("campaign ended"),
    "campaign.letter": _("letter of a campaign saved"),
    "campaign.letters": _("copies of a campaign's letter made"),
    "campaign.save": _("campaign prepared"),
    "campaign.tell": _("unit notified by a campaign"),
    "course.discard": _("draft discarded"),
    "course.draft": _("draft made"),
    "course.notify": _("handlers reminded to close"),
    "course.offer_place": _("free place offered to everybody who waits"),
    "course.register": _("course registered"),
    "course.second_handler": _("second handler named or ended"),
    "course.transfer": _("course moved to another handler"),
    "course.update": _("course changed"),
    "course.withdraw": _("course withdrawn as an error"),
    "enrolment.accept": _("free place accepted"),
    "enrolment.admitted": _("applicant admitted"),
    "enrolment.cancel": _("enrolment cancelled"),
    "enrolment.course_over": _("not decided before the course was over"),
    "enrolment.declined": _("applicant declined"),
    "enrolment.enrol": _("enrolled in the course"),
    "enrolment.on_the_spot": _("enrolled on the spot"),
    "enrolment.waitlisted": _("put on the waiting list"),
    "feed.end": _("address of a calendar ended"),
    "feed.make": _("address of a calendar made"),
    "feed.renew": _("address of a calendar renewed"),
    "policy.change": _("yearly policy changed"),
    "read.away": _("list of who is away at courses looked at"),
    "read.people": _("list of participants looked at"),
    "search.keep": _("search kept"),
    "search.remove": _("search removed"),
    "watch.course": _("notice of the opening of enrolment asked for"),
    "watch.search": _("notices of new courses of a search asked for"),
    "watch.stop": _("notices of a course or search no longer asked for"),
    "transfer.end": _("transfer request ended with the course"),
    "transfer.offer": _("courses offered to a colleague"),
    "transfer.refuse": _("transfer refused"),
    "transfer.request": _("transfer asked for"),
    "transfer.take_back": _("transfer request taken back"),
}

# Reasons that are chosen from a list (courses.enums.WithdrawalReason).
REASONS = {
    "not_held": _("the course was not held"),
    "registered_twice": _("the course was registered twice"),
    "other": _("another reason"),
}
