"""The leads of the units of a file: a second one is most often a mistake."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.imports.people_lines import Person
from accounts.imports.report import RowRefused
from accounts.models import BusinessAccount, User


class Leads:
    def __init__(self) -> None:
        self._held: dict[int, set[int]] = {}
        # Who becomes lead by an earlier row of the file.
        self._named: dict[int, str] = {}

    def note(self, people: Iterable[Person]) -> None:
        """Look up who leads the units for which rows name a lead: one query for any number of rows."""
        units = {row.unit.pk for row in people if row.role == Role.UNIT_LEAD} - self._held.keys()
        if not units:
            return
        self._held |= {unit: set() for unit in units}
        rows = BusinessAccount.objects.open().filter(unit_id__in=units, role=Role.UNIT_LEAD)
        for unit_id, user_id in rows.values_list("unit_id", "user_id"):
            self._held[unit_id].add(user_id)

    def refuse_second(self, row: Person, user: User | None) -> None:
        """Raise RowRefused when the row names a lead beside the one whom the unit has, or whom an earlier row names."""
        if row.role != Role.UNIT_LEAD:
            return
        held = self._held[row.unit.pk]
        is_another = bool(held) and (user is None or user.pk not in held)
        if is_another or self._named.get(row.unit.pk, row.key) != row.key:
            sentence = _("the unit has a lead already; a second one is appointed by itself, not by a file")
            raise RowRefused("角色", sentence)

    def name(self, row: Person) -> None:
        """Note that a row makes its person the lead."""
        if row.role == Role.UNIT_LEAD:
            self._named.setdefault(row.unit.pk, row.key)
