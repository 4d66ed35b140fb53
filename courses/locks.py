"""The locks of the courses app, each held until the transaction ends.

They follow those of `accounts.locks` in this order, rows of one kind by ascending primary key: courses → suspensions → enrolments or transfers → lights → campaigns.
A job's row (`jobs.progress.Work`) comes last. Each course has a queue beside its row: who may free a place or change the course queues alone,
who begins to wait for a place queues together with the others who do.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from courses.enums import OpenTo
from courses.errors import CampaignGone, CourseGone
from courses.models import Campaign, Course, Enrolment, Suspension, TransferRequest, UnitLight
from kit.locks import lock_rows, queue_alone, queue_together

QUEUE = "courses_course"


def lock_course(course: Course) -> Course:
    """Lock a course, its queue first and then its row; return it as it is now.

    It waits at most for those who queued before it. Raise CourseGone (a draft that was discarded meanwhile).
    """
    return lock_courses([course.pk])[course.pk]


def lock_courses(course_ids: Iterable[int]) -> dict[int, Course]:
    """Lock courses one after the other, as `lock_course`; return them as they are now, by primary key. Raise CourseGone."""
    wanted = sorted(set(course_ids))
    for pk in wanted:
        queue_alone(QUEUE, pk)
        lock_rows(Course, [pk])
    found = Course.objects.select_related("handler__user", "co_handler__user", "unit").in_bulk(wanted)
    if len(found) < len(wanted):
        raise CourseGone
    return {pk: found[pk] for pk in wanted}


def lock_course_rows(course_ids: Iterable[int]) -> None:
    """Lock the rows of many courses at once, without their queues: for acts that free no place and change no state (reminders)."""
    lock_rows(Course, course_ids)


class Seats(NamedTuple):
    """What enrolling needs of a course under its lock."""

    state: str
    admission: str
    left: int
    is_restricted: bool = False


def share_course(course_id: int) -> Seats:
    """Take the shared lock of a course and return its current seats: until the transaction ends no place is freed and the
    course is not closed or withdrawn.

    Places may still be claimed. Those who share a course do not wait for each other, and an exclusive lock waits only for the
    holders before it.
    """
    queue_together(QUEUE, course_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, admission, capacity - seats_taken - seats_kept,"
            " open_to <> %s OR only_stages OR only_titles FROM courses_course WHERE id = %s",
            [OpenTo.ALL, course_id],
        )
        return Seats(*cursor.fetchone())


def lock_suspension(suspension: Suspension) -> Suspension:
    """Lock a suspension of work and classes, after its courses, with the others of its county and day; return it as it is now.

    None is postponed by it any more once it is taken back. The others take over what it frees.
    """
    same_day = Suspension.objects.filter(county=suspension.county_id, day=suspension.day)
    lock_rows(Suspension, same_day.values_list("pk", flat=True))
    return Suspension.objects.select_related("county", "day_off").get(pk=suspension.pk)


def lock_enrolments(course: Course, enrolment_ids: Iterable[int]) -> list[Enrolment]:
    """Lock enrolments of a locked course; return those that are the course's, with their people, by primary key."""
    mine = list(course.enrolments.filter(pk__in=set(enrolment_ids)).values_list("pk", flat=True))
    lock_rows(Enrolment, mine)
    return list(course.enrolments.filter(pk__in=mine).select_related("user").order_by("pk"))


def lock_enrolment_of(course: Course, user_id: int) -> Enrolment | None:
    """Lock a person's enrolment in a locked course; None when there is none. Of merged records the one that counts."""
    mine = Enrolment.objects.of_person(user_id).filter(course=course)
    row = mine.counting_once().only("pk").first()
    rows = lock_enrolments(course, [row.pk] if row else [])
    return rows[0] if rows else None


def lock_transfers(transfer_ids: Iterable[int]) -> list[TransferRequest]:
    """Lock requests for a transfer, whose courses the caller has locked; return them as they are now, in the order of their courses."""
    wanted = set(transfer_ids)
    lock_rows(TransferRequest, wanted)
    related = TransferRequest.objects.select_related(
        "course", "to_account__user", "from_account__user", "requested_by"
    )
    return list(related.filter(pk__in=wanted).order_by("course_id", "pk"))


def lock_lights(unit_ids: Iterable[int] | None, year: int) -> dict[int, tuple[str, datetime]]:
    """Lock the lights of a ROC year, of the units or of all; return colour and time of the last count by unit.

    Lights that are missing are not made. Several years: the running one first, then the latest (`courses.queries.lights.lock_order`).
    """
    rows = UnitLight.objects.filter(year=year)
    rows = rows if unit_ids is None else rows.filter(unit_id__in=list(unit_ids))
    locked = rows.order_by("pk").select_for_update(no_key=True)
    found = locked.values_list("unit_id", "colour", "computed_at")
    return {unit: (colour, counted) for unit, colour, counted in found}


def lock_campaign(campaign: Campaign) -> Campaign:
    """Lock a campaign: it begins, changes and ends once. Return it as it is now. Raise CampaignGone (a draft that was discarded meanwhile)."""
    lock_rows(Campaign, [campaign.pk])
    found = Campaign.objects.select_related("county").filter(pk=campaign.pk).first()
    if found is None:
        raise CampaignGone
    return found
