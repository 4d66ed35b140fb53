"""研習課程 and what hangs on it: sessions and instructors."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BusinessAccount, Unit, User
from courses.enums import (
    Admission,
    CourseState,
    HoursBy,
    LeaveKind,
    Mode,
    OpenTo,
    Payer,
    Questionnaire,
    Travel,
    WithdrawalReason,
)
from courses.models.querysets import CourseQuerySet
from courses.models.reference import AudienceGroup, CourseNature, Stage, Tag
from kit import clock
from kit.texts import refuse_controls

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

course_code = RegexValidator(
    r"^[1-9]\d{6,9}\Z", _("A course code is seven to ten digits without a leading zero.")
)


def line(label: "StrOrPromise", length: int, **options: Any) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=length, validators=[refuse_controls], **options)


def prose(label: "StrOrPromise", length: int = 5000, **options: Any) -> "models.TextField[str, str]":
    return models.TextField(label, max_length=length, validators=[refuse_controls], **options)


def known(name: str, choices: type[models.TextChoices], *, or_empty: bool = False) -> models.CheckConstraint:
    """Return the constraint that a column of a course has one of its choices."""
    condition = Q(**{f"{name}__in": choices.values})
    return models.CheckConstraint(
        condition=Q(**{name: ""}) | condition if or_empty else condition, name=f"courses_course_{name}_known"
    )


class Course(models.Model):
    """What H0050014 §10 requires in public and what the partner interface adds (domain.md §4)."""

    code = models.CharField(_("course code"), max_length=10, unique=True, validators=[course_code])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="courses", verbose_name=_("organising unit"))
    handler = models.ForeignKey(
        BusinessAccount, models.PROTECT, related_name="courses", verbose_name=_("handler")
    )
    # 協辦: may do what the handler may, except move the course and name handlers.
    co_handler = models.ForeignKey(
        BusinessAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("second handler"),
    )
    state = models.CharField(_("state"), max_length=12, choices=CourseState, default=CourseState.DRAFT)

    title = line(_("course name"), 120)
    search_text = models.TextField(editable=False, blank=True)
    approval_number = line(_("approval number"), 60, blank=True)
    # 依據公文: the letter on which the course is based, beside the one that approves it.
    basis_number = line(_("based on the letter"), 60, blank=True, default="", db_default="")
    summary = prose(_("summary"), 1000, blank=True)
    outline = prose(_("outline"), blank=True)
    audience = line(_("target audience"), 300, blank=True)
    materials = prose(_("materials"), 1000, blank=True)
    method = line(_("teaching method"), 200, blank=True)
    nature = models.ForeignKey(
        CourseNature, models.PROTECT, null=True, blank=True, verbose_name=_("nature of the course")
    )
    stages = models.ManyToManyField(Stage, blank=True, verbose_name=_("stages of the audience"))
    groups = models.ManyToManyField(AudienceGroup, blank=True, verbose_name=_("groups of the audience"))
    tags = models.ManyToManyField(Tag, blank=True, verbose_name=_("tags"))

    mode = models.CharField(_("on site or on-line"), max_length=10, choices=Mode, default=Mode.ON_SITE)
    place = line(_("place"), 200, blank=True)
    meeting_link = models.URLField(_("meeting link"), max_length=300, blank=True)
    hours = models.DecimalField(
        _("hours"),
        max_digits=5,
        decimal_places=1,
        default=Decimal("3"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("200"))],
    )
    hours_by = models.CharField(
        _("hours follow attendance"), max_length=10, choices=HoursBy, default=HoursBy.SESSION
    )
    fee = models.PositiveIntegerField(_("fee (NT$)"), default=0, validators=[MaxValueValidator(100_000)])
    payer = models.CharField(_("who pays"), max_length=12, choices=Payer, default=Payer.NOBODY)

    leave_kind = models.CharField(_("recommended leave"), max_length=12, choices=LeaveKind, blank=True)
    travel = models.CharField(
        _("travel expenses"), max_length=12, choices=Travel, blank=True, default="", db_default=""
    )
    bring = line(_("what to bring"), 200, blank=True)
    questionnaire = models.CharField(
        _("questionnaire after the course"),
        max_length=10,
        choices=Questionnaire,
        blank=True,
        default="",
        db_default="",
    )
    capacity = models.PositiveIntegerField(
        _("places"), default=30, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    # Places that quotas keep and nobody has taken yet (`courses.models.audience`).
    seats_kept = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Who may enrol, named in rows of `AudienceTarget`; since when a registered course is narrowed to the own staff (docs/adr/0040).
    open_to = models.CharField(
        _("who may enrol"), max_length=10, choices=OpenTo, default=OpenTo.ALL, db_default=OpenTo.ALL
    )
    own_staff_since = models.DateTimeField(null=True, blank=True, editable=False)
    only_stages = models.BooleanField(
        _("only people of the course's stages"), default=False, db_default=False
    )
    only_titles = models.BooleanField(
        _("only people with one of the titles"), default=False, db_default=False
    )
    admission = models.CharField(
        _("admission"), max_length=10, choices=Admission, default=Admission.AUTOMATIC
    )
    waiting_list = models.BooleanField(_("keep a waiting list when full"), default=True)
    enrol_from = models.DateField(_("enrolment opens"), null=True, blank=True)
    enrol_until = models.DateField(_("enrolment closes"), null=True, blank=True)

    contact_name = line(_("contact"), 60, blank=True)
    contact_phone = line(_("contact's telephone"), 40, blank=True)
    contact_mail = models.EmailField(_("contact's e-mail"), blank=True)
    contact2_name = line(_("second contact"), 60, blank=True)
    contact2_phone = line(_("second contact's telephone"), 40, blank=True)
    contact2_mail = models.EmailField(_("second contact's e-mail"), blank=True)

    # Follow from the sessions (`courses.actions.registration` writes them): the Taipei days of the first and the last.
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("year (ROC)"), null=True, blank=True)

    # When its people were last moved to another time or room: it decides who may still cancel (`courses.queries.windows`).
    moved_at = models.DateTimeField(null=True, blank=True, editable=False)
    # 延期: a county suspended work and classes at the time of a session, and no new days were chosen yet.
    postponed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When a free place was last offered to the waiting list; people who joined the list later had no offer.
    offered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The page on which the draft was begun: sent twice, it makes one draft.
    form_key = models.UUIDField(null=True, blank=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    registered_at = models.DateTimeField(null=True, blank=True)
    sheets_made_at = models.DateTimeField(null=True, blank=True, editable=False)  # first printed or taken
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawal_reason = models.CharField(_("reason"), max_length=20, choices=WithdrawalReason, blank=True)
    withdrawal_text = prose(_("explanation"), 500, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True, editable=False)
    notified_by = models.CharField(max_length=200, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("capacity")), name="courses_course_seats_within_capacity"
            ),
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("capacity") - F("seats_kept")),
                name="courses_course_kept_seats_within_capacity",
            ),
            known("open_to", OpenTo),
            known("state", CourseState),
            models.CheckConstraint(
                condition=Q(enrol_from=None) | Q(enrol_until=None) | Q(enrol_until__gte=F("enrol_from")),
                name="courses_course_enrolment_closes_after_it_opens",
            ),
            known("leave_kind", LeaveKind, or_empty=True),
            known("hours_by", HoursBy),
            known("travel", Travel, or_empty=True),
            known("questionnaire", Questionnaire, or_empty=True),
            models.CheckConstraint(condition=Q(hours__gt=0), name="courses_course_hours_positive"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[1-9][0-9]{6,9}$"), name="courses_course_code_is_digits"
            ),
            models.CheckConstraint(
                condition=Q(state=CourseState.DRAFT)
                | Q(
                    year__isnull=False,
                    starts_on__isnull=False,
                    ends_on__gte=F("starts_on"),
                    ends_at__isnull=False,
                ),
                name="courses_course_registered_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(state=CourseState.CLOSED, closed_at__isnull=False)
                | (~Q(state=CourseState.CLOSED) & Q(closed_at=None)),
                name="courses_course_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=CourseState.WITHDRAWN, withdrawn_at__isnull=False, withdrawn_by__isnull=False
                )
                & ~Q(withdrawal_reason="")
                | (~Q(state=CourseState.WITHDRAWN) & Q(withdrawn_at=None, withdrawal_reason="")),
                name="courses_course_withdrawn_says_why",
            ),
            models.CheckConstraint(
                condition=Q(co_handler=None) | ~Q(co_handler=F("handler")),
                name="courses_course_second_handler_is_another",
            ),
            models.CheckConstraint(
                condition=Q(postponed_at=None) | Q(state=CourseState.REGISTERED),
                name="courses_course_postponed_is_registered",
            ),
            models.UniqueConstraint(
                fields=["unit", "form_key"],
                condition=Q(form_key__isnull=False),
                name="courses_course_one_a_form",
            ),
        ]
        indexes = [
            # The light's question: unclosed courses of a unit and year, by their last day.
            models.Index(
                fields=["unit", "year", "ends_on"],
                name="courses_unclosed",
                condition=Q(state=CourseState.REGISTERED, postponed_at=None),
            ),
            models.Index(fields=["unit", "year", "state"], name="courses_of_unit"),
            models.Index(
                fields=["starts_on", "id"],
                name="courses_catalogue",
                condition=Q(state__in=["registered", "closed"]),
            ),
            # Not over yet; with the first day, so that those that have begun are found without reading the others.
            models.Index(
                fields=["ends_on", "starts_on"],
                name="courses_upcoming",
                condition=Q(state__in=["registered", "closed"]),
            ),
            models.Index(fields=["closed_at"], name="courses_questionnaires", condition=~Q(questionnaire="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def seats_left(self) -> int:
        """The free places that no quota keeps."""
        return max(self.capacity - self.seats_taken - self.seats_kept, 0)

    @property
    def is_restricted(self) -> bool:
        """Whether some people may not enrol."""
        return self.open_to != OpenTo.ALL or self.only_stages or self.only_titles

    @property
    def is_unclosed(self) -> bool:
        return self.state == CourseState.REGISTERED

    @property
    def is_changeable(self) -> bool:
        """Neither closed nor withdrawn; the same rule as `CourseQuerySet.transferable`."""
        return self.state in (CourseState.DRAFT, CourseState.REGISTERED)

    def is_handled_by(self, account_id: int) -> bool:
        """Whether an account is the handler or the second handler (`CourseQuerySet.handled_by`)."""
        return account_id in (self.handler_id, self.co_handler_id)

    def has_ended(self, at: datetime | None = None) -> bool:
        """The last session is over: from this moment on the course can be closed. A postponed course is not over."""
        if self.postponed_at is not None or self.ends_at is None:
            return False
        return self.ends_at <= (at or clock.now())

    def enrolment_is_open(self, at: datetime | None = None) -> bool:
        """Registered, and today lies in the enrolment window (both days included), at the latest the day it starts."""
        if self.state != CourseState.REGISTERED or self.starts_on is None or self.has_ended(at):
            return False
        if self.postponed_at is not None:
            return False
        day = clock.today(at)
        return (self.enrol_from is None or self.enrol_from <= day) and day <= (
            self.enrol_until or self.starts_on
        )


class Session(models.Model):
    """場次: one dated meeting of a course."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    place = line(_("place (when it differs)"), 200, blank=True)
    topic = line(_("topic"), 200, blank=True)
    # The suspension that postponed it; the other sessions of the course are held.
    suspension = models.ForeignKey(
        "courses.Suspension", models.PROTECT, null=True, blank=True, related_name="sessions", editable=False
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="courses_session_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["starts_at", "course"], name="courses_by_day")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Instructor(models.Model):
    """講師."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="instructors")
    name = line(_("instructor"), 60)
    organisation = line(_("organisation and title"), 120, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("instructor")
        verbose_name_plural = _("instructors")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name
