"""How long what people and log-ins leave behind is kept."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.actions import anonymising
from accounts.enums import CloseReason, RequestState
from accounts.models import ApiToken, Device, FirstLoginLink, JoinRequest, User
from kit import clock
from kit.retention import TEN_YEARS, Rows, Rule, delete
from notices.enums import Category
from notices.models import Notice


def _closed_people(day: date) -> Rows:
    """Closed people who are not anonymised yet; a merged record follows its person's own."""
    rows = User.objects.filter(closed_at__lt=clock.at_taipei(day), merged_into=None)
    return rows.exclude(closed_because=CloseReason.MERGED).exclude(email__endswith=anonymising.MAILBOX)


def _join_requests(day: date) -> Rows:
    return JoinRequest.objects.exclude(state=RequestState.PENDING).filter(decided_at__lt=clock.at_taipei(day))


def _notices(day: date) -> Rows:
    """Old notices of the inbox. Reminders to close courses stay: they are the evidence that a handler was reminded."""
    rows = Notice.objects.filter(created_at__lt=clock.at_taipei(day)).exclude(category=Category.REMINDERS)
    return rows.exclude(by_mail=True, mailed_at=None, given_up_at=None)


RETENTION = {
    "people": Rule(
        _("closed people"),
        _("since the person was closed"),
        _("anonymised: name, e-mail, telephone, numbers and log-ins go; the hours stay"),
        TEN_YEARS,
        _closed_people,
        anonymising.anonymise,
    ),
    "join_requests": Rule(
        _("requests for a first log-in"),
        _("since the decision"),
        _("are deleted"),
        180,
        _join_requests,
        delete,
    ),
    "devices": Rule(
        _("known browsers"),
        _("since the last log-in with them"),
        _("are deleted"),
        396,
        lambda day: Device.objects.filter(last_seen__lt=clock.at_taipei(day)),
        delete,
    ),
    "keys": Rule(
        _("keys for programs"),
        _("since their end"),
        _("are deleted"),
        396,
        lambda day: ApiToken.objects.filter(expires_at__lt=clock.at_taipei(day)),
        delete,
    ),
    "first_log_ins": Rule(
        _("links for a first log-in"),
        _("since their end"),
        _("are deleted"),
        396,
        lambda day: FirstLoginLink.objects.filter(expires_at__lt=clock.at_taipei(day)),
        delete,
    ),
    "notices": Rule(
        _("notices"),
        _("since they were written"),
        _("deleted, but for reminders to close courses"),
        5 * 366,
        _notices,
        delete,
    ),
}
