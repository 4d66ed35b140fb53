"""Forms of a unit that closes, is merged or split."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms.requests import ReasonField
from accounts.forms.unit_field import UnitField
from accounts.models import BusinessAccount, Unit
from courses.actions.unit_life import Receiver, Step
from courses.queries.unit_life import AccountLeft, Left
from kit import clock
from kit.form_fields import DayField, SeenField

MOST_SUCCESSORS = 3


class CloseForm(forms.Form):
    last_day = DayField(label=gettext_lazy("Last day"))
    successor = UnitField(label=gettext_lazy("Successor (if there is one)"), required=False)
    reason = ReasonField(help_text=gettext_lazy("For example: the number of the county's letter."))


class ReopenForm(forms.Form):
    reason = ReasonField()


class SuccessorsForm(forms.Form):
    """Where the unit goes: one unit for a merger, several for a split."""

    first = UnitField(label=gettext_lazy("Successor"))
    second = UnitField(label=gettext_lazy("Second successor (when the unit is split)"), required=False)
    third = UnitField(label=gettext_lazy("Third successor"), required=False)

    @property
    def units(self) -> list[Unit]:
        return list(dict.fromkeys(unit for unit in self.cleaned_data.values() if unit))


class PlanForm(forms.Form):
    """For each account: where its person goes on, and who takes its unclosed courses."""

    last_day = DayField(label=gettext_lazy("Last day (today or earlier)"))
    reason = ReasonField(help_text=gettext_lazy("For example: the number of the county's letter."))
    seen = SeenField()

    def __init__(
        self,
        left: Left,
        successors: Sequence[Unit],
        receivers: Sequence[BusinessAccount],
        *args: Any,
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self.left, self.successors = left, successors
        self.fields["last_day"].initial = clock.today()
        takers = self._takers(receivers)
        for row in left.accounts:
            self._add(row, takers)
        if left.places:
            self._add_people()

    def _add_people(self) -> None:
        units = [(str(unit.pk), unit.name) for unit in self.successors]
        self.fields["people_to"] = forms.ChoiceField(
            label=gettext_lazy("The people who serve here go on at"),
            choices=[("", gettext_lazy("nowhere by this act: the staff list stays as it is")), *units],
            required=False,
            initial=units[0][0] if len(units) == 1 else "",
            help_text=gettext_lazy(
                "Their places end with the unit and go on at the successor, with title and post. Who is newly appointed above serves there."
            ),
        )

    @property
    def home_of_people(self) -> Unit | None:
        chosen = self.cleaned_data.get("people_to", "")
        return next((unit for unit in self.successors if str(unit.pk) == chosen), None)

    def _takers(self, receivers: Sequence[BusinessAccount]) -> list[tuple[str, str]]:
        """People who may take courses: those of the unit at each successor, and those who hold an account there."""
        held = [(f"{a.user_id}-{a.unit_id}", f"{a.user.name}（{a.unit.name}）") for a in receivers]
        new = [
            (f"{account.user_id}-{unit.pk}", f"{account.user.name}（{unit.name}）")
            for unit in self.successors
            for account in self.left.open_accounts
        ]
        return list(dict([*held, *new]).items())

    def _add(self, row: AccountLeft, takers: list[tuple[str, str]]) -> None:
        account, only = row.account, self.successors[0] if len(self.successors) == 1 else None
        if row.is_open:
            units = [(str(unit.pk), unit.name) for unit in self.successors]
            self.fields[f"to_{account.pk}"] = forms.ChoiceField(
                label=gettext_lazy("Newly appointed at"),
                choices=[("", gettext_lazy("not appointed again")), *units],
                required=False,
                initial=str(only.pk) if only else "",
            )
        if row.courses:
            own = f"{account.user_id}-{only.pk}" if only and row.is_open else ""
            self.fields[f"courses_{account.pk}"] = forms.ChoiceField(
                label=gettext_lazy("The courses go to"),
                choices=[("", gettext_lazy("Please choose")), *takers],
                initial=own,
            )

    @property
    def rows(self) -> list[tuple[AccountLeft, list[Any]]]:
        """Each account with its fields, for the page."""
        names = [(row, (f"to_{row.account.pk}", f"courses_{row.account.pk}")) for row in self.left.accounts]
        return [(row, [self[name] for name in pair if name in self.fields]) for row, pair in names]

    @property
    def steps(self) -> dict[int, Step]:
        units = {str(unit.pk): unit for unit in self.successors}
        return {
            row.account.pk: Step(
                units.get(self.cleaned_data.get(f"to_{row.account.pk}", "")),
                _receiver(self.cleaned_data.get(f"courses_{row.account.pk}", "")),
            )
            for row in self.left.accounts
        }

    @property
    def moves(self) -> dict[int, int]:
        """The successor of each course, by primary keys."""
        steps = self.steps
        return {
            course.pk: receiver[1]
            for row in self.left.accounts
            for course in row.courses
            if (receiver := steps[row.account.pk].courses_to)
        }


def _receiver(value: str) -> Receiver | None:
    user, dash, unit = value.partition("-")
    return (int(user), int(unit)) if dash else None
