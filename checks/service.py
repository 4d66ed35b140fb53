"""What runs and is filled in: scheduled work, mail, contact, operators, registers, calendar."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.counties import COUNTIES
from accounts.enums import Role
from accounts.models import BusinessAccount, County, Unit
from checks.findings import Check, Finding, bad, warn, well
from courses.models import UnitLight
from courses.queries import queues, system_state
from kit import clock
from kit.holidays import missing_year
from notices import timed


def mail() -> Finding:
    if settings.MAIL_UNSET:
        return warn(
            _("%s: not set. Mails are written to files of this machine; nobody could set a password.")
            % ", ".join(settings.MAIL_UNSET),
            _("Set EMAIL_URL to the mail server and DEFAULT_FROM_EMAIL to an address that it may send from."),
        )
    return well(_("Mails leave through %(host)s as %(sender)s.") % {
        "host": settings.EMAIL_HOST, "sender": settings.DEFAULT_FROM_EMAIL
    })  # fmt: skip


def outbox() -> Finding:
    waiting = queues.of_operator()
    if not system_state.outbox_moves(waiting["outbox"].oldest, clock.now()):
        return bad(
            _("Mails have been waiting for more than ten minutes."),
            _("Start a worker of the queue “mail”, or mend the mail server; see the log of the worker."),
        )
    if waiting["failed"].count:
        return warn(
            _("%s mails were given up.") % waiting["failed"].count,
            _("Look at them under “e-mails given up” and send them again."),
        )
    return well(_("Mails leave in time."))


def scheduled_work() -> Finding:
    now = clock.now()
    if system_state.beat_is_alive(system_state.counted_at(clock.this_year(now)), now):
        return well(_("Scheduled work runs."))
    if not UnitLight.objects.exists():
        return warn(
            _("Scheduled work has not run yet."),
            _("Start one beat and at least one worker (docs/operations.md, Processes)."),
        )
    return bad(
        _("Scheduled work has stopped: the lights were not counted in the last hour."),
        _("Start one beat and at least one worker (docs/operations.md, Processes)."),
    )


def timed_notices() -> Finding:
    failed = timed.failed_runs(clock.today())
    if failed:
        names = _(", ").join(f"{run.kind} {run.day.isoformat()} ({run.error})" for run in failed)
        return bad(
            _("Reminders could not be prepared: %s.") % names,
            _(
                "Look at the log of the worker. They are tried again each five minutes until the end of the day."
            ),
        )
    return well(_("Reminders are prepared in time."))


def contact() -> Finding:
    if settings.CONTACT_UNSET:
        return warn(
            _("%s: not set. Pages and mails would show an invented contact.")
            % ", ".join(settings.CONTACT_UNSET),
            _("Set the telephone and the mailbox that people are to use."),
        )
    return well(_("Pages and mails show the operator's contact."))


def operators() -> Finding:
    number = BusinessAccount.objects.active().filter(role=Role.OPERATOR).count()
    if not number:
        return bad(
            _("There is no operator."), _("Run manage.py setup with the e-mail and the name of a person.")
        )
    if number == 1:
        return warn(
            _("There is one operator: nobody could help if that person is away."),
            _("Appoint a second operator under “Business accounts”."),
        )
    return well(_("There are %s operators.") % number)


def second_step() -> Finding:
    if not settings.PASSWORD_PROFILES[settings.BUSINESS_PASSWORD_PROFILE]["mfa"]:
        return warn(_("Business accounts do without the second step."), _("Unset MFA_REQUIRED."))
    return well(_("Business accounts need the second step."))


def registers() -> Finding:
    missing = len(COUNTIES) - County.objects.filter(name__in=COUNTIES).count()
    if missing:
        return warn(_("%s counties are missing.") % missing, _("Run manage.py setup."))
    number = Unit.objects.count()
    if number <= 1:
        return warn(
            _("There are no units yet."),
            _(
                "Import the ministry's lists of schools, then add the offices and centres (handbook, chapter 0)."
            ),
        )
    return well(_("There are %s units.") % number)


def work_calendar() -> Finding:
    if missing_year(clock.today()):
        return warn(
            _("The work calendar of the next year is missing."),
            _("Renew the software: without it no holidays are named at registration."),
        )
    return well(_("The work calendar is complete."))


CHECKS = (
    Check(gettext_lazy("Mail server"), mail),
    Check(gettext_lazy("Outbox"), outbox),
    Check(gettext_lazy("Scheduled work"), scheduled_work),
    Check(gettext_lazy("Reminders"), timed_notices),
    Check(gettext_lazy("Contact"), contact),
    Check(gettext_lazy("Operators"), operators),
    Check(gettext_lazy("Second step"), second_step),
    Check(gettext_lazy("Registers"), registers),
    Check(gettext_lazy("Work calendar"), work_calendar),
)
