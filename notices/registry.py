"""What kinds of notices there are: the category of each, and what its one button says.

A kind names the folder `templates/emails/<kind>/`. Which categories a person may switch off stands in `notices.enums.OPTIONAL`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notices.enums import Category

Text = str | Promise


@dataclass(frozen=True)
class Kind:
    category: Category
    act: Text


@dataclass(frozen=True)
class About:
    """`reason`: why a person gets such a mail (stands below it). `note`: why it may, or may not, be switched off."""

    reason: Text
    note: Text


CATEGORIES: Mapping[Category, About] = {
    Category.SECURITY: About(
        _("You get this e-mail because it concerns the security of your log-in."),
        _("Always sent: you could not learn of a misuse in another way."),
    ),
    Category.RIGHTS: About(
        _("You get this e-mail because your training record has changed."),
        _("Always sent: it is a decision about you, against which you may object."),
    ),
    Category.COURSES: About(
        _("You get this e-mail because you are enrolled in this course."),
        _("Always sent: otherwise you would travel in vain, or be noted as absent."),
    ),
    Category.ACCOUNTS: About(
        _("You get this e-mail because it concerns a business account or courses you answer for."),
        _("Always sent: it changes what you may do and what you answer for."),
    ),
    Category.DUTIES: About(
        _(
            "You get this e-mail because somebody waits for your decision or your unit's registration is concerned."
        ),
        _("Always sent: it belongs to your duty, and other people depend on it."),
    ),
    Category.REMINDERS: About(
        _("You get this e-mail because you are in charge of courses that are not closed."),
        _("May be switched off: what is due also stands on your home page."),
    ),
    Category.ENROLMENT: About(
        _("You get this e-mail because you applied for a place in this course."),
        _("May be switched off: your enrolments also stand on your home page."),
    ),
    Category.LIGHTS: About(
        _("You get this e-mail because you hold a business account of this unit."),
        _("May be switched off: the light also stands on the unit's home page. Unit leads always get it."),
    ),
}

_ACCOUNTS, _COURSE, _SECURITY = (
    _("Look at my business accounts"),
    _("Look at the course"),
    _("Look at my security"),
)
_RECORD, _LOG_IN, _OPERATOR = _("Look at my training"), _("Go to the log-in"), _("Write to the operator")
_DUE, _TRANSFER = _("See what is due"), _("Look at the transfer")

KINDS: Mapping[str, Kind] = {
    "login_locked": Kind(Category.SECURITY, _("Reset the password")),
    "new_device": Kind(Category.SECURITY, _SECURITY),
    "two_places": Kind(Category.SECURITY, _SECURITY),
    "second_factor_reset": Kind(Category.SECURITY, _("Set up the second step again")),
    "identity_approved": Kind(Category.SECURITY, _SECURITY),
    "identity_refused": Kind(Category.SECURITY, _SECURITY),
    "person_changed": Kind(Category.SECURITY, _SECURITY),
    "identity_old_mailbox": Kind(Category.SECURITY, _OPERATOR),
    "hours_issued": Kind(Category.RIGHTS, _RECORD),
    "hours_corrected": Kind(Category.RIGHTS, _RECORD),
    "closed_absent": Kind(Category.RIGHTS, _("Look at my training, or object")),
    "closed_excused": Kind(Category.RIGHTS, _("Look at my training, or object")),
    "objection_answered": Kind(Category.RIGHTS, _RECORD),
    "course_changed": Kind(Category.COURSES, _COURSE),
    "course_withdrawn": Kind(Category.COURSES, _("Find another course")),
    "application_approved": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "application_refused": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "account_given": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "account_suspended": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "account_resumed": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "account_ended": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "account_warning": Kind(Category.ACCOUNTS, _ACCOUNTS),
    "transfer_approved": Kind(Category.ACCOUNTS, _TRANSFER),
    "transfer_ended": Kind(Category.ACCOUNTS, _TRANSFER),
    "transfer_offered": Kind(Category.ACCOUNTS, _TRANSFER),
    "transfer_requested": Kind(Category.ACCOUNTS, _TRANSFER),
    "transfer_refused": Kind(Category.ACCOUNTS, _TRANSFER),
    "application_asked": Kind(Category.DUTIES, _("Decide on the application")),
    "objection_raised": Kind(Category.DUTIES, _("Answer the objection")),
    "calendar_missing": Kind(Category.DUTIES, _("Go to the operator's desk")),
    "review_due": Kind(Category.DUTIES, _("Review the accounts")),
    # Only in the inbox: whoever started the work waits for it.
    "job_done": Kind(Category.DUTIES, _("Look at the result")),
    "please_close": Kind(Category.REMINDERS, _("Issue hours and close")),
    "place_free": Kind(Category.ENROLMENT, _("Take the free place")),
    "admitted": Kind(Category.ENROLMENT, _COURSE),
    "declined": Kind(Category.ENROLMENT, _COURSE),
    "course_over": Kind(Category.ENROLMENT, _COURSE),
    "light_green": Kind(Category.LIGHTS, _("See the unit's light")),
    "light_yellow": Kind(Category.LIGHTS, _DUE),
    "light_red": Kind(Category.LIGHTS, _DUE),
    # Letters of the log-in library (`accounts.adapter`): sent at once, never kept in the inbox.
    "password_reset_key": Kind(Category.SECURITY, _("Choose a new password")),
    "password_changed": Kind(Category.SECURITY, _SECURITY),
    "password_set": Kind(Category.SECURITY, _SECURITY),
    "password_reset": Kind(Category.SECURITY, _SECURITY),
    "unknown_account": Kind(Category.SECURITY, _LOG_IN),
    "email_confirmation": Kind(Category.SECURITY, _("Confirm the e-mail")),
    "email_confirm": Kind(Category.SECURITY, _SECURITY),
    "email_changed": Kind(Category.SECURITY, _SECURITY),
    "email_deleted": Kind(Category.SECURITY, _SECURITY),
    "totp_activated": Kind(Category.SECURITY, _SECURITY),
    "totp_deactivated": Kind(Category.SECURITY, _SECURITY),
    "webauthn_added": Kind(Category.SECURITY, _SECURITY),
    "webauthn_removed": Kind(Category.SECURITY, _SECURITY),
    "recovery_codes_generated": Kind(Category.SECURITY, _SECURITY),
    "account_connected": Kind(Category.SECURITY, _SECURITY),
    "account_disconnected": Kind(Category.SECURITY, _SECURITY),
}


def category_of(kind: str) -> str:
    """The category of a kind; nothing for a kind of an earlier release."""
    return KINDS[kind].category if kind in KINDS else ""
