"""Who may do what: one row a route and method. The tests ask every cell of it, and a route missing here fails them.

A cell says how far a role's hand reaches: the relations in which the object may stand to the person's unit, where `own` is an object
of the own account (for a lead, officer or operator: as for the unit). Beyond its reach an object answers 404 as an unknown one does;
a role that is not named answers 403, a visitor is sent to the log-in (API: 401). Reaching a page is not yet doing the act: whether a
colleague may close somebody else's course is decided by the action behind it (docs/security.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN, UNIT, COUNTY, OTHER = "own", "unit", "county", "other"
ANY = frozenset({OWN, UNIT, COUNTY, OTHER})
IN_COUNTY = frozenset({OWN, UNIT, COUNTY})
IN_UNIT = frozenset({OWN, UNIT})
ONLY_OWN = frozenset({OWN})
NOTHING: frozenset[str] = frozenset()

VISITOR, TEACHER, HANDLER, LEAD, OFFICER, OPERATOR = (
    "visitor",
    "teacher",
    "handler",
    "lead",
    "county",
    "operator",
)
PERSONS = (TEACHER, HANDLER, LEAD, OFFICER, OPERATOR)
Reach = Mapping[str, frozenset[str]]


def _all(*roles: str, reach: frozenset[str] = ANY) -> Reach:
    return dict.fromkeys(roles, reach)


EVERYBODY = _all(VISITOR, *PERSONS)
MEMBERS = _all(*PERSONS)
OWN_THING = _all(*PERSONS, reach=ONLY_OWN)
UNIT_HATS = _all(HANDLER, LEAD)
UNIT_OBJECT = _all(HANDLER, LEAD, reach=IN_UNIT)
LEADS = _all(LEAD)
DECIDERS = _all(LEAD, OFFICER, OPERATOR)
OVERSIGHT = _all(OFFICER, OPERATOR)
OPERATORS = _all(OPERATOR)
ACCOUNTS = {TEACHER: NOTHING, HANDLER: ONLY_OWN, LEAD: IN_UNIT, OFFICER: IN_COUNTY, OPERATOR: ANY}
APPLICATIONS = {LEAD: IN_UNIT, OFFICER: IN_COUNTY, OPERATOR: ANY}
CHANGES = {LEAD: NOTHING, OFFICER: IN_COUNTY, OPERATOR: ANY}
PAPERS = {TEACHER: NOTHING, HANDLER: NOTHING, LEAD: IN_UNIT, OFFICER: IN_COUNTY, OPERATOR: ANY}
COUNTY_UNITS = {OFFICER: IN_COUNTY, OPERATOR: ANY}
OBJECTIONS = {HANDLER: ONLY_OWN, LEAD: IN_UNIT}
NOBODY_YET = dict.fromkeys((VISITOR, *PERSONS), NOTHING)
NO_KEY_YET = dict.fromkeys(PERSONS, NOTHING)


@dataclass(frozen=True)
class Right:
    """What a route allows. `get` also answers HEAD; a method that is None answers 405.

    `method_first` says what a wrong method answers a role that is not named: 405, or 403 because the role is asked first.
    """

    get: Reach | None = None
    post: Reach | None = None
    method_first: bool = True


@dataclass(frozen=True)
class Form(Right):
    """A page with a form: the same people look and send. A page without a form answers a POST as it answers a GET."""

    who: Reach = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "get", self.who)
        object.__setattr__(self, "post", self.who)


def page(who: Reach) -> Right:
    return Form(who=who)


def act(who: Reach, *, method_first: bool = True) -> Right:
    """Only POST: something happens."""
    return Right(post=who, method_first=method_first)


def reads(who: Reach) -> Right:
    """Only GET."""
    return Right(get=who)


def api_reads(who: Reach) -> Right:
    return Right(get=who)


def api_acts(who: Reach) -> Right:
    return Right(post=who)


RIGHTS: dict[str, Right] = {
    # The site
    "home": page(EVERYBODY),
    "healthz": page(EVERYBODY),
    "favicon": reads(EVERYBODY),
    "robots": reads(EVERYBODY),
    "security_txt": reads(EVERYBODY),
    "set_language": page(EVERYBODY),
    "set_theme": act(EVERYBODY),
    "styleguide": Right(get=NOBODY_YET),  # only in DEBUG and in the demonstration
    "switch_hat": act(MEMBERS),
    "handbook:index": page(EVERYBODY),
    "handbook:page": page(EVERYBODY),
    "handbook:shot": page(EVERYBODY),
    # Notices
    "notices:inbox": page(MEMBERS),
    "notices:open": act(OWN_THING),
    "notices:read": act(OWN_THING),
    "notices:read_all": act(MEMBERS),
    "notices:settings": page(MEMBERS),
    # Whoever holds the sealed address of a letter may switch such letters off, without a log-in.
    "notices:unsubscribe": Right(get=EVERYBODY, post=EVERYBODY),
    # Previews: only in DEBUG and on the demonstration, elsewhere as if they were not there.
    "styleguide_mail": page(NOBODY_YET),
    "styleguide_mail_one": page(NOBODY_YET),
    # Background work: the owner's, and nobody else's
    "jobs:mine": page(MEMBERS),
    "jobs:job": page(OWN_THING),
    "jobs:progress": page(OWN_THING),
    "jobs:cancel": act(OWN_THING),
    "jobs:result": page(OWN_THING),
    "jobs:refused": page(OWN_THING),
    # The person's own security, accounts, record
    "signin:security": page(MEMBERS),
    "signin:ready": page(MEMBERS),
    "signin:session_left": Right(get=MEMBERS, post=MEMBERS),
    "signin:end_session": act(OWN_THING),
    "signin:end_other_sessions": act(MEMBERS),
    "signin:forget_device": act(OWN_THING),
    "signin:make_key": act(MEMBERS),
    "signin:end_key": act(OWN_THING),
    "accounts:change_identity": page(MEMBERS),
    "accounts:take_back_change": act(OWN_THING),
    "accounts:mine": page(MEMBERS),
    "accounts:apply": page(MEMBERS),
    "accounts:take_back_application": act(OWN_THING),
    "accounts:paper": page(PAPERS),
    "accounts:my_record": page(MEMBERS),
    "accounts:my_record_export": page(MEMBERS),
    # Deciding about accounts
    "accounts:requests": page(DECIDERS),
    "accounts:decide_application": act(APPLICATIONS),
    "accounts:decide_change": act(CHANGES),
    "accounts:record": page(DECIDERS),
    "accounts:record_export": page(DECIDERS),
    "accounts:unit": page(LEADS),
    "accounts:confirm_review": act(LEADS),
    "accounts:suspend": act(ACCOUNTS),
    "accounts:resume": act(ACCOUNTS),
    "accounts:import_units": page(OPERATORS),
    "accounts:import_people": page(OPERATORS),
    "accounts:carry_out": act({OPERATOR: ONLY_OWN}),
    "accounts:people": page(OPERATORS),
    "accounts:person": page(OPERATORS),
    "accounts:reveal": act(OPERATORS),
    "accounts:correct_numbers": act(OPERATORS),
    "signin:reset_second_factor": act(OPERATORS),
    "courses:account": page(ACCOUNTS),
    "courses:end_account": act(ACCOUNTS),
    "courses:offer_courses": act(ACCOUNTS),
    # Catalogue and enrolment
    "courses:catalogue": page(EVERYBODY),
    "courses:public": page(EVERYBODY),
    "courses:short": page(EVERYBODY),
    "courses:enrol": act(MEMBERS),
    "courses:accept": act(MEMBERS),
    "courses:cancel": act(MEMBERS),
    "courses:keep_search": act(MEMBERS),
    "courses:remove_search": act(OWN_THING),
    # The unit's courses
    "courses:unit_home": page(UNIT_HATS),
    "courses:unit_figures": page(UNIT_HATS),
    "courses:unit_figure": page(UNIT_HATS),
    "courses:unit_courses": page(UNIT_HATS),
    "courses:notify_handlers": act(UNIT_HATS, method_first=False),
    "courses:register": page(UNIT_HATS),
    "courses:registration_checks": act(
        UNIT_HATS, method_first=False
    ),  # reads only; POST because it carries the form
    "courses:detail": page(UNIT_OBJECT),
    "courses:edit": page(UNIT_OBJECT),
    "courses:confirm_registration": act(UNIT_OBJECT, method_first=False),
    "courses:copy": act(UNIT_OBJECT, method_first=False),
    "courses:discard": act(UNIT_OBJECT, method_first=False),
    "courses:withdraw": page(UNIT_OBJECT),
    "courses:applicants": page(UNIT_OBJECT),
    "courses:admit": act(UNIT_OBJECT, method_first=False),
    "courses:transfers": page(UNIT_HATS),
    "courses:request_transfer": act(UNIT_HATS, method_first=False),
    "courses:take_back_transfer": act({HANDLER: ONLY_OWN, LEAD: NOTHING}, method_first=False),
    "hours:close": page(UNIT_OBJECT),
    "hours:draft": Right(get=UNIT_OBJECT, post=UNIT_OBJECT),
    "hours:receipt": page(UNIT_OBJECT),
    "hours:correct": page(UNIT_OBJECT),
    "hours:objections": page(UNIT_HATS),
    "hours:answer_objection": act(OBJECTIONS, method_first=False),
    "hours:unit_records": page(LEADS),
    "hours:unit_records_download": page(LEADS),
    "hours:county_records": page(OVERSIGHT),
    "hours:county_records_download": page(OVERSIGHT),
    # The teacher
    "hours:me": page(MEMBERS),
    "hours:my_record": page(MEMBERS),
    "hours:my_figure": page(MEMBERS),
    "hours:object": act(NO_KEY_YET),  # only one's own closed enrolment; nobody here has one
    # County and operator
    "courses:county": page(OVERSIGHT),
    "courses:county_figures": page(OVERSIGHT),
    "courses:county_figure": page(OVERSIGHT),
    "courses:county_export": page(OVERSIGHT),
    "courses:chase": act(OVERSIGHT, method_first=False),
    "courses:year_end": page(OVERSIGHT),
    "courses:county_unit": page(COUNTY_UNITS),
    "courses:operator": page(OPERATORS),
    "accounts:undelivered_mail": page(OPERATORS),
    "accounts:send_mail_again": act(OPERATORS),
    "courses:operator_units": page(OPERATORS),
    "courses:operator_accounts": page(OPERATORS),
    "courses:operator_appoint": page(OPERATORS),
    "courses:policy": page(OPERATORS),
    "courses:transfer_queue": page(OPERATORS),
    "courses:transfer_decide": act(OPERATORS, method_first=False),
    "courses:transfer_direct": page(OPERATORS),
    "courses:transfer_paste": page(OPERATORS),
    "courses:operator_withdrawn": page(OPERATORS),
    # API
    "old_api": page(EVERYBODY),  # a redirect, in every method
    "api:courses": api_reads(EVERYBODY),
    "api:course": api_reads(EVERYBODY),
    "api:schema": api_reads(EVERYBODY),
    "api:docs": api_reads(EVERYBODY),
    "api:enrol": api_acts(MEMBERS),
    "api:accept": api_acts(MEMBERS),
    "api:cancel": api_acts(MEMBERS),
    "api:my_enrolments": api_reads(MEMBERS),
    "api:my_light": api_reads(MEMBERS),
    "api:my_hours": api_reads(MEMBERS),
    "api:unit_courses": api_reads(UNIT_HATS),
    "api:unit_light": api_reads(UNIT_HATS),
    "api:sheet": api_reads(UNIT_OBJECT),
    "api:close": api_acts(UNIT_OBJECT),
    "api:county_lights": api_reads(OVERSIGHT),
    # Log-in (django-allauth). A log-in page sends a person who is logged in home.
    **dict.fromkeys(
        (
            "account_login",
            "account_logout",
            "account_reset_password",
            "account_reset_password_from_key",
            "account_signup",
            "mfa_login_webauthn",
        ),
        page(EVERYBODY),
    ),
    **dict.fromkeys(
        (
            "account_inactive",
            "account_reset_password_done",
            "account_reset_password_from_key_done",
            "account_email_verification_sent",
            "socialaccount_login_cancelled",
        ),
        reads(EVERYBODY),
    ),
    "account_confirm_email": Right(get=EVERYBODY, post=NOBODY_YET),
    **dict.fromkeys(
        (
            "account_change_password",
            "account_set_password",
            "account_email",
            "account_reauthenticate",
            "account_confirm_login_code",
            "socialaccount_connections",
            "usersessions_list",
            "mfa_authenticate",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_reauthenticate_webauthn",
            "mfa_generate_recovery_codes",
        ),
        page(MEMBERS),
    ),
    **dict.fromkeys(
        (
            "mfa_deactivate_totp",
            "mfa_download_recovery_codes",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
        ),
        page(NO_KEY_YET),
    ),
    "mfa_index": reads(MEMBERS),
    "mfa_list_webauthn": reads(MEMBERS),
    "mfa_view_recovery_codes": reads(NO_KEY_YET),
    "openid_connect_login": page(NOBODY_YET),
    "openid_connect_callback": page(NOBODY_YET),
    "socialaccount_login_error": page({}),
    "socialaccount_signup": page({}),
}
# Every route of the look-up desk: operators, read-only.
DESK = "admin:"


def right_of(route: str) -> Right | None:
    """The row of a route; nothing for a route that nobody thought of."""
    return page(OPERATORS) if route.startswith(DESK) else RIGHTS.get(route)
