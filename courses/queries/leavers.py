"""The enrolments that end because their person leaves: closed by the operator, or no longer one of the unit's own staff."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest, TruncDate

from accounts.models import Affiliation
from courses.enums import CourseState, EnrolmentState, OpenTo
from courses.models import Course, Enrolment, Session
from courses.models.querysets import EnrolmentQuerySet
from kit import clock


def enrolments_to_cancel(person_id: int, at: datetime) -> EnrolmentQuerySet:
    """Return the live enrolments of a person, and of records merged into it, that end when the person is closed.

    A place in a course that has begun stays: its organiser decides about the hours on the closing sheet.
    """
    return _to_come(Enrolment.objects.of_person(person_id), at)


def number_to_cancel(person_id: int) -> int:
    """Return how many enrolments end when a person is closed now."""
    return enrolments_to_cancel(person_id, clock.now()).count()


def enrolments_of_leavers(at: datetime) -> EnrolmentQuerySet:
    """Return the live enrolments in coming courses for a unit's own staff whose people have left that staff since (docs/adr/0038, 0040).

    Since they enrolled, and since the course is for the own staff; what was written of the end only later counts, too. Who serves
    there now, or again when the course begins, stays enrolled, and so does a person whom the organiser put on the list
    after the service, or who is of another unit. At a unit that has closed all enrolments go on.
    """
    today = clock.today(at)
    mine = Q(user=OuterRef("user")) | Q(user=OuterRef("user__merged_into"))
    here = Affiliation.objects.filter(mine, unit=OuterRef("course__unit"))
    left_since = Q(until__gte=OuterRef("bound_on")) | Q(end_entered_at__gte=OuterRef("bound_at"))
    ended = here.filter(left_since, until__lt=today)
    lasting = here.filter(Q(until=None) | Q(until__gte=today))
    # A course may have begun, or be postponed: its first day lies before today then.
    begun = Q(since=None) | Q(since__lte=today) | Q(since__lte=OuterRef("course__starts_on"))
    on_staff = lasting.filter(begun)
    is_open = Q(course__unit__until=None) | Q(course__unit__until__gte=today)
    # As `courses.queries.windows.placed_at`: who is put on the list again keeps the moment of the first enrolment.
    placed_at = Coalesce("decided_at", "enrolled_at")
    bound_at = Greatest(placed_at, Coalesce("course__own_staff_since", placed_at))
    rows = Enrolment.objects.alias(bound_at=bound_at, bound_on=TruncDate(bound_at, tzinfo=clock.TAIPEI))
    own = rows.filter(is_open, Exists(ended), ~Exists(on_staff), course__open_to=OpenTo.OWN_UNIT)
    return _to_come(own, at)


def courses_with_leavers(at: datetime) -> list[int]:
    """Return the primary keys of the courses of `enrolments_of_leavers`, in one query."""
    rows = Course.objects.filter(pk__in=enrolments_of_leavers(at).order_by().values("course"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _to_come(rows: EnrolmentQuerySet, at: datetime) -> EnrolmentQuerySet:
    """Return those that are live in a registered course which has not begun, or in which the person has no place yet."""
    held = Session.objects.filter(course=OuterRef("course"), suspension=None)
    over_before = Q(course__ends_at__lte=at, course__postponed_at=None)
    begun = Q(Exists(held.filter(starts_at__lte=at)), state=EnrolmentState.ADMITTED)
    rows = rows.live().filter(course__state=CourseState.REGISTERED)
    return rows.exclude(over_before).exclude(begun)
