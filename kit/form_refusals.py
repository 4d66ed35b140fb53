"""A refusal of an action, shown in the form that was sent."""

from collections.abc import Collection, Mapping

from django.forms import BaseForm
from django.utils.functional import Promise

from kit.errors import Refusal


def add_refusal(form: BaseForm, refusal: Refusal, *, called: Mapping[str, str] | None = None) -> None:
    """Show a refusal at the field that it names, or above the form where the form has no such field.

    `called`: the form's names of fields that the action calls otherwise.
    """
    field = (called or {}).get(refusal.field or "", refusal.field)
    form.add_error(field if field in form.fields else None, refusal.message)


def what_lacks(form: BaseForm, otherwise: str | Promise) -> str:
    """Return why a form that is not shown again is refused: its own sentences, or the one for a field that was left empty."""
    errors = [
        error for found in form.errors.as_data().values() for error in found if error.code != "required"
    ]
    return " ".join(str(sentence) for error in errors for sentence in error.messages) or str(otherwise)


def by_field(refusal: Refusal, fields: Collection[str], otherwise: str) -> dict[str, str]:
    """Return a refusal by the field that it names, for fields that belong to no form; by `otherwise` where none of them is named."""
    field = refusal.field if refusal.field and refusal.field in fields else otherwise
    return {field: refusal.message}
