"""Who may use the routes of people, accounts and the look-up desk."""

from accounts.audiences import (
    ACCOUNTS,
    APPLICATIONS,
    CHANGES,
    COUNTY_UNITS,
    DECIDERS,
    LEADS,
    OPERATORS,
    OVERSIGHT,
    PAPERS,
    ROSTERS,
    STAFF,
)
from accounts.enums import Role
from kit.rights import (
    EVERYBODY,
    MEMBERS,
    ONLY_OWN,
    OWNER,
    Audience,
    act,
    page,
)

_PERSON = {
    "home": page(EVERYBODY),
    "set_language": page(EVERYBODY),
    "switch_hat": act(MEMBERS),
    # The person's own accounts and record
    "accounts:change_identity": page(MEMBERS),
    "accounts:take_back_change": act(OWNER),
    "accounts:mine": page(MEMBERS),
    "accounts:apply": page(MEMBERS),
    "accounts:take_back_application": act(OWNER),
    "accounts:paper": page(PAPERS),
    "accounts:answer_offer": act(OWNER),
    "accounts:my_record": page(MEMBERS),
    "accounts:my_record_export": page(MEMBERS),
}
_OFFICE = {
    "accounts:requests": page(DECIDERS),
    "accounts:decide_application": act(APPLICATIONS),
    "accounts:decide_change": act(CHANGES),
    "accounts:record": page(DECIDERS),
    "accounts:record_export": page(DECIDERS),
    "accounts:unit": page(LEADS),
    "accounts:confirm_review": act(LEADS),
    "accounts:roster": page(DECIDERS),
    "accounts:roster_carry_out": act(Audience(dict.fromkeys(DECIDERS.roles, ONLY_OWN))),
    "accounts:staff": page(ROSTERS),
    "accounts:staff_of": page(STAFF),
    "accounts:staff_add": page(STAFF),
    "accounts:place": page(STAFF),
    "accounts:end_place": act(STAFF),
    "accounts:take_back_offer": act(STAFF),
    "accounts:suspend": act(ACCOUNTS),
    "accounts:resume": act(ACCOUNTS),
    "accounts:units": page(OVERSIGHT),
    "accounts:unit_new": page(OVERSIGHT),
    "accounts:unit_edit": page(COUNTY_UNITS),
    "accounts:unit_code": page(COUNTY_UNITS),
    "accounts:import_units": page(OPERATORS),
    "accounts:import_people": page(OPERATORS),
    "accounts:carry_out": act(Audience({Role.OPERATOR: ONLY_OWN})),
    "accounts:people": page(OPERATORS),
    "accounts:person": page(OPERATORS),
    "accounts:reveal": act(OPERATORS),
    "accounts:correct_numbers": act(OPERATORS),
    "accounts:undelivered_mail": page(OPERATORS),
    "accounts:send_mail_again": act(OPERATORS),
    # The look-up desk, read-only. Its log-in page leads to the site's own.
    "admin:*": page(OPERATORS),
    "admin:login": page(EVERYBODY),
}
RIGHTS = {**_PERSON, **_OFFICE}
