"""Places of service that a log-in or another unit proposes to begin or to end; the unit decides."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import ProposalSource, RequestState
from accounts.models.affiliation import Affiliation
from accounts.models.applications import Decided
from accounts.models.unit import Unit
from accounts.models.user import User


class PlaceProposal(Decided):
    """A place of service at `unit` is to begin on `day`, or `place` is to end after it."""

    person = models.ForeignKey(User, models.PROTECT, related_name="place_proposals")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="place_proposals", verbose_name=_("unit"))
    # The place that is to end; None where one is to begin.
    place = models.ForeignKey(Affiliation, models.PROTECT, null=True, blank=True, related_name="proposals")
    title = models.CharField(_("title"), max_length=40, blank=True)
    day = models.DateField(pgettext_lazy("date", "day"))
    source = models.CharField(_("proposed by"), max_length=12, choices=ProposalSource)

    class Meta:
        verbose_name = _("proposed place of service")
        verbose_name_plural = _("proposed places of service")
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "unit"],
                condition=Q(state=RequestState.PENDING),
                name="accounts_one_pending_proposal",
            ),
            models.CheckConstraint(
                condition=Q(source__in=ProposalSource.values), name="accounts_proposal_source_known"
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.person_id,)

    @property
    def is_end(self) -> bool:
        """Whether a place is to end; otherwise one is to begin."""
        return self.place_id is not None

    def __str__(self) -> str:
        return f"{self.person} · {self.unit}"
