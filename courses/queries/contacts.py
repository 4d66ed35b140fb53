"""The public contacts of a course today."""

from dataclasses import dataclass

from accounts.models import User
from courses.models import Course
from courses.queries.in_charge import who_left


@dataclass(frozen=True)
class Contact:
    name: str
    phone: str = ""
    mail: str = ""


def shown_contacts(course: Course) -> list[Contact]:
    """Return the contacts that pages and API show, in order. The caller has loaded `unit`, `handler__user` and
    `co_handler__user`.

    The contact of a handler who has left is replaced by the unit with its telephone, because mail to that person would stay
    unread. A contact who is another person, such as an office with its own mailbox, stays.
    """
    typed = [
        Contact(course.contact_name, course.contact_phone, course.contact_mail),
        Contact(course.contact2_name, course.contact2_phone, course.contact2_mail),
    ]
    found = [contact for contact in typed if contact != Contact("")]
    if gone := who_left(course):
        unit = Contact(course.unit.name, course.unit.phone)
        found = list(dict.fromkeys(unit if _is_one_of(contact, gone) else contact for contact in found)) or [
            unit
        ]
    return found or [Contact(course.handler.user.name)]


def _is_one_of(contact: Contact, people: list[User]) -> bool:
    return any(
        person.name in contact.name or (contact.mail and contact.mail.lower() == person.email.lower())
        for person in people
    )
