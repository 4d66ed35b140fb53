"""Long work of a person: an import, an export, a chase. The row is the truth; a worker only carries it out."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs import registry
from jobs.enums import FINISHED, LIVE, JobState
from kit import clock
from notices.readers import READERS

RESULT_RETENTION = timedelta(hours=24)
# Rows without files, for the notice that leads to them.
REMEMBERED = timedelta(days=30)
SILENT_AFTER = timedelta(minutes=10)
# With the sweep of every twenty seconds a job whose message was lost begins within a minute. A message too many does nothing: the first
# worker claims the row.
UNSTARTED_AFTER = timedelta(seconds=20)


class JobQuerySet(models.QuerySet["Job"]):
    def of_person(self, user_id: int | None) -> "JobQuerySet":
        """The work of a person, also that which the records merged into theirs have started; none of a visitor."""
        return self.none() if user_id is None else self.filter(owner_id__in=READERS.records_of(user_id))

    def recent(self, at: datetime | None = None) -> "JobQuerySet":
        """Begun, or still going on, in the last 24 hours."""
        return self.filter(Q(created_at__gt=(at or clock.now()) - RESULT_RETENTION) | Q(state__in=LIVE))

    def live(self) -> "JobQuerySet":
        return self.filter(state__in=LIVE)

    def unstarted(self, at: datetime | None = None) -> "JobQuerySet":
        """Sent to the workers twenty seconds ago or more, and still waiting: the message may be lost."""
        return self.filter(state=JobState.WAITING, sent_at__lt=(at or clock.now()) - UNSTARTED_AFTER)

    def silent(self, at: datetime | None = None) -> "JobQuerySet":
        """Running, but without a sign of life for ten minutes."""
        return self.filter(state=JobState.RUNNING, heartbeat_at__lt=(at or clock.now()) - SILENT_AFTER)

    def outlived(self, at: datetime | None = None) -> "JobQuerySet":
        """Finished 24 hours ago or more, files still there."""
        return self.filter(finished_at__lte=(at or clock.now()) - RESULT_RETENTION, expired_at=None)


class Job(models.Model):
    """One piece of work. `fingerprint` names what it does with what, so that a double click starts it once.

    `attempts` is the fence: a worker that was given up for dead writes nothing more into the row.
    """

    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    hat = models.CharField(max_length=200, blank=True)
    account_number = models.CharField(max_length=12, blank=True)
    language = models.CharField(max_length=10)
    request_id = models.CharField(max_length=32, blank=True)
    fingerprint = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.WAITING)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    outcome = models.JSONField(default=dict)
    input_file = models.CharField(max_length=100, blank=True)
    input_name = models.CharField(max_length=100, blank=True)
    result_file = models.CharField(max_length=100, blank=True)
    result_name = models.CharField(max_length=150, blank=True)
    result_type = models.CharField(max_length=100, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    # Set in the transaction that saves the work: if it is set, everything is saved.
    committed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background work")
        verbose_name_plural = _("pieces of background work")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="jobs_of_person"),
            models.Index(fields=["state"], name="jobs_live", condition=Q(state__in=sorted(LIVE))),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="jobs_job_state_known"),
            models.CheckConstraint(
                condition=Q(total=None) | Q(done__lte=F("total")), name="jobs_job_done_within_total"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(FINISHED), finished_at__isnull=False)
                | Q(state__in=sorted(LIVE), finished_at=None),
                name="jobs_job_finished_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING)
                | Q(started_at__isnull=False, heartbeat_at__isnull=False, attempts__gt=0),
                name="jobs_job_running_was_claimed",
            ),
            models.CheckConstraint(
                condition=Q(committed_at=None) | Q(state__in=[JobState.DONE, JobState.RUNNING]),
                name="jobs_job_saved_is_never_undone",
            ),
            models.CheckConstraint(
                condition=Q(expired_at=None) | Q(input_file="", result_file="", state__in=sorted(FINISHED)),
                name="jobs_job_expired_keeps_no_file",
            ),
            models.UniqueConstraint(
                fields=["owner", "kind", "fingerprint"],
                condition=Q(state__in=sorted(LIVE)),
                name="jobs_one_live_job_of_the_same",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def label(self) -> Promise:
        return registry.known(self.kind).label

    @property
    def template(self) -> str:
        return registry.known(self.kind).template

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_cancelling(self) -> bool:
        return self.is_live and self.cancel_asked_at is not None

    @property
    def result_until(self) -> datetime | None:
        return self.finished_at + RESULT_RETENTION if self.finished_at else None

    @property
    def seconds(self) -> float:
        """How long it ran."""
        end: Any = self.finished_at or clock.now()
        return (end - self.started_at).total_seconds() if self.started_at else 0.0


class JobRefusal(models.Model):
    """A wrong cell of a row that could not be taken. `value` is what may be shown of the cell: a national ID only masked."""

    # Refused rows that are kept, each with all its wrong cells.
    MOST = 1000

    job = models.ForeignKey(Job, models.CASCADE, related_name="refusals")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=60)
    value = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=300)

    class Meta:
        ordering = ["line", "id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "line", "column"], name="jobs_refusal_once_a_cell"),
            models.CheckConstraint(condition=Q(line__gte=1), name="jobs_refusal_line_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.column}: {self.sentence}"
