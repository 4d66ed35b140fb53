"""Who may use the routes of attendance, hours and objections."""

from accounts.role_sets import COUNTY_UNITS, HANDLED, LEADS, OPERATORS, OVERSIGHT, UNIT_HATS, UNIT_OBJECT
from kit.rights import EVERYBODY, MEMBERS, NO_OBJECT_YET, OWNER, Right, act, page, reads

RIGHTS = {
    "hours:me": page(MEMBERS),
    "hours:my_record": page(MEMBERS),
    "hours:my_figure": page(MEMBERS),
    "hours:my_years": reads(MEMBERS),
    # Only one's own enrolment of a closed course.
    "hours:my_certificate": act(NO_OBJECT_YET),
    # Only people who were at the course.
    "hours:questionnaire": page(NO_OBJECT_YET),
    "hours:course_questionnaire": page(UNIT_OBJECT),
    # Anybody who holds the code of a certificate.
    "hours:verify": reads(EVERYBODY),
    "hours:certificates": page(UNIT_OBJECT),
    # A course that is over; a person who was forgotten has no enrolment in it.
    "hours:object": act(MEMBERS),
    "hours:review_objection": act(OWNER),
    "hours:close": page(UNIT_OBJECT),
    "hours:draft": Right(get=UNIT_OBJECT, post=UNIT_OBJECT),
    "hours:attendance": page(UNIT_OBJECT),
    "hours:attendance_news": reads(UNIT_OBJECT, unattended=True),
    "hours:projector": reads(UNIT_OBJECT),
    # Anybody who holds the token of a screen that was opened today: it shows the code and how many have come.
    "hours:screen": reads(EVERYBODY, unattended=True),
    # Notes the moment of a scan, also before the log-in.
    "hours:scan": reads(EVERYBODY),
    "hours:sign": page(MEMBERS),
    "hours:receipt": page(UNIT_OBJECT),
    "hours:evidence": act(UNIT_OBJECT, method_first=False),
    "hours:unit_turnout": page(UNIT_HATS),
    "hours:correct": page(UNIT_OBJECT),
    "hours:objections": page(UNIT_HATS),
    "hours:answer_objection": act(HANDLED, method_first=False),
    "hours:county_objections": page(OVERSIGHT),
    "hours:county_answer": act(COUNTY_UNITS, method_first=False),
    "hours:unit_records": page(LEADS),
    "hours:unit_records_download": page(LEADS),
    "hours:merge": page(OPERATORS),
    "hours:part": act(OPERATORS),
    "hours:county_records": page(OVERSIGHT),
    "hours:county_records_download": page(OVERSIGHT),
}
