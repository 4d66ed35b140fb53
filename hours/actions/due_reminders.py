"""The morning's reminder to those in charge: one message a person and day, which lists everything that is due by its deadline."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.urls import reverse

from accounts.models import BusinessAccount, User
from accounts.unit_pages import unit_page
from courses.models import Course
from hours.queries import due_reminders as due
from hours.queries.closing_steps import CATCH_UP, DECIDE, POSTPONED, POSTPONED_LONG, DueStep
from kit import clock
from notices import outbox, outdated
from notices.models import Notice
from notices.timed import Batch

KIND = "hours_due"
PEOPLE_AT_ONCE = 200


def batch(day: date, cursor: int) -> Batch:
    """Return the reminders of some of the people: what is due and was not named to the person before."""
    people = due.people_after(cursor, day, PEOPLE_AT_ONCE)
    told = _notified(people, day)
    notices = [
        _notice(person, fresh, day)
        for person, steps in due.steps_of(people, day).items()
        if (fresh := [step for step in steps if (person.pk, step.ref) not in told])
    ]
    return Batch(notices, people[-1] if len(people) == PEOPLE_AT_ONCE else None)


def _notified(people: Sequence[int], day: date) -> set[tuple[int | None, str]]:
    """Return (person, event) of the reminders that were written lately: no event is named to a person twice."""
    since = clock.at_taipei(day - CATCH_UP - due.AHEAD)
    return Notice.objects.filter(kind=KIND, recipient_id__in=people, created_at__gte=since).named()


def _notice(person: User, steps: Sequence[DueStep], day: date) -> outbox.NewNotice:
    return outbox.NewNotice(
        kind=KIND,
        to=person,
        about="closing",
        day=day,
        refs=[step.ref for step in steps],
        path=_path_of(steps),
        context={"items": [_item(step) for step in steps]},
    )


def _item(step: DueStep) -> dict[str, object]:
    """Return what a line of the message shows."""
    course = step.course
    return {
        "step": step.step,
        "code": course.code,
        "title": course.title,
        "unit": course.unit.name,
        "handler": course.handler.user.name,
        "people": due.people_in(course),
        "applied": due.applicants_of(course),
        "hours": course.hours,
        "deadline": step.deadline,
        "url": settings.SITE_URL + _page_of(step),
    }


def _page_of(step: DueStep) -> str:
    """Return the page on which a step is done: the closing sheet, the applicants, or the course whose new days are chosen."""
    routes = {DECIDE: "courses:applicants"} | dict.fromkeys((POSTPONED, POSTPONED_LONG), "courses:detail")
    return reverse(routes.get(step.step, "hours:close"), args=[step.course.code])


def _path_of(steps: Sequence[DueStep]) -> str:
    """Return the page of the only step, or the list of the unit whose deadline is the first, in the oldest year."""
    if len(steps) == 1:
        return _page_of(steps[0])
    unit = steps[0].course.unit_id
    year = min(step.course.year or 0 for step in steps if step.course.unit_id == unit)
    return unit_page("courses:unit_courses", unit, state="registered", year=year)


@outdated.recheck(KIND)
def still_due(notices: Sequence[Notice]) -> dict[int, tuple[str, str] | None]:
    """A reminder that waited names only what is still to be done and still concerns its reader; without any it is not sent."""
    day = clock.today()
    people = [notice.recipient_id for notice in notices if notice.recipient_id]
    ids = {int(ref.split(":")[1]) for notice in notices for ref in notice.refs}
    accounts = BusinessAccount.objects.active(day).filter(user_id__in=people, role__in=due.ROLES)
    courses = due.with_counts(Course.objects.filter(pk__in=ids), day)
    now = due.steps_by_person(accounts.select_related("user").order_by("id"), list(courses), day)
    found: dict[int, tuple[str, str] | None] = {}
    for notice in notices:
        if notice.recipient is None:
            continue
        named = {ref.rpartition(":")[0].rpartition(":")[0] for ref in notice.refs}
        rest = [s for s in now.get(notice.recipient, []) if f"course:{s.course.pk}" in named]
        if not rest:
            found[notice.pk] = None
        elif len(rest) < len(notice.refs):
            found[notice.pk] = outbox.text_of(_notice(notice.recipient, rest, day))
    return found
