"""The preview of the people whom a handler is about to put on a course's list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from accounts.queries.names import distinguish_people
from courses.enums import EnrolmentState
from courses.forms.participants import token_of
from courses.models import Course
from courses.models.typed import Typed
from courses.queries.audiences import outside_of
from courses.queries.participants import Found, Match
from courses.queries.quotas import allot
from kit.masking import masked_name


@dataclass(frozen=True)
class Candidate:
    token: str
    name: str
    account: str


@dataclass(frozen=True)
class PreviewRow:
    """One line: as typed, what was found, whom it can mean, and the state of an enrolment that changes."""

    number: int
    typed: str
    found: Found
    candidates: Sequence[Candidate]
    state: str = ""
    # Whether one of them is not among those who may enrol: being put on the list is an invitation.
    is_outside: bool = False


@dataclass(frozen=True)
class Preview:
    rows: Sequence[PreviewRow]
    left: int

    def number_of(self, *kinds: Found) -> int:
        return sum(row.found in kinds for row in self.rows)

    @property
    def outside(self) -> int:
        return sum(row.is_outside for row in self.rows)

    @property
    def found(self) -> int:
        return self.number_of(Found.ONE)

    @property
    def several(self) -> int:
        return self.number_of(Found.SEVERAL)

    @property
    def missing(self) -> int:
        return self.number_of(Found.NOBODY)

    @property
    def left_out(self) -> int:
        return self.number_of(Found.GUEST, Found.CLOSED)

    @property
    def enrolled(self) -> int:
        return self.number_of(Found.ENROLLED, Found.REPEATED)

    @property
    def short(self) -> int:
        """How many places are missing."""
        return max(self.found + self.several - self.left, 0)


def preview(course: Course, matches: Iterable[Match], left_out: Sequence[User] = ()) -> Preview:
    """`left_out`: people of an earlier course who cannot be put on the list; each is a row with the reason."""
    found = list(matches)
    people = {person.pk for match in found for person in match.people}
    outside = outside_of(course, people)
    rows = [
        PreviewRow(
            number,
            match.typed.echo,
            match.found,
            _candidates(course, match),
            str(EnrolmentState(match.state).label) if match.state else "",
            any(person.pk in outside for person in match.people),
        )
        for number, match in enumerate(found, 1)
    ]
    rows += [
        PreviewRow(number, person.name, Found.GUEST if person.is_guest else Found.CLOSED, ())
        for number, person in enumerate(left_out, len(rows) + 1)
    ]
    # Places that quotas keep for some of them are free for those.
    chosen = [match.people[0].pk for match in found if match.found == Found.ONE]
    return Preview(rows, course.seats_left + len(allot(course, chosen).kept))


def _candidates(course: Course, match: Match) -> list[Candidate]:
    accounts = distinguish_people(match.people)
    return [
        Candidate(token_of(course, person.pk), _name(person, match), accounts[person.pk])
        for person in match.people
    ]


def _name(person: User, match: Match) -> str:
    """People of other units stay masked unless the handler typed the name."""
    return person.name if person.pk in match.known else masked_name(person.name)


def as_typed(people: Iterable[User]) -> list[Typed]:
    """Return people who were chosen from a list as if their name and account had been typed."""
    return [Typed(person.email, person.name, chosen=True) for person in people]
