"""Who may use the routes of the API. Its views know a key for programs and the business account of a header, so they apply the rows."""

from accounts.role_sets import HANDLED, OVERSIGHT, UNIT_HATS, UNIT_OBJECT
from kit.rights import EVERYBODY, MEMBERS, OWNER, act, page, reads

RIGHTS = {
    # Redirects each address of the time before version 1, in every method.
    "old_api": page(EVERYBODY, asks_itself=True),
    "api:courses": reads(EVERYBODY, asks_itself=True),
    "api:course": reads(EVERYBODY, asks_itself=True),
    "api:course_files": reads(EVERYBODY, asks_itself=True),
    "api:schema": reads(EVERYBODY, asks_itself=True),
    "api:docs": reads(EVERYBODY),
    "api:enrol": act(MEMBERS, asks_itself=True),
    "api:accept": act(MEMBERS, asks_itself=True),
    "api:cancel": act(MEMBERS, asks_itself=True),
    "api:cannot_come": act(MEMBERS, asks_itself=True),
    "api:come_after_all": act(MEMBERS, asks_itself=True),
    "api:my_enrolments": reads(MEMBERS, asks_itself=True),
    "api:object": act(MEMBERS, asks_itself=True),
    "api:my_objections": reads(MEMBERS, asks_itself=True),
    "api:review_objection": act(OWNER, asks_itself=True),
    "api:my_attendance": reads(MEMBERS, asks_itself=True),
    "api:my_certificates": reads(MEMBERS, asks_itself=True),
    "api:my_light": reads(MEMBERS, asks_itself=True),
    "api:my_hours": reads(MEMBERS, asks_itself=True),
    "api:unit_courses": reads(UNIT_HATS, asks_itself=True),
    "api:unit_light": reads(UNIT_HATS, asks_itself=True),
    "api:sheet": reads(UNIT_OBJECT, asks_itself=True),
    "api:course_questionnaire": reads(HANDLED, asks_itself=True),
    "api:close": act(UNIT_OBJECT, asks_itself=True),
    "api:absences": reads(UNIT_HATS, asks_itself=True),
    "api:decide_absence": act(HANDLED, asks_itself=True),
    "api:objections": reads(UNIT_HATS, asks_itself=True),
    "api:answer_objection": act(HANDLED, asks_itself=True),
    "api:county_lights": reads(OVERSIGHT, asks_itself=True),
}
