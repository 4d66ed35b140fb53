"""What the steps of the registration form show: which one, what is missing or wrong on each, its fields with their hints."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from courses.forms import RegistrationForms
from courses.forms.registration import FormProblem
from courses.forms.steps import ALL, FIRST, PREVIEW, STEPS, WIDE, Step, step_of, target
from courses.presenters.hints import HintView, hint_views
from courses.queries.completeness import missing_facts

Places = defaultdict[str, list[HintView]]
# Fields below which a hint may appear.
HINTED = ("title", "hours", "place", "enrol_from", "enrol_until")


@dataclass(frozen=True)
class FieldView:
    bound: Any
    is_wide: bool
    is_hinted: bool
    hints: list[HintView]


@dataclass(frozen=True)
class StepView:
    step: Step
    is_current: bool
    is_visible: bool
    fields: list[FieldView]
    rows: Any = None
    missing: list[str] = field(default_factory=list)
    problems: int = 0
    hints: list[HintView] = field(default_factory=list)


@dataclass(frozen=True)
class StepperView:
    """`current` is None when all is on one page; `is_known`: whether it is known what each step lacks."""

    steps: list[StepView]
    current: StepView | None
    problems: list[FormProblem]
    is_known: bool

    @property
    def is_all(self) -> bool:
        return self.current is None

    @property
    def shows_preview(self) -> bool:
        return any(s.is_visible and s.step.number == PREVIEW for s in self.steps)

    @property
    def previous(self) -> StepView | None:
        return self._beside(-1)

    @property
    def following(self) -> StepView | None:
        return self._beside(1)

    def _beside(self, way: int) -> StepView | None:
        number = self.current.step.number + way if self.current else 0
        return next((s for s in self.steps if s.step.number == number), None)


def view_of(forms: RegistrationForms, *, requested: str | None, submitted: str | None) -> StepperView:
    """Return the steps as the page shows them. `requested`: the step to show; `submitted`: the step that was submitted. Steps with
    errors come first and are all open, so that the links of the summary work.
    """
    problems = forms.problems()
    wrong: set[int | None] = {problem.step for problem in problems if problem.step}
    current = _current(forms, problems, target(requested), target(submitted))
    missing = missing_facts(forms.course) if forms.course and forms.is_draft and not forms.is_bound else []
    said = hint_views(forms.hints)
    hints = _by_place(said)
    steps = []
    for step in STEPS:
        names = [*step.fields, step.rows]
        steps.append(
            StepView(
                step=step,
                is_current=step.number == current,
                is_visible=_is_visible(step.number, current, wrong),
                fields=[_field(forms, name, hints) for name in step.fields],
                rows=_rows(forms, step, hints),
                missing=[str(fact.label) for fact in missing if fact in names],
                problems=sum(problem.step == step.number for problem in problems),
                hints=[h for h in said if step_of(h.at) == step.number and step.number != PREVIEW],
            )
        )
    chosen = next((s for s in steps if s.is_current), None)
    # What is missing from a draft that is not saved yet is not known: no step is called complete.
    known = forms.course is not None and not (forms.is_bound and forms.is_draft)
    return StepperView(steps, chosen, problems, is_known=known)


def hint_places(forms: RegistrationForms) -> list[tuple[str, list[HintView]]]:
    """Return every place on the page below which a hint may appear, with its hints: also the empty ones, whose hint has gone."""
    hints = _by_place(hint_views(forms.hints))
    return [(at, hints[at]) for at in (*HINTED, *(form.prefix for form in forms.sessions.forms))]


def preview_of(forms: RegistrationForms, view: StepperView) -> dict[str, Any]:
    """The preview's lists: steps with something missing, questions to confirm, other hints with their step, and the public face."""
    return {
        "missing": [item for item in view.steps if item.missing],
        "asks": [hint for hint in hint_views(forms.hints) if hint.asks],
        "told": [(item.step, hint) for item in view.steps for hint in item.hints if not hint.asks],
        "face": forms.face(),
    }


def _by_place(hints: Iterable[HintView]) -> Places:
    found: Places = defaultdict(list)
    for hint in hints:
        found[hint.at].append(hint)
    return found


def _current(
    forms: RegistrationForms,
    problems: list[FormProblem],
    requested: int | str | None,
    submitted: int | str | None,
) -> int | str:
    """The first step with an error; where the form was sent from when it is wrong as a whole; else the requested one."""
    if submitted == ALL and (problems or requested is None):
        return ALL
    if problems:
        return min((f.step for f in problems if f.step), default=submitted or FIRST)
    if forms.course is None and requested != ALL:
        return FIRST
    return requested or FIRST


def _is_visible(number: int, current: int | str, wrong: set[int | None]) -> bool:
    if current == ALL:
        return number != PREVIEW
    return number in wrong or number == current


def _field(forms: RegistrationForms, name: str, hints: Places) -> FieldView:
    return FieldView(forms.form[name], name in WIDE, name in HINTED, hints[name])


def _rows(forms: RegistrationForms, step: Step, hints: Places) -> Any:
    """The set of rows of a step, each row with its hints."""
    if not step.rows:
        return None
    formset = getattr(forms, step.rows)
    return {"formset": formset, "rows": [(row, hints[row.prefix]) for row in formset.forms]}
