"""Who may use the routes of attendance, hours and objections."""

from accounts.audiences import IN_UNIT, LEADS, OVERSIGHT, UNIT_HATS, UNIT_OBJECT
from accounts.enums import Role
from kit.rights import MEMBERS, NO_OBJECT_YET, ONLY_OWN, Audience, Right, act, page

_OBJECTIONS = Audience({Role.HANDLER: ONLY_OWN, Role.UNIT_LEAD: IN_UNIT})

RIGHTS = {
    "hours:me": page(MEMBERS),
    "hours:my_record": page(MEMBERS),
    "hours:my_figure": page(MEMBERS),
    # Only one's own enrolment of a closed course.
    "hours:object": act(NO_OBJECT_YET),
    "hours:close": page(UNIT_OBJECT),
    "hours:draft": Right(get=UNIT_OBJECT, post=UNIT_OBJECT),
    "hours:receipt": page(UNIT_OBJECT),
    "hours:correct": page(UNIT_OBJECT),
    "hours:objections": page(UNIT_HATS),
    "hours:answer_objection": act(_OBJECTIONS, method_first=False),
    "hours:unit_records": page(LEADS),
    "hours:unit_records_download": page(LEADS),
    "hours:county_records": page(OVERSIGHT),
    "hours:county_records_download": page(OVERSIGHT),
}
