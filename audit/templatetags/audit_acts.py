"""`{{ event.action|act }}`: what an act of the record is called."""

from django import template

from audit.acts import ACTS

register = template.Library()


@register.filter
def act(action: str) -> str:
    """What an act of the record is called; an unknown one keeps its code."""
    return str(ACTS.get(action, action))
