"""What became of the enrolled once the course is over. Called by `hours`, inside its transaction, with the course locked."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.acting import Actor
from accounts.models import Affiliation, User
from courses.actions import absence_states, quota_seats, seats
from courses.actions.enrolment_record import record_change
from courses.actions.states import move
from courses.enums import (
    ENROLMENT_TRANSITIONS,
    HELPER_OUTCOMES,
    OUTCOMES,
    CourseState,
    DeclineCause,
    EnrolmentState,
    Participation,
)
from courses.errors import CannotAdmit, NotAnOutcome
from courses.errors.participants import HelperNotAbsent
from courses.models import Course, Enrolment
from courses.queries.undecided import undecided
from kit import clock

S, P = EnrolmentState, Participation


def set_outcomes(rows: Iterable[Enrolment], outcomes: Mapping[int, str]) -> None:
    """Write attended, absent or excused for each enrolment, one statement an outcome.

    Raise NotAnOutcome, CannotAdmit, HelperNotAbsent (lecturers and staff).
    """
    by_state: dict[str, list[int]] = {}
    for row in rows:
        wanted = outcomes[row.pk]
        _refuse_outcome(row, row.participation, wanted)
        by_state.setdefault(wanted, []).append(row.pk)
        row.state = wanted
    for state, ids in by_state.items():
        Enrolment.objects.filter(pk__in=ids).update(state=state)


def take_part_as(row: Enrolment, part: str, state: str) -> None:
    """Write as what a person took part in a closed course, with the outcome. Raise NotAnOutcome, HelperNotAbsent, CannotAdmit."""
    _refuse_outcome(row, part, state)
    Enrolment.objects.filter(pk=row.pk).update(participation=part, state=state)
    row.participation, row.state = part, state


def _refuse_outcome(row: Enrolment, part: str, wanted: str) -> None:
    if wanted not in OUTCOMES:
        raise NotAnOutcome(name=row.user.name)
    if part != P.PARTICIPANT and wanted not in HELPER_OUTCOMES:
        raise HelperNotAbsent(name=row.user.name)
    if row.state != wanted and wanted not in ENROLMENT_TRANSITIONS[row.state]:
        raise CannotAdmit(name=row.user.name, state=row.get_state_display())


def add_walk_ins(
    course: Course,
    people: Iterable[User],
    at: datetime,
    parts: Mapping[int, str] | None = None,
) -> list[Enrolment]:
    """Return enrolments of people who simply came; they hold no place. Who had cancelled or been declined is taken up again.

    `parts`: which people (by primary key) are lecturers or staff; their rows have attended from the beginning.
    """
    wanted, as_what = {person.pk: person for person in people}, parts or {}
    known = {row.user_id: row for row in course.enrolments.filter(user__in=wanted)}
    for row in known.values():
        if row.state == S.ADMITTED:
            continue
        facts = _came_as(as_what.get(row.user_id, P.PARTICIPANT))
        Enrolment.objects.filter(pk=row.pk).update(walk_in=True, cause="", **facts)
        row.state, row.participation, row.walk_in = facts["state"], facts["participation"], True
    serves = dict(
        Affiliation.objects.serving(course.ends_on or clock.today(at))
        .filter(user__in=wanted)
        .order_by("-rank", "-id")
        .values_list("user_id", "unit_id")
    )
    fresh = [
        Enrolment(
            course=course,
            user=person,
            unit_id=serves.get(pk),
            walk_in=True,
            enrolled_at=at,
            **_came_as(as_what.get(pk, P.PARTICIPANT)),
        )
        for pk, person in wanted.items()
        if pk not in known
    ]
    return [*known.values(), *Enrolment.objects.bulk_create(fresh, batch_size=500)]


def settle_doubles(course: Course, by: Actor, at: datetime) -> None:
    """Cancel the live enrolments of merged records beside which another one of the person counts; their places are given back.

    The person's outcome is that of the row that counts, so nobody is notified of these.
    """
    rows = list(course.enrolments.live().doubles().select_related("user").order_by("pk"))
    if not rows:
        return
    record_change("enrolment.double", course, rows, by=by, after={"state": S.CANCELLED})
    seated = [row for row in rows if row.state == S.ADMITTED and not row.walk_in]
    absence_states.end([row.pk for row in rows], at)
    quota_seats.free(course.pk, seated)
    Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(state=S.CANCELLED, decided_at=at)


def _came_as(part: str) -> dict[str, str]:
    return {"participation": part, "state": S.ADMITTED if part == P.PARTICIPANT else S.ATTENDED}


def finish(course: Course, by: Actor, at: datetime) -> list[Enrolment]:
    """End the enrolments that were still undecided or waiting when the course was closed, and notify their people.

    Nobody declined them, so the state becomes "not admitted" with the cause; each has a row in the record. Raise WrongState.
    """
    move(course, CourseState.CLOSED, closed_at=at)
    rows = list(undecided(course))
    if not rows:
        return []
    after = {"state": S.DECLINED, "cause": DeclineCause.COURSE_OVER}
    decisions = record_change("enrolment.course_over", course, rows, by=by, after=after)
    Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(**after, decided_at=at)
    seats.notify_decision(course, rows, "course_over", decisions, sent_by=by.person_label)
    return rows
