"""The registration form as a whole: the course's fields and its two sets of rows, checked, compared and shown as one."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.acting import Actor
from courses.actions.contacts import WITHOUT_NUMBER, contact_of
from courses.actions.course_fields import CourseData, SessionData
from courses.enums import CourseState
from courses.forms.course import CourseForm, InstructorFormSet, SessionFormSet
from courses.forms.repeats import with_more_rows
from courses.forms.steps import ALL, step_of
from courses.models import Course
from courses.queries.course_plan import Hint, Plan, Span
from courses.queries.registration_checks import hints
from kit import clock

LISTS = ("stages", "groups", "tags")


@dataclass(frozen=True)
class FormProblem:
    """One error of the form: the step it belongs to, the field's id and name (none for the form as a whole), the sentence."""

    step: int | None
    anchor: str
    label: str
    text: str


class RegistrationForms:
    """`course` is None for a new one; `data` is what was posted; `blank` names a set of rows that wants an empty row."""

    def __init__(
        self, actor: Actor, course: Course | None, data: QueryDict | None = None, blank: str = ""
    ) -> None:
        self.actor, self.course = actor, course
        if course is not None:
            prefetch_related_objects([course], "sessions", "instructors", *LISTS)
        data = None if data is None else with_more_rows(data)
        rows, people = ([], []) if course is None else (_session_rows(course), _people(course))
        initial = _defaults(actor) if course is None else {"version": course.version}
        self.form = CourseForm(data, instance=course, initial=initial)
        self.sessions = SessionFormSet(data, initial=rows, prefix="sessions")
        self.instructors = InstructorFormSet(data, initial=people, prefix="instructors")
        for formset, filled in ((self.sessions, rows), (self.instructors, people)):
            formset.extra = int(not filled or blank == formset.prefix)

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    @property
    def is_draft(self) -> bool:
        return self.course is None or self.course.state == CourseState.DRAFT

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.sessions.is_valid(), self.instructors.is_valid()])

    def is_touched(self) -> bool:
        """Whether anything differs from what the page showed when it was opened."""
        typed = set(self.form.changed_data) - {"version"}
        return bool(typed) or self.sessions.is_touched() or self.instructors.is_touched()

    def course_data(self) -> CourseData:
        """Return the values of the valid forms, for the action."""
        said = self.form.cleaned_data
        return CourseData(
            fields={name: value for name, value in said.items() if name not in (*LISTS, "version")},
            sessions=[f.session() for f in self.sessions.filled_rows()],
            instructors=[
                (f.cleaned_data["name"], f.cleaned_data.get("organisation", ""))
                for f in self.instructors.filled_rows()
            ],
            **{name: said[name] for name in LISTS},
        )

    def data_of_step(self, step: int | str | None, course: Course) -> CourseData:
        """Return the values of one step from the valid forms, the others from the saved course; all from the forms on the single page."""
        said = self.course_data()
        if step == ALL:
            return said

        def here(name: str) -> bool:
            return step_of(name) == step

        rows = [SessionData(s.starts_at, s.ends_at, s.place, s.topic) for s in course.sessions.all()]
        people = [(person.name, person.organisation) for person in course.instructors.all()]
        return CourseData(
            fields={name: value for name, value in said.fields.items() if here(name)},
            sessions=said.sessions if here("sessions") else rows,
            instructors=said.instructors if here("instructors") else people,
            **{n: getattr(said, n) if here(n) else getattr(course, n).all() for n in LISTS},
        )

    @cached_property
    def hints(self) -> list[Hint]:
        """Return the hints of the checks; none for a page that is still untouched."""
        if self.is_bound:
            return hints(self._typed_plan())
        return hints(Plan.of(self.course)) if self.course else []

    def _typed_plan(self) -> Plan:
        """As far as it can be read: a field with an error is left out."""
        self.is_valid()
        said, course = self.form.cleaned_data, self.course
        names = ("title", "mode", "place", "hours", "enrol_from", "enrol_until")
        return Plan(
            unit=course.unit if course else self.actor.appointment.unit,
            handler_id=course.handler_id if course else self.actor.appointment.pk,
            spans=[span for f in self.sessions.filled_rows() if (span := _span(f))],
            instructors=[
                f.cleaned_data["name"] for f in self.instructors.filled_rows() if f.cleaned_data.get("name")
            ],
            course_id=course.pk if course else None,
            is_draft=self.is_draft,
            **{name: said[name] for name in names if said.get(name) is not None},
        )

    def problems(self) -> list[FormProblem]:
        """Every error with its place, in the order of the form; the form as a whole first."""
        if not self.is_bound:
            return []
        found = [FormProblem(None, "", "", str(text)) for text in self.form.non_field_errors()]
        for bound in self.form:
            found += [_problem_of(bound, bound.name, str(bound.label), str(text)) for text in bound.errors]
        rows = ((self.sessions, _("Session")), (self.instructors, _("Instructor")))
        for formset, word in rows:
            found += [
                FormProblem(step_of(formset.prefix), "", "", text) for text in formset.non_form_errors()
            ]
            for number, form in enumerate(formset.forms, start=1):
                for bound in () if formset._should_delete_form(form) else form:
                    label = f"{word} {number} – {bound.label}"
                    found += [_problem_of(bound, formset.prefix, label, text) for text in bound.errors]
        return sorted(found, key=lambda problem: problem.step or 0)

    def face(self) -> dict[str, Any]:
        """Return the course that the preview shows: the saved one, or a copy with the unsaved values of the form."""
        course = self.course
        if course is None:
            return {}
        if not self.is_bound:
            rows = {name: getattr(course, name).all() for name in ("sessions", "instructors", *LISTS)}
            return {**rows, "shown": course}
        data, shown = self.course_data(), copy(course)
        for name, value in data.fields.items():
            setattr(shown, name, value)
        people = [{"name": name, "organisation": where} for name, where in data.instructors]
        return {
            "sessions": sorted(data.sessions, key=lambda s: s.starts_at),
            "instructors": people,
            "shown": shown,
            **{name: self.form.cleaned_data[name] for name in LISTS},
        }


def _problem_of(bound: Any, name: str, label: str, text: str) -> FormProblem:
    return FormProblem(step_of(name), bound.id_for_label or f"{bound.auto_id}_0", label, text)


def _span(form: Any) -> Span | None:
    said = form.cleaned_data
    if not all(said.get(name) is not None for name in ("day", "starts", "ends")):
        return None
    session = form.session()
    return Span(form.prefix, session.starts_at, session.ends_at, session.place)


def _session_rows(course: Course) -> list[dict[str, Any]]:
    return [
        {
            "day": clock.day_of(s.starts_at),
            "starts": s.starts_at.astimezone(clock.TAIPEI).time(),
            "ends": s.ends_at.astimezone(clock.TAIPEI).time(),
            "place": s.place,
            "topic": s.topic,
        }
        for s in course.sessions.all()
    ]


def _people(course: Course) -> list[dict[str, Any]]:
    return [{"name": person.name, "organisation": person.organisation} for person in course.instructors.all()]


def _defaults(actor: Actor) -> dict[str, Any]:
    """Return common initial values: the handler is the contact, the place is the unit."""
    account = actor.appointment
    return {
        "approval_number": WITHOUT_NUMBER,
        "method": "講授與分組實作",
        "materials": "講師自編講義",
        "place": account.unit.name,
        **contact_of(account),
    }
