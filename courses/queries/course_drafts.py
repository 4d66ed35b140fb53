"""Drafts of courses by the page on which they were begun."""

from uuid import UUID

from courses.models import Course


def draft_of_form(unit_id: int, form_key: UUID) -> Course | None:
    """Return the unit's course that was begun on a page, draft or not any more; None while nothing of the page was saved."""
    related = Course.objects.of_unit(unit_id).select_related(
        "unit", "handler__user", "co_handler__user", "handler__unit", "nature"
    )
    return related.filter(form_key=form_key).first()
