"""One reminder of the questionnaires to which a person has not replied, some days after the closing of each course (docs/adr/0032)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from courses.enums import Questionnaire
from courses.models import Course
from hours.queries.surveys import last_moment, reader_of, unanswered
from kit import clock
from kit.holidays import is_workday
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

KIND = "questionnaire_open"
PEOPLE_AT_ONCE = 500
Open = tuple[int, Course]


def is_due(day: date) -> bool:
    return settings.QUESTIONNAIRE_REMIND_DAYS > 0 and is_workday(day)


def batch(day: date, cursor: int) -> Batch:
    """Return the reminders of some of the people: each names the questionnaires that the person was not reminded of before."""
    rows = unanswered(_closed_until(day), clock.now()).filter(person__gt=cursor)
    people = list(rows.order_by("person").values_list("person", flat=True).distinct()[:PEOPLE_AT_ONCE])
    told = _notified(people, day)
    found: dict[int, list[Course]] = {}
    for person, course in _open(people, day):
        if (person, _ref(course)) not in told:
            found.setdefault(person, []).append(course)
    readers = User.objects.filter(is_active=True).in_bulk(list(found))
    notices = [_notice(reader, found[pk], day) for pk, reader in readers.items()]
    return Batch(notices, people[-1] if len(people) == PEOPLE_AT_ONCE else None)


def _closed_until(day: date) -> datetime:
    """Return the end of the day whose closings are reminded of on a day, and those before it."""
    return clock.end_of_day(day - timedelta(days=settings.QUESTIONNAIRE_REMIND_DAYS))


def _open(people: Collection[int], day: date) -> list[Open]:
    """Return each of the people with each course whose questionnaire waits, the first to end foremost; once for merged records."""
    rows = unanswered(_closed_until(day), clock.now()).filter(person__in=people)
    found = rows.select_related("course__unit").order_by("course__closed_at", "course_id")
    return list({(reader_of(row), row.course_id): (reader_of(row), row.course) for row in found}.values())


def _notified(people: Collection[int], day: date) -> set[tuple[int | None, str]]:
    """Return (person, questionnaire) of the reminders that were written: none is named to a person twice."""
    since = clock.at_taipei(day - timedelta(days=settings.QUESTIONNAIRE_DAYS))
    return Notice.objects.filter(kind=KIND, recipient_id__in=people, created_at__gte=since).named()


def _ref(course: Course) -> str:
    return f"questionnaire:{course.pk}"


def _notice(person: User, courses: Sequence[Course], day: date) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=person,
        about="questionnaires",
        day=day,
        refs=[_ref(course) for course in courses],
        path=_page(courses[0]) if len(courses) == 1 else reverse("hours:me"),
        context={"items": [_item(course) for course in courses]},
    )


def _page(course: Course) -> str:
    return reverse("hours:questionnaire", args=[course.code])


def _item(course: Course) -> dict[str, object]:
    until = last_moment(course)
    return {
        "title": course.title,
        "unit": course.unit.name,
        "is_required": course.questionnaire == Questionnaire.REQUIRED,
        # Its last whole day.
        "until": clock.day_of(until - timedelta(days=1)) if until else None,
        "url": settings.SITE_URL + _page(course),
    }


@outdated.recheck(KIND)
def still_open(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A reminder that waited names only what is still open and without a reply; without any it is not sent."""
    people = {notice.recipient_id: notice.recipient for notice in notices if notice.recipient}
    left = {
        (person, _ref(course)): course for person, course in _open([pk for pk in people if pk], clock.today())
    }
    found: dict[int, tuple[str, str] | None] = {}
    for notice in notices:
        rest = [left[key] for ref in notice.refs if (key := (notice.recipient_id or 0, ref)) in left]
        if not rest or notice.recipient is None:
            found[notice.pk] = None
        elif len(rest) < len(notice.refs):
            day = clock.day_of(notice.created_at)
            found[notice.pk] = outbox.text_of(_notice(notice.recipient, rest, day))
    return found
