"""Sentences of the log-in library that this interface words in its own way: one word for one thing, 您 throughout.

Only the message ids stand here, so that `script/messages` collects them; the Chinese is in `locale/`, which goes before the library's own.
"""

from django.utils.translation import gettext_noop as _

WORDS = (
    _("Successfully signed in as %(name)s."),
    _("You are already logged in as %(user_display)s."),
    _("Recovery Codes"),
    _("New Recovery Codes Generated"),
    _("A new set of Two-Factor Authentication recovery codes has been generated."),
    _("A new set of recovery codes has been generated."),
    _("No recovery codes set up."),
    _("You are about to generate a new set of recovery codes for your account."),
    _("This action will invalidate your existing codes."),
    _("I have saved my recovery codes"),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("Two-Factor Authentication"),
    _("Your account is protected by two-factor authentication. Please enter an authenticator code:"),
    _("Authenticator code"),
    _("Enter an authenticator code:"),
    _("Use authenticator app or code"),
    _("TOTP Authenticator"),
    _("Authenticator App"),
    _("Authenticator app activated."),
    _("Authenticator App Activated"),
    _("Authenticator app deactivated."),
    _("Authenticator App Deactivated"),
    _("Activate Authenticator App"),
    _("Deactivate Authenticator App"),
    _("Authentication using an authenticator app is active."),
    _("An authenticator app is not active."),
    _("Authenticator secret"),
    _("You can store this secret and use it to reinstall your authenticator app at a later time."),
    _("You are about to deactivate authenticator app based authentication. Are you sure?"),
    _("The following email address is associated with your account:"),
    _("You may delete your password since you are currently logged in using OpenID."),
    _("View your user ID"),
    _("View your basic profile information"),
    _(
        "An account already exists with this email address. Please sign in to that account first, then connect your %s account."
    ),
)
