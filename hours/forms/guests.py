"""The fields of a person from outside, which belong to no form: the closing page and that of attendance have them."""

from django.http import QueryDict

from accounts.actions.guests import GuestFacts
from kit.errors import Refusal
from kit.form_refusals import by_field
from kit.texts import tidy

FIELDS = ("guest_name", "guest_unit", "guest_email")


def read_guest(data: QueryDict) -> GuestFacts:
    """Return what was typed."""
    return GuestFacts(*(tidy(data.get(name, "")) for name in FIELDS))


def guest_errors(refusal: Refusal) -> dict[str, str]:
    """Return a refusal by the field that it names, at the name where it names another one."""
    return by_field(refusal, FIELDS, FIELDS[0])
