"""核發時數 → 結案: attendance, ledger, state, record, notices and the unit's light, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from accounts.acting import Actor
from accounts.models import BusinessAccount, User
from audit import log
from courses.actions import lights, outcomes
from courses.actions.states import lock
from courses.enums import CourseState, EnrolmentState
from courses.models import Course, Enrolment, YearlyPolicy
from courses.rules import require_manager
from hours.enums import CreditKind
from hours.errors import AlreadyClosed, BadHours, ListChanged, NotOverYet
from hours.models import Closing, ClosingDraft, HourCredit
from inservice import clock
from notices import outbox

ZERO = Decimal("0")
S = EnrolmentState


@dataclass(frozen=True)
class Mark:
    """What the clerk says of one person: the outcome, and the hours when attended."""

    state: EnrolmentState
    hours: Decimal = ZERO


@dataclass(frozen=True)
class Sheet:
    """The filled page: marks by enrolment, walk-ins with their hours, and the request's own key."""

    request_key: str
    marks: Mapping[int, Mark]
    walk_ins: Sequence[tuple[User, Decimal]] = field(default_factory=list)


@transaction.atomic
def close_course(*, course: Course, by: Actor, sheet: Sheet, at: datetime | None = None) -> Closing:
    """Issue the hours and close the course. The same request again answers with the same closing and issues nothing.

    Raises NotOverYet, AlreadyClosed (by another request), WrongState (withdrawn), ListChanged (somebody was admitted or left
    since the page was drawn), BadHours, NotTheHandler. Nothing is half-saved; the drafts go.
    """
    moment = at or clock.now()
    account = require_manager(by, course)
    course = lock(course)
    if course.state == CourseState.CLOSED:
        return _the_same(course, sheet.request_key)
    if not course.has_ended(moment):
        raise NotOverYet(when=_when(course.ends_at))
    rows, hours = _marked(course, sheet, moment)
    outcomes.set_outcomes(rows, {row.pk: _mark(row, sheet, hours).state for row in rows})
    outcomes.finish(course, moment)
    closing = _write_closing(course, by, account, sheet.request_key, rows, hours, moment)
    _issue(course, rows, hours, by, moment)
    lights.refresh(unit_ids=[course.unit_id], at=moment, cause="closing")
    log.record("course.close", course, by=by, unit_id=course.unit_id, after=_totals(closing))
    _tell(course, closing, rows, hours, by)
    ClosingDraft.objects.filter(course=course).delete()
    return closing


def refuse_closed(course: Course) -> None:
    """Raises AlreadyClosed, which says when and by whom."""
    closing = Closing.objects.select_related("closed_by").filter(course=course).first()
    if closing:
        raise AlreadyClosed(when=_when(closing.closed_at), who=closing.closed_by.name)


def _the_same(course: Course, key: str) -> Closing:
    try:
        return Closing.objects.get(course=course, request_key=key)
    except Closing.DoesNotExist:
        refuse_closed(course)
        raise


def _when(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    local = moment.astimezone(clock.TAIPEI)
    return f"{clock.to_roc(local.date())} {local:%H:%M}"


def _marked(course: Course, sheet: Sheet, moment: datetime) -> tuple[list[Enrolment], dict[int, Decimal]]:
    """Everybody on the sheet with the hours each gets. Refuses a sheet that does not cover exactly the admitted."""
    admitted = list(course.enrolments.filter(state=S.ADMITTED).select_related("user").order_by("id"))
    strangers = {row.pk for row in admitted} ^ set(sheet.marks)
    if strangers:
        raise ListChanged(names=_names(strangers))
    walked = outcomes.add_walk_ins(course, [person for person, _ in sheet.walk_ins], moment)
    by_person = {person.pk: hours for person, hours in sheet.walk_ins}
    hours = {row.pk: mark.hours for row in admitted if (mark := sheet.marks[row.pk]).state == S.ATTENDED}
    hours |= {row.pk: by_person[row.user_id] for row in walked}
    people = {row.pk: row for row in admitted} | {row.pk: row for row in walked}
    step = hour_step(course)
    for pk, amount in hours.items():
        check_hours(course, people[pk].user.name, amount, step)
    return list(people.values()), hours


def check_hours(course: Course, name: str, amount: Decimal, step: Decimal) -> None:
    """Hours of one person lie between the policy's step and the course's own hours, in whole steps. Raises BadHours."""
    if not step <= amount <= course.hours or amount % step:
        raise BadHours(name=name, step=step.normalize(), most=course.hours.normalize())


def hour_step(course: Course) -> Decimal:
    """Smallest step of hours in the course's year (0.5, guess)."""
    return YearlyPolicy.objects.in_force(course.year or clock.this_year()).hour_step


def _names(enrolment_ids: set[int]) -> str:
    names = Enrolment.objects.filter(pk__in=enrolment_ids).values_list("user__name", flat=True)[:5]
    return "、".join(names) or "?"


def _mark(row: Enrolment, sheet: Sheet, hours: Mapping[int, Decimal]) -> Mark:
    return sheet.marks.get(row.pk) or Mark(S.ATTENDED, hours[row.pk])


def _write_closing(
    course: Course,
    by: Actor,
    account: BusinessAccount,
    key: str,
    rows: Sequence[Enrolment],
    hours: Mapping[int, Decimal],
    moment: datetime,
) -> Closing:
    states = [row.state for row in rows]
    return Closing.objects.create(
        course=course,
        request_key=key,
        closed_by=by.user,
        account=account,
        closed_at=moment,
        attended=states.count(S.ATTENDED),
        absent=states.count(S.ABSENT),
        excused=states.count(S.EXCUSED),
        walk_ins=sum(row.walk_in for row in rows),
        hours_total=sum(hours.values(), ZERO),
    )


def _issue(
    course: Course, rows: Sequence[Enrolment], hours: Mapping[int, Decimal], by: Actor, moment: datetime
) -> None:
    HourCredit.objects.bulk_create(
        [
            HourCredit(
                enrolment=row,
                course=course,
                user_id=row.user_id,
                kind=CreditKind.ISSUED,
                hours=hours[row.pk],
                issued_by=by.user,
                issued_at=moment,
            )
            for row in rows
            if row.pk in hours
        ],
        batch_size=500,
    )


def _totals(closing: Closing) -> dict[str, object]:
    names = ("attended", "absent", "excused", "walk_ins", "hours_total")
    return {name: getattr(closing, name) for name in names}


def _tell(
    course: Course, closing: Closing, rows: Sequence[Enrolment], hours: Mapping[int, Decimal], by: Actor
) -> None:
    path = reverse("hours:me")
    outbox.write(
        outbox.Letter(
            kind="hours_issued" if row.pk in hours else f"closed_{row.state}",
            to=row.user,
            about=f"course:{course.pk}",
            event=closing.pk,
            path=path,
            context={
                "course": course.title,
                "code": course.code,
                "hours": hours.get(row.pk),
                "unit": course.unit.name,
            },
            sent_by=by.person_label,
        )
        for row in rows
    )
