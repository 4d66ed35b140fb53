"""Who may use the routes of courses, enrolments, transfers and lights."""

from accounts.audiences import (
    ACCOUNTS,
    COUNTY_UNITS,
    OPERATORS,
    OVERSIGHT,
    ROSTERS,
    UNIT_HATS,
    UNIT_OBJECT,
)
from accounts.enums import Role
from kit.rights import EVERYBODY, MEMBERS, NOTHING, ONLY_OWN, OWNER, Audience, act, page, reads

_TRANSFERS = Audience({Role.HANDLER: ONLY_OWN, Role.UNIT_LEAD: NOTHING})

_CATALOGUE = {
    "courses:catalogue": page(EVERYBODY, listed=True),
    "courses:public": page(EVERYBODY),
    "courses:short": page(EVERYBODY),
    "courses:short_qr": page(EVERYBODY),
    # Without a place in the course it leads to the course's page.
    "courses:proof": page(MEMBERS),
    "courses:enrol": act(MEMBERS),
    "courses:accept": act(MEMBERS),
    "courses:cancel": act(MEMBERS),
    "courses:keep_search": act(MEMBERS),
    "courses:remove_search": act(OWNER),
    "courses:watches": page(MEMBERS),
    "courses:watch": act(MEMBERS),
    "courses:watch_search": act(OWNER),
    "courses:rss": reads(EVERYBODY),
    "courses:atom": reads(EVERYBODY),
    "courses:found_calendar": reads(EVERYBODY),
    # The secret address of a calendar is the permission.
    "courses:feed": reads(EVERYBODY),
    "courses:feeds": page(MEMBERS),
    "courses:end_feed": act(OWNER),
}
_UNIT = {
    "courses:away": page(ROSTERS),
    "courses:unit_home": page(UNIT_HATS),
    "courses:unit_figures": page(UNIT_HATS),
    "courses:unit_figure": page(UNIT_HATS),
    "courses:unit_courses": page(UNIT_HATS),
    "courses:notify_handlers": act(UNIT_HATS, method_first=False),
    "courses:register": page(UNIT_HATS),
    # Reads only; a POST because it carries the form.
    "courses:registration_checks": act(UNIT_HATS, method_first=False),
    "courses:detail": page(UNIT_OBJECT),
    "courses:edit": page(UNIT_OBJECT),
    "courses:confirm_registration": act(UNIT_OBJECT, method_first=False),
    "courses:copy": act(UNIT_OBJECT, method_first=False),
    "courses:discard": act(UNIT_OBJECT, method_first=False),
    "courses:messages": page(UNIT_OBJECT),
    "courses:participants": page(UNIT_OBJECT),
    "courses:second_handler": page(UNIT_OBJECT),
    "courses:withdraw": page(UNIT_OBJECT),
    "courses:applicants": page(UNIT_OBJECT),
    "courses:sign_in_sheets": page(UNIT_OBJECT),
    "courses:admit": act(UNIT_OBJECT, method_first=False),
    "courses:transfers": page(UNIT_HATS),
    "courses:request_transfer": act(UNIT_HATS, method_first=False),
    "courses:take_back_transfer": act(_TRANSFERS, method_first=False),
    # A business account with its courses
    "courses:account": page(ACCOUNTS),
    "courses:end_account": act(ACCOUNTS),
    "courses:offer_courses": act(ACCOUNTS),
}
_OVERSIGHT = {
    "courses:county": page(OVERSIGHT),
    "courses:county_figures": page(OVERSIGHT),
    "courses:county_figure": page(OVERSIGHT),
    "courses:county_export": page(OVERSIGHT),
    "courses:chase": act(OVERSIGHT, method_first=False),
    "courses:forecast": page(OVERSIGHT),
    "courses:forecast_notify": act(OVERSIGHT, method_first=False),
    "courses:campaigns": page(OVERSIGHT),
    "courses:campaign_new": page(OVERSIGHT),
    "courses:campaign": page(COUNTY_UNITS),
    "courses:campaign_edit": page(COUNTY_UNITS),
    "courses:campaign_begin": act(COUNTY_UNITS, method_first=False),
    "courses:campaign_go_on": act(COUNTY_UNITS, method_first=False),
    "courses:campaign_end": act(COUNTY_UNITS, method_first=False),
    "courses:campaign_discard": act(COUNTY_UNITS, method_first=False),
    "courses:letter": page(COUNTY_UNITS),
    "courses:letter_copy": reads(COUNTY_UNITS),
    "courses:letter_archive": act(COUNTY_UNITS, method_first=False),
    "courses:year_end": page(OVERSIGHT),
    "courses:county_unit": page(COUNTY_UNITS),
    "courses:close_unit": page(COUNTY_UNITS),
    "courses:reopen_unit": act(COUNTY_UNITS),
    "courses:dissolve_unit": page(COUNTY_UNITS),
    "courses:operator": page(OPERATORS),
    "courses:operator_accounts": page(OPERATORS),
    "courses:operator_appoint": page(OPERATORS),
    "courses:policy": page(OPERATORS),
    "courses:transfer_queue": page(OPERATORS),
    "courses:transfer_decide": act(OPERATORS, method_first=False),
    "courses:transfer_direct": page(OPERATORS),
    "courses:transfer_paste": page(OPERATORS),
    "courses:operator_withdrawn": page(OPERATORS),
}
RIGHTS = {**_CATALOGUE, **_UNIT, **_OVERSIGHT}
