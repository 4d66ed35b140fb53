"""`{{ unit|named_on:day }}`: the name that a unit had on a day; `{{ field|column_of }}`: the column of lists of units."""

from datetime import date

from django import template

from accounts.imports.unit_lines import COLUMNS
from accounts.models import Unit
from accounts.queries.unit_history import unit_names

register = template.Library()


@register.filter
def named_on(unit: Unit | None, day: date | None) -> str:
    return unit_names().on(unit, day) if unit else ""


@register.filter
def column_of(field: str) -> str:
    return {**COLUMNS, "code": "學校代碼"}.get(field, field)
