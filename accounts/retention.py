"""How long what people and log-ins leave behind is kept."""

from datetime import date

from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actions import anonymising
from accounts.enums import CloseReason, OfferState, RequestState
from accounts.models import (
    AccountApplication,
    AccountReview,
    ApiToken,
    Device,
    FirstLoginLink,
    IdentityChange,
    JoinRequest,
    PlaceOffer,
    PlaceProposal,
    Proof,
    SupportView,
    User,
)
from accounts.models.applications import Decided
from files import actions as files
from kit import clock
from kit.retention import TEN_YEARS, Rows, Rule, delete
from notices.enums import Category
from notices.models import Notice


def _closed_people(day: date) -> Rows:
    """Closed people who are not anonymised yet; a merged record follows its person's own."""
    rows = User.objects.filter(closed_at__lt=clock.at_taipei(day), merged_into=None)
    return rows.exclude(closed_because=CloseReason.MERGED).exclude(email__endswith=anonymising.MAILBOX)


def _decided(model: type[Decided], day: date) -> Rows:
    return model._default_manager.exclude(state=RequestState.PENDING).filter(
        decided_at__lt=clock.at_taipei(day)
    )


def _applications(day: date) -> Rows:
    """Applications that came to nothing, or whose account has ended: one in force keeps what it was given for."""
    ended = Q(account=None) | Q(account__ended_at__lt=clock.at_taipei(day))
    return _decided(AccountApplication, day).filter(ended)


def _delete_requests(rows: Rows) -> int:
    """Delete requests with the papers that were sent with them."""
    papers = list(rows.exclude(proof=None).values_list("proof", flat=True))
    gone = delete(rows)
    for paper in Proof.objects.filter(pk__in=papers).select_related("file"):
        file = paper.file
        paper.delete()
        if file is not None:
            files.delete(file)
    return gone


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
        last=True,
    ),
    "join_requests": Rule(
        _("requests for a first log-in"),
        _("since the decision"),
        _("are deleted"),
        180,
        lambda day: _decided(JoinRequest, day),
        _delete_requests,
    ),
    "applications": Rule(
        _("applications for business accounts"),
        _("since the decision and the end of the account"),
        _("deleted, with the papers sent with them"),
        TEN_YEARS,
        _applications,
        _delete_requests,
    ),
    "identity_changes": Rule(
        _("changes of name or e-mail"),
        _("since the decision"),
        _("deleted, with the papers sent with them"),
        5 * 366,
        lambda day: _decided(IdentityChange, day),
        _delete_requests,
    ),
    "place_offers": Rule(
        _("offered places of service"),
        _("since the reply"),
        _("deleted; the place itself stays"),
        5 * 366,
        lambda day: PlaceOffer.objects.exclude(state=OfferState.PENDING).filter(
            answered_at__lt=clock.at_taipei(day)
        ),
        delete,
    ),
    "place_proposals": Rule(
        _("proposals to end or change a place of service"),
        _("since the decision"),
        _("deleted; the place itself stays"),
        5 * 366,
        lambda day: _decided(PlaceProposal, day),
        _delete_requests,
    ),
    "account_reviews": Rule(
        _("half-yearly reviews of business accounts"),
        _("since they were confirmed"),
        _("are deleted"),
        TEN_YEARS,
        lambda day: AccountReview.objects.filter(confirmed_at__lt=clock.at_taipei(day)),
        delete,
    ),
    "support_views": Rule(
        _("looks of the operator at the pages of a person"),
        _("since their end"),
        _("are deleted"),
        5 * 366,
        lambda day: SupportView.objects.filter(until__lt=clock.at_taipei(day)),
        delete,
    ),
    "sessions": Rule(
        _("log-ins that are open in a browser"),
        _("since they were last used"),
        _("are deleted"),
        396,
        lambda day: UserSession.objects.filter(last_seen_at__lt=clock.at_taipei(day)),
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
