"""Where the hours of a closing differ from what the signs of attendance are worth (docs/adr/0026)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from courses.enums import EnrolmentState
from hours.models.sheet import ZERO
from hours.queries.attendance import CourseAttendance
from hours.queries.presence import Presence

# The act of the record that keeps what the signs were worth when a course was closed.
ACT = "attendance.compared"


def worth(found: Presence) -> Decimal:
    """Return the hours that signs suggest; none for who was absent or came for too short a time."""
    return found.hours if found.state == EnrolmentState.ATTENDED else ZERO


def deviations(signed: CourseAttendance, issued: Mapping[int, tuple[int, Decimal]]) -> dict[int, Decimal]:
    """Return what the signs of a person are worth where other hours are issued, by the number of the enrolment.

    `issued`: the person of each enrolment, and the hours.
    """
    found = {pk: worth(signed.presence_of(person)) for pk, (person, _hours) in issued.items()}
    return {pk: hours for pk, hours in found.items() if hours != issued[pk][1]}


def recorded_facts(signed: CourseAttendance, differing: Mapping[int, Decimal]) -> dict[str, Any]:
    """Return what the record keeps: the terms by which the signs were counted, and the hours where others were issued."""
    return {
        "people": len(differing),
        "late_minutes": signed.terms.tolerance // timedelta(minutes=1),
        "half_signed_counts": signed.terms.half_signed_counts,
        "step": str(signed.terms.step),
        "by_signs": {str(pk): str(hours) for pk, hours in sorted(differing.items())},
    }


def read(kept_facts: Mapping[str, Any]) -> dict[int, Decimal]:
    """Return the deviations that the record keeps, by the number of the enrolment."""
    return {int(pk): Decimal(hours) for pk, hours in kept_facts.get("by_signs", {}).items()}
