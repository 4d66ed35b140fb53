"""Who may use the routes of log-ins, sessions, keys and passkeys."""

from accounts.role_sets import OPERATORS, STAFF, STAFF_KEEPERS
from kit.rights import (
    EVERYBODY,
    MEMBERS,
    NO_OBJECT_YET,
    NOBODY_YET,
    OWNER,
    Right,
    act,
    page,
    reads,
)

_FIRST_LOGIN = {
    "signin:first_login": page(EVERYBODY),
    "signin:join": page(EVERYBODY),
    "signin:join_requests": page(STAFF_KEEPERS),
    "signin:decide_join": act(STAFF),
    "signin:invite_again": act(STAFF),
    "signin:open_link": page(EVERYBODY),
    "signin:first_password": page(EVERYBODY),
}
_SECURITY = {
    "signin:security": page(MEMBERS),
    "signin:ready": page(MEMBERS),
    # Open to visitors: a page that was left open checks whether its session is over.
    "signin:session_left": Right(get=MEMBERS, post=MEMBERS, asks_itself=True, unattended=True),
    "signin:end_session": act(OWNER),
    "signin:end_other_sessions": act(MEMBERS),
    "signin:forget_device": act(OWNER),
    "signin:make_key": act(MEMBERS),
    "signin:end_key": act(OWNER),
    "signin:reset_second_factor": act(OPERATORS),
    "signin:begin_support": act(OPERATORS),
    "signin:end_support": act(OPERATORS),
}
# django-allauth. A log-in page sends a person who is logged in home; a page of a log-in under way is open while that lasts, and sends a
# visitor without one to the log-in itself.
_LOG_IN: dict[str, Right] = {
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
            "socialaccount_connections",
            "usersessions_list",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_reauthenticate_webauthn",
            "mfa_generate_recovery_codes",
        ),
        page(MEMBERS),
    ),
    **dict.fromkeys(("account_confirm_login_code", "mfa_authenticate"), page(MEMBERS, asks_itself=True)),
    **dict.fromkeys(
        (
            "mfa_deactivate_totp",
            "mfa_download_recovery_codes",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
        ),
        page(NO_OBJECT_YET),
    ),
    "mfa_index": reads(MEMBERS),
    "mfa_list_webauthn": reads(MEMBERS),
    "mfa_view_recovery_codes": reads(NO_OBJECT_YET),
    "openid_connect_login": page(NOBODY_YET),
    "openid_connect_callback": page(NOBODY_YET),
    "socialaccount_login_error": page(NO_OBJECT_YET),
    "socialaccount_signup": page(NOBODY_YET, asks_itself=True),
    # Addresses of earlier releases of the library, which lead to the present ones.
    "django.views.generic.base.RedirectView": page(MEMBERS),
}
RIGHTS = {**_SECURITY, **_FIRST_LOGIN, **_LOG_IN}
