"""The units that a hat keeps, and finding one among eleven thousand."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.acting import Actor
from accounts.enums import OPERATORS_KINDS, Role, UnitKind
from accounts.models import BusinessAccount, FormerCode, FormerName, Unit
from kit import clock
from kit.texts import contains_word, fold


@dataclass(frozen=True)
class UnitFilter:
    """What a list of units is narrowed to; an empty value narrows nothing."""

    county_id: int = 0
    kind: str = ""
    level: str = ""
    words: str = ""
    # Of the units that have not closed, "lead": no unit lead today; "mailbox": no mailbox of a contact.
    missing: str = ""
    # "open" or "closed".
    state: str = ""


def units_managed_by(by: Actor) -> QuerySet[Unit]:
    """The units that a hat may look at in the register: those of the own county, or all, by code."""
    rows = Unit.objects.select_related("county", "parent").order_by("code", "level")
    if by.is_operator_hat:
        return rows
    if by.account and by.is_county_hat:
        return rows.filter(county=by.county)
    return rows.none()


def units_matching(by: Actor, wanted: UnitFilter) -> QuerySet[Unit]:
    """The units of the register that a filter leaves. Each word is part of the name, of a former one or of the
    district, or begins a code."""
    rows = units_managed_by(by)
    if wanted.county_id:
        rows = rows.filter(county_id=wanted.county_id)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    for word in fold(wanted.words).split():
        rows = rows.filter(known_by(word) | contains_word("district", word))
    if wanted.state == "closed":
        rows = rows.filter(until__lt=clock.today())
    # Nobody is missing at a unit that has closed.
    if wanted.state == "open" or wanted.missing:
        rows = rows.filter(Q(until=None) | Q(until__gte=clock.today()))
    if wanted.missing == "lead":
        leads = BusinessAccount.objects.active().filter(unit=OuterRef("pk"), role=Role.UNIT_LEAD)
        rows = rows.filter(~Exists(leads))
    if wanted.missing == "mailbox":
        rows = rows.filter(contact_mail="")
    return rows


def known_by(word: str, unit: str = "") -> Q:
    """Return the condition that a unit has a word in its name, or a former one, or has the code, or had one that begins with it.

    `unit` is the path to the unit of a row, such as `unit`; empty for units themselves.
    """
    path = f"{unit}__" if unit else ""
    formerly = Q(
        (f"{path}pk__in", FormerName.objects.filter(contains_word("name", word)).values("unit")),
    ) | Q((f"{path}pk__in", FormerCode.objects.filter(code__startswith=fold(word).upper()).values("unit")))
    return contains_word(f"{path}name", word, also=f"{path}code") | formerly


def units_of_code(code: str, level: str = "") -> list[Unit]:
    """The units of a code, today's or a former one; the one of the level, named by its value or its word, where several share the code."""
    units = list(Unit.objects.select_related("county").of_code(code).order_by("level"))
    named = [unit for unit in units if level.strip() in (unit.level, unit.get_level_display())]
    return named if len(units) > 1 and named else units


def kinds_for(by: Actor) -> list[str]:
    """The kinds of units that a hat may make."""
    return [kind for kind in UnitKind.values if by.is_operator_hat or kind not in OPERATORS_KINDS]
