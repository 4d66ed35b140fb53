"""Who may use the routes of attendance, hours and objections."""

from accounts.audiences import IN_UNIT, LEADS, OPERATORS, OVERSIGHT, UNIT_HATS, UNIT_OBJECT
from accounts.enums import Role
from kit.rights import EVERYBODY, MEMBERS, NO_OBJECT_YET, ONLY_OWN, Audience, Right, act, page, reads

_OBJECTIONS = Audience({Role.HANDLER: ONLY_OWN, Role.UNIT_LEAD: IN_UNIT})

RIGHTS = {
    "hours:me": page(MEMBERS),
    "hours:my_record": page(MEMBERS),
    "hours:my_figure": page(MEMBERS),
    "hours:my_years": reads(MEMBERS),
    # Only one's own enrolment of a closed course.
    "hours:my_certificate": act(NO_OBJECT_YET),
    # Anybody who holds the code of a certificate.
    "hours:verify": reads(EVERYBODY),
    "hours:certificates": page(UNIT_OBJECT),
    "hours:object": act(NO_OBJECT_YET),
    "hours:close": page(UNIT_OBJECT),
    "hours:draft": Right(get=UNIT_OBJECT, post=UNIT_OBJECT),
    "hours:attendance": page(UNIT_OBJECT),
    "hours:attendance_news": reads(UNIT_OBJECT),
    "hours:projector": reads(UNIT_OBJECT),
    "hours:projector_now": reads(UNIT_OBJECT),
    # Notes the moment of a scan, also before the log-in.
    "hours:scan": reads(EVERYBODY),
    "hours:sign": page(MEMBERS),
    "hours:receipt": page(UNIT_OBJECT),
    "hours:correct": page(UNIT_OBJECT),
    "hours:objections": page(UNIT_HATS),
    "hours:answer_objection": act(_OBJECTIONS, method_first=False),
    "hours:unit_records": page(LEADS),
    "hours:unit_records_download": page(LEADS),
    "hours:merge": page(OPERATORS),
    "hours:part": act(OPERATORS),
    "hours:county_records": page(OVERSIGHT),
    "hours:county_records_download": page(OVERSIGHT),
}
