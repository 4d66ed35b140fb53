"""`{{ reason|translated_reason }}`: a stored reason in the language of the page."""

from django import template

from accounts.models.stored_reasons import translated

register = template.Library()


@register.filter
def translated_reason(value: str) -> str:
    """A reason that the system wrote, translated; what a person typed as it is."""
    return translated(value or "")
