"""任職: where a person serves, from a first to a last day."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.in_force import as_q, hold, serving, serving_or_to_come
from accounts.models.unit import Unit
from accounts.models.user import User
from kit import clock


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def serving(self, on: date | None = None) -> "AffiliationQuerySet":
        """Return the places at which people serve on a Taipei day (today when none is given)."""
        return self.filter(as_q(serving(on or clock.today())))

    def serving_or_to_come(self, on: date | None = None) -> "AffiliationQuerySet":
        """Return the places that have not ended on a Taipei day: those of the day, and those that begin later."""
        return self.filter(as_q(serving_or_to_come(on or clock.today())))

    def overlapping(self, since: date | None, until: date | None) -> "AffiliationQuerySet":
        """Return the places that share a day with the days from `since` to `until` (None: without a limit)."""
        rows = self
        if until is not None:
            rows = rows.filter(Q(since=None) | Q(since__lte=until))
        if since is not None:
            rows = rows.filter(Q(until=None) | Q(until__gte=since))
        return rows


class Affiliation(models.Model):
    """A person serves at a unit under a title. Several units at once are possible, and one unit several times, one after the other.

    No two places of one person and unit share a day: `accounts_places_overlap`, an exclusion constraint on PostgreSQL and a
    trigger on SQLite (migration 0017).
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="affiliations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="affiliations")
    title = models.CharField(_("title"), max_length=40, blank=True)
    # 職務, beside the title: 教務主任, 三年甲班導師.
    post = models.CharField(_("post"), max_length=40, blank=True, default="", db_default="")
    # Lists of people keep the school's administrative order: 校長 10, 主任 20, 組長 30, 教師 40.
    rank = models.PositiveSmallIntegerField(default=40)
    # The unit's own order of its staff; without one the rank decides.
    order = models.PositiveSmallIntegerField(_("order in the unit"), null=True, blank=True)
    # 代理: for a time, so with a last day.
    is_substitute = models.BooleanField(_("substitute"), default=False, db_default=False)
    # 兼任: the person's main place is at another unit.
    is_concurrent = models.BooleanField(_("concurrent"), default=False, db_default=False)
    since = models.DateField(_("first day"), null=True, blank=True)
    until = models.DateField(_("last day"), null=True, blank=True)
    # When the last day was written, which may be after it; None where it came with the place, or before this was kept.
    end_entered_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The place of a merged record that this one continues (docs/adr/0024).
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="continued_by"
    )

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("place of service")
        verbose_name_plural = _("places of service")
        ordering = ["rank", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="accounts_place_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(is_substitute=False) | Q(until__isnull=False),
                name="accounts_substitute_has_last_day",
            ),
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.user_id,)

    def __str__(self) -> str:
        return f"{self.user} · {self.unit}"

    def is_serving(self, on: date | None = None) -> bool:
        """Whether the person serves here on a Taipei day (today when none is given)."""
        return hold(serving(on or clock.today()), self)

    def note_end(self, former: date | None, at: datetime | None = None) -> None:
        """Note that the last day is being written, now unless `at` says when, if it is another one than the former."""
        if self.until != former:
            self.end_entered_at = (at or clock.now()) if self.until else None

    def shares_days(self, since: date | None, until: date | None) -> bool:
        """Whether the place shares a day with these days, as `AffiliationQuerySet.overlapping`."""
        begun = self.since is None or until is None or self.since <= until
        return begun and (self.until is None or since is None or self.until >= since)
