"""Requests that others decide: business accounts, changes of name or e-mail, being entered at a unit; and the half-yearly review."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import RequestState, Role
from accounts.identity import masked, unseal
from accounts.models.account import BusinessAccount
from accounts.models.unit import Unit
from accounts.models.user import User
from files.models import StoredFile


class Proof(models.Model):
    """An uploaded paper, kept in the store of files under the rules of `accounts.file_kinds`."""

    name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.uploaded_by_id,)

    def __str__(self) -> str:
        return self.name


class Decided(models.Model):
    """A request with its decision. The decider is never the requester."""

    state = models.CharField(
        _("state"), max_length=12, choices=RequestState, default=RequestState.PENDING, db_index=True
    )
    reason = models.CharField(_("reason"), max_length=300)
    proof = models.ForeignKey(Proof, models.PROTECT, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    refusal = models.CharField(_("reason of the refusal"), max_length=300, blank=True)

    class Meta:
        abstract = True


class AccountApplication(Decided):
    """申請業務帳號: a request for an own business account at a unit."""

    user = models.ForeignKey(User, models.PROTECT, related_name="applications", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="applications", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.HANDLER)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("last day (temporary account)"), null=True, blank=True)
    account = models.OneToOneField(
        BusinessAccount, models.PROTECT, null=True, blank=True, related_name="application"
    )

    class Meta:
        verbose_name = pgettext_lazy("one", "application for a business account")
        verbose_name_plural = _("applications for business accounts")
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=Q(state=RequestState.PENDING),
                name="accounts_one_pending_application",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="accounts_application_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("user")) | Q(state=RequestState.TAKEN_BACK),
                name="accounts_application_not_own_judge",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.APPROVED, account__isnull=False)
                | (~Q(state=RequestState.APPROVED) & Q(account=None)),
                name="accounts_application_approved_has_account",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.user} → {self.unit}"


class IdentityChange(Decided):
    """A holder of a business account requests another name or e-mail: the hand-overs of the letter could hide in such changes."""

    user = models.ForeignKey(User, models.PROTECT, related_name="identity_changes", verbose_name=_("person"))
    old_name = models.CharField(_("name so far"), max_length=60)
    old_email = models.EmailField(_("e-mail so far"), max_length=200)
    new_name = models.CharField(_("new name"), max_length=60)
    new_email = models.EmailField(_("new e-mail"), max_length=200)
    # The trigger allows a change of a holder's name or e-mail only while this mark is set, inside the approving transaction.
    applying = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = pgettext_lazy("one", "change of name or e-mail")
        verbose_name_plural = _("changes of name or e-mail")
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state=RequestState.PENDING), name="accounts_one_pending_change"
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("user")) | Q(state=RequestState.TAKEN_BACK),
                name="accounts_change_not_own_judge",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.old_name} <{self.old_email}> → {self.new_name} <{self.new_email}>"


class JoinRequest(Decided):
    """A visitor who is in no register requests to be entered at a unit. What was typed is compared with nobody before the decision."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="join_requests", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), max_length=200)
    title = models.CharField(_("title"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10)
    # Sealed until the decision, then forgotten; the hash distinguishes a second request from the first.
    id_sealed = models.TextField(blank=True, editable=False)
    id_hash = models.CharField(max_length=64, editable=False)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="join_requests")

    class Meta:
        verbose_name = _("request to be entered at a unit")
        verbose_name_plural = _("requests to be entered at a unit")
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "id_hash"],
                condition=Q(state=RequestState.PENDING),
                name="accounts_one_pending_join_request",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.PENDING) | Q(id_sealed=""),
                name="accounts_join_request_forgets_number",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.APPROVED, person__isnull=False)
                | (~Q(state=RequestState.APPROVED) & Q(person=None)),
                name="accounts_join_request_approved_has_person",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,) if self.person_id else ()

    @property
    def national_id(self) -> str:
        return unseal(self.id_sealed) if self.id_sealed else ""

    @property
    def national_id_masked(self) -> str:
        return masked(self.national_id) if self.id_sealed else ""

    def __str__(self) -> str:
        return f"{self.name} → {self.unit}"


class AccountReview(models.Model):
    """A unit lead has reviewed the unit's accounts for a half-year and confirmed each."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reviews")
    half = models.CharField(_("half-year"), max_length=5)
    confirmed_by = models.ForeignKey(BusinessAccount, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"))
    # Numbers and names as the lead saw them.
    accounts = models.JSONField(default=list)

    class Meta:
        verbose_name = _("review of accounts")
        verbose_name_plural = _("reviews of accounts")
        ordering = ["-half"]
        constraints = [models.UniqueConstraint(fields=["unit", "half"], name="accounts_one_review_a_half")]

    def __str__(self) -> str:
        return f"{self.unit} {self.half}"
