"""The closing page: a `Sheet` beside the people of the course, with what is wrong in each row.

A plain class, not a formset: 500 people are 500 rows of two fields, and each error belongs to its row. What was posted and what a
draft stored come the same way, as a `Sheet`; the page's own `sheet` goes to the draft and to the action as it is.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries.guests import organisation_of
from accounts.queries.names import distinguish
from courses.enums import OUTCOMES, EnrolmentState, Participation, PlannedAbsenceState
from courses.errors.postponements import ExcusedBefore
from courses.models import Course, Enrolment
from courses.queries.helpers import helpers_of
from courses.queries.hour_steps import fits
from courses.queries.planned_absences import said_in
from hours.actions.sheets import MOST_WALK_INS, refuse_listed
from hours.errors import TooManyWalkIns, UnknownParticipation
from hours.forms.closing_page import ClosingPage, Row
from hours.forms.closing_post import SALT, read_post, token_of
from hours.forms.evidence import evidence, reports_of
from hours.forms.prefilled import prefilled, suggested
from hours.models import ClosingDraft, Mark, Sheet, WalkIn
from hours.models.sheet import plain, read_amount
from hours.queries.attendance import CourseAttendance, attendance_of, without_signs
from hours.queries.closing_needs import EVERYTHING, ClosingNeeds
from hours.queries.sheet_people import admitted

__all__ = ["SALT", "add_walk_ins", "fresh", "posted", "restored", "sheet_of"]
S, P = EnrolmentState, Participation


def hours_sentence(most: Decimal, step: Decimal) -> str:
    """Return what may be written into a field of hours."""
    return _("Write a number of hours between %(step)s and %(most)s, in steps of %(step)s.") % {
        "step": plain(step),
        "most": plain(most),
    }


def read_hours(text: str, most: Decimal, step: Decimal) -> Decimal:
    """Return the hours typed, full-width digits welcome. Raise ValueError with the sentence for anything else."""
    amount = read_amount(text)
    if amount is None or not fits(amount, most, step):
        raise ValueError(hours_sentence(most, step))
    return amount


def fresh(course: Course, step: Decimal, needs: ClosingNeeds = EVERYTHING) -> ClosingPage:
    """Return the page as the signs of attendance suggest it; without any, with everybody present with the course's full hours.

    Lecturers and staff are those who were named; who signed without being on the list is prefilled as a walk-in.
    `needs`: what there is to read.
    """
    signed = attendance_of(course) if needs.signs else without_signs(course)
    people = admitted(course, needs)
    known = distinguish(people)
    rows = [_signed(_row(e, prefilled(signed, e), known[e.user_id].known_by), signed) for e in people]
    people_named = _named(course, {row.person.person_id for row in rows}) if needs.helpers else []
    helpers = _reported(people_named, signed)
    listed = {row.person.pk for row in rows} | {row.person.person_id for row in helpers}
    others = User.objects.filter(pk__in=signed.by_person.keys() - listed).order_by("name", "pk")
    came = [(person, suggested(signed, person.pk)) for person in others]
    walk_ins = [
        _signed(_walk_in_row(course, person, mark), signed)
        for person, mark in came
        if mark.state == S.ATTENDED
    ]
    sheet = Sheet(_new_key(), {row.pk: row.mark for row in rows}, _walk_ins_of([*walk_ins, *helpers]))
    return ClosingPage(course, step, sheet, rows, walk_ins, helpers, attendance=signed)


def _named(course: Course, listed: Collection[int], since: datetime | None = None) -> list[Row]:
    """Return a row for each named lecturer and member of staff who is not `listed` (people), all with the hours of the course.

    `since`: only those who were named later.
    """
    mark = Mark.of(S.ATTENDED, course.hours)
    return [
        _walk_in_row(course, row.user, mark, row.participation)
        for row in helpers_of(course)
        if row.person_id not in listed and (since is None or row.named_at > since)
    ]


def _signed(row: Row, signed: CourseAttendance) -> Row:
    """Return the row with the evidence of the person's signs and reports."""
    lines = evidence(signed, row.person.pk)
    mark = suggested(signed, row.person.pk) if signed.is_recorded else None
    return replace(row, evidence=lines, suggested=mark)


def _reported(rows: Iterable[Row], signed: CourseAttendance) -> list[Row]:
    """Return the rows of lecturers and staff with their reports of missed signs."""
    return [replace(row, evidence=reports_of(signed, row.person.pk)) for row in rows]


def restored(course: Course, step: Decimal, draft: ClosingDraft) -> ClosingPage:
    """Return the page as a draft left it, with the lecturers and staff who were named since; an empty draft is a fresh page."""
    sheet = draft.sheet
    if sheet.is_empty:
        return fresh(course, step)
    page = _page_of(course, step, replace(sheet, request_key=_new_key()))
    listed = {row.person.person_id for row in page.everybody}
    if not (later := _named(course, listed, draft.saved_at)):
        return page
    walk_ins = _walk_ins_of([*page.walk_ins, *page.helpers, *later])
    return replace(
        page, helpers=_helpers([*page.helpers, *later]), sheet=replace(page.sheet, walk_ins=walk_ins)
    )


def posted(course: Course, step: Decimal, data: QueryDict) -> ClosingPage:
    """Return the page as it came back."""
    sheet, problems = read_post(course, data)
    return _page_of(course, step, replace(sheet, request_key=sheet.request_key or _new_key()), problems)


def sheet_of(course: Course, data: QueryDict) -> Sheet:
    """Return the posted sheet without the list of today: what a repeated request is compared by."""
    return read_post(course, data)[0]


def add_walk_ins(page: ClosingPage, people: Iterable[User], part: str = P.PARTICIPANT) -> ClosingPage:
    """Return the page with people without enrolment added: participants, lecturers or staff; all or none.

    Raise UnknownParticipation, AlreadyListed, OneParticipation, TooManyWalkIns.
    """
    if part not in P.values:
        raise UnknownParticipation
    listed = {row.person.person_id: row.part for row in page.everybody}
    rows = []
    for person in people:
        if person.person_id in listed:
            raise refuse_listed(person.name, listed[person.person_id], part)
        listed[person.person_id] = part
        mark = Mark.of(S.ATTENDED, page.course.hours)
        rows.append(_walk_in_row(page.course, person, mark, part))
    added = [*page.walk_ins, *page.helpers, *rows]
    if len(added) > MOST_WALK_INS:
        raise TooManyWalkIns(number=len(added), most=MOST_WALK_INS)
    sheet = replace(page.sheet, walk_ins=_walk_ins_of(added))
    return replace(page, walk_ins=_participants(added), helpers=_helpers(added), sheet=sheet)


def _participants(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not row.is_helper]


def _helpers(rows: Iterable[Row]) -> list[Row]:
    """Return the lecturers and then the staff."""
    return sorted((row for row in rows if row.is_helper), key=lambda row: row.part)


def _page_of(course: Course, step: Decimal, sheet: Sheet, problems: Sequence[str] = ()) -> ClosingPage:
    """Return the page of a sheet: people admitted since are prefilled and marked as new; those who left are named with their mark."""
    signed = attendance_of(course)
    people = admitted(course)
    known = distinguish(people)
    rows = [
        _signed(_listed(course, step, sheet, e, known[e.user_id].known_by, signed), signed) for e in people
    ]
    missing = sheet.marks.keys() - {row.pk for row in rows}
    left = (
        course.enrolments.filter(pk__in=missing).select_related("user__guest", "unit")
        if missing
        else Enrolment.objects.none()
    )
    gone = [_row(e, sheet.marks[e.pk]) for e in left.order_by("user__name", "id")]
    added, more = _walk_ins(course, step, sheet, rows)
    walk_ins = [_signed(row, signed) for row in _participants(added)]
    seen = [*(row for row in rows if not row.is_new), *(row for row in gone if row.state in OUTCOMES)]
    marks = {row.pk: row.mark for row in seen}
    sheet = Sheet(sheet.request_key, marks, _walk_ins_of(added))
    return ClosingPage(
        course,
        step,
        sheet,
        rows,
        walk_ins,
        _reported(_helpers(added), signed),
        gone,
        [*problems, *more],
        attendance=signed,
    )


def _listed(
    course: Course, step: Decimal, sheet: Sheet, enrolment: Enrolment, known_by: str, signed: CourseAttendance
) -> Row:
    if mark := sheet.marks.get(enrolment.pk):
        return _checked(course, step, _row(enrolment, mark, known_by))
    return replace(_row(enrolment, prefilled(signed, enrolment), known_by), is_new=True)


def _checked(course: Course, step: Decimal, row: Row) -> Row:
    if row.state not in OUTCOMES:
        mark = row.mark._replace(state=S.ATTENDED)
        return replace(row, mark=mark, error=_("Choose attended, absent or excused."))
    if row.state == S.ABSENT and row.planned and row.planned.state == PlannedAbsenceState.ACCEPTED:
        return replace(row, error=ExcusedBefore(name=row.name).message)
    if row.state == S.ATTENDED:
        try:
            read_hours(row.typed, course.hours, step)
        except ValueError as error:
            return replace(row, error=str(error))
    return row


def _walk_ins(
    course: Course, step: Decimal, sheet: Sheet, rows: Iterable[Row]
) -> tuple[list[Row], list[str]]:
    """Return the rows of the walk-ins, and problems. A person who has enrolled meanwhile is marked on the list, with a sentence."""
    listed, asked = {row.person.person_id: row.name for row in rows}, sheet.by_person
    people = User.objects.filter(pk__in=asked).select_related("guest").order_by("pk")
    found, problems = [], []
    for person in people:
        one = asked[person.pk]
        if name := listed.get(person.person_id):
            problems.append(refuse_listed(name, P.PARTICIPANT, one.part).message)
            continue
        row = _walk_in_row(course, person, Mark(S.ATTENDED, one.typed), one.part)
        found.append(_checked(course, step, row))
    if len(found) > MOST_WALK_INS:
        problems.append(TooManyWalkIns(number=len(found), most=MOST_WALK_INS).message)
    return found, problems


def _walk_ins_of(rows: Iterable[Row]) -> tuple[WalkIn, ...]:
    return tuple(WalkIn(row.person.pk, row.typed, row.part) for row in rows)


def _row(enrolment: Enrolment, mark: Mark, known_by: str = "") -> Row:
    person, planned = enrolment.user, said_in(enrolment)
    return Row(
        person.name, enrolment.unit_name, mark, person, pk=enrolment.pk, known_by=known_by, planned=planned
    )


def _walk_in_row(course: Course, person: User, mark: Mark, part: str = P.PARTICIPANT) -> Row:
    token = token_of(course, person, part)
    return Row(person.name, organisation_of(person), mark, person, token=token, part=part)


def _new_key() -> str:
    return uuid.uuid4().hex
