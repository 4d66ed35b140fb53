"""What people, places, accounts and log-ins hold on a person."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    AccountApplication,
    AccountReview,
    Affiliation,
    ApiToken,
    BusinessAccount,
    DayOff,
    Device,
    FirstLoginLink,
    Guest,
    IdentityChange,
    JoinRequest,
    PlaceOffer,
    PlaceProposal,
    Proof,
    SupportView,
    Unit,
    UnitList,
    User,
)
from accounts.presenters import audit_words
from accounts.queries.record import about_person
from audit.models import AuditEvent
from files.models import StoredFile
from jobs.models import Job
from kit import clock
from kit.own_data import Section, Values, moment_words, table
from notices.models import Notice, NoticeSetting

_DECIDED = ("requested_at", "state", "decided_at", "refusal")


def _people(people: Sequence[int]) -> Iterator[Values]:
    for row in User.objects.filter(pk__in=people).order_by("pk"):
        joined = clock.day_of(row.date_joined).isoformat()
        numbers = row.national_id_masked, row.passport_masked
        yield row.pk, row.name, row.mailbox, row.phone, *numbers, row.language, joined, row.closed_because


def _record(people: Sequence[int]) -> Iterator[Values]:
    """Who saw or changed the record, as its page shows it."""
    for person in people:
        for row in about_person(person).iterator(chunk_size=1000):
            yield (
                moment_words(row.at),
                audit_words.actor_words(row),
                audit_words.hat_words(row),
                audit_words.act_words(row),
                row.object_label,
                audit_words.reason_words(row),
                audit_words.address_for(row, person),
            )


def with_mailbox(*fields: str) -> Callable[[Sequence[int]], Q]:
    """Return what chooses the rows that name a person by the mailbox in one of these columns, without a foreign key."""

    def chosen(people: Sequence[int]) -> Q:
        mails = User.objects.filter(pk__in=people).exclude(email="").values_list("email", flat=True)
        named = [Q(**{f"{field}__iexact": mail}) for field in fields for mail in mails]
        return reduce(or_, named, Q(pk__in=[]))

    return chosen


PERSON = {
    "number": _("number"),
    "name": _("name"),
    "email": _("e-mail"),
    "phone": _("telephone"),
    "national_id": _("national ID (stored encrypted)"),
    "passport": _("passport (stored encrypted)"),
    "language": _("language"),
    "since": _("since"),
    "closed_because": _("why closed"),
}
RECORD = {
    "at": _("When"),
    "who": _("Who"),
    "hat": _("Hat"),
    "act": _("Act"),
    "about": _("About"),
    "reason": _("Reason"),
    "address": _("Network address"),
}

OWN_DATA = {
    "person": Section(_("person"), PERSON, _people, (User._meta.label,)),
    "places": table(Affiliation, "user", "unit__code", "unit__name", "title", "post", "since", "until"),
    "business_accounts": table(
        BusinessAccount, "user", "number", "unit__name", "role", "valid_from", "valid_until"
    ),
    "applications": table(
        AccountApplication, "user", "unit__name", "role", "starts_on", "ends_on", "reason", *_DECIDED
    ),
    "identity_changes": table(
        IdentityChange, "user", "old_name", "old_email", "new_name", "new_email", "reason", *_DECIDED
    ),
    "join_requests": table(
        JoinRequest, "person", "unit__name", "name", "email", "title", "reason", *_DECIDED
    ),
    "papers": table(Proof, "uploaded_by", "name", "content_type", "uploaded_at", title=_("papers sent")),
    "guest": table(Guest, "person", "unit__name", "organisation", "email", "entered_at"),
    "place_offers": table(
        PlaceOffer, "user", "unit__name", "title", "post", "state", "offered_at", "answered_at"
    ),
    "place_proposals": table(PlaceProposal, "person", "unit__name", "title", "day", "reason", *_DECIDED),
    "support_views": table(SupportView, "person", "reason", "begun_at", "ended_at"),
    "reviews_of_accounts": table(AccountReview, "confirmed_by__user", "unit__name", "half", "confirmed_at"),
    "days_off": table(DayOff, "added_by__user", "day", "name", "added_at", "ended_at"),
    "lists_of_units": table(UnitList, "uploaded_by", "name", "uploaded_at"),
    "contact_of_units": table(
        Unit,
        with_mailbox("contact_mail"),
        "code",
        "name",
        "contact_name",
        "contact_mail",
        title=_("units whose contact you are"),
    ),
    "addresses": table(EmailAddress, "user", "email", "verified", "primary"),
    "second_steps": table(Authenticator, "user", "type", "created_at", "last_used_at"),
    "education_log_ins": table(SocialAccount, "user", "provider", "uid", "date_joined", "last_login"),
    "sessions": table(UserSession, "user", "ip", "user_agent", "created_at", "last_seen_at"),
    "devices": table(Device, "user", "label", "address", "first_seen", "last_seen"),
    "keys": table(ApiToken, "user", "name", "created_at", "expires_at", "last_used_at", "revoked_at"),
    "first_log_ins": table(FirstLoginLink, "user", "created_at", "expires_at", "used_at"),
    "notices": table(Notice, "recipient", "created_at", "subject", "body", "read_at", "mailed_at"),
    "notice_settings": table(NoticeSetting, "recipient", "category", "by_mail", "changed_at"),
    "files": table(StoredFile, "owner", "name", "content_type", "size", "created_at", "deleted_at"),
    "jobs": table(Job, "owner", "kind", "state", "created_at", "finished_at", title=_("background work")),
    "record": Section(_("who saw or changed the record"), RECORD, _record, (AuditEvent._meta.label,)),
}
