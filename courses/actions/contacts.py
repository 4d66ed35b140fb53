"""The public contact of a course: it follows the course to its new handler, and goes with a person who is anonymised, as what else
names the person in courses does.

A contact who is another person, such as an office with its own mailbox, stays. All but `forget` are called under the course's lock.
"""

from collections.abc import Sequence

from django.db.models import Q

from accounts.models import BusinessAccount, User
from courses.models import (
    Campaign,
    CampaignLetter,
    Course,
    EnrolmentWatch,
    FeedAddress,
    SavedSearch,
    TransferRequest,
)

WITHOUT_NUMBER = "無文號"


def contact_of(account: BusinessAccount) -> dict[str, str]:
    """Return the contact fields of a new course: the handler, and the unit's telephone where the person gave none."""
    user = account.user
    return {
        "contact_name": user.name,
        "contact_phone": user.phone or account.unit.phone,
        "contact_mail": user.email,
    }


def handed_over(course: Course, former: User, to: BusinessAccount) -> dict[str, str]:
    """Return the columns that name the former handler, as they are under the new one. The second contact is emptied."""
    if former.pk == to.user_id:
        return {}
    now = contact_of(to)
    changed = {}
    if former.name in course.contact_name:
        changed["contact_name"] = now["contact_name"]
    if former.email.lower() == course.contact_mail.lower():
        changed["contact_mail"] = now["contact_mail"]
    if now["contact_phone"] and (changed or (former.phone and former.phone == course.contact_phone)):
        changed["contact_phone"] = now["contact_phone"]
    if former.name in course.contact2_name or former.email.lower() == course.contact2_mail.lower():
        changed |= {"contact2_name": "", "contact2_phone": "", "contact2_mail": ""}
    return {name: text for name, text in changed.items() if getattr(course, name) != text}


def copied(course: Course, by: BusinessAccount) -> dict[str, str]:
    """Return the fields that a copy made by another person leaves empty: contact, meeting link and the numbers of letters.

    They have to be filled in before the copy is registered.
    """
    if course.handler.user_id == by.user_id:
        return {}
    second = dict.fromkeys(("contact2_name", "contact2_phone", "contact2_mail"), "")
    number = course.approval_number if course.approval_number == WITHOUT_NUMBER else ""
    return contact_of(by) | second | {"meeting_link": "", "approval_number": number, "basis_number": ""}


def forget(sender: object, people: Sequence[User], **more: object) -> None:
    """Empty what names people who are anonymised as contacts of their courses, and as new handlers in requests for a transfer."""
    for person in people:
        held = Q(handler__user=person) | Q(co_handler__user=person)
        for number in ("", "2"):
            mine = Q(**{f"contact{number}_name__contains": person.name}) | Q(
                **{f"contact{number}_mail__iexact": person.email}
            )
            columns = dict.fromkeys((f"contact{number}_{what}" for what in ("name", "phone", "mail")), "")
            Course.objects.filter(held & mine).update(**columns)
        CampaignLetter.objects.filter(mail__iexact=person.email).update(officer="", phone="", fax="", mail="")
        # A reminder by hand left the bare name: one of the same name who reminded before that person was closed is emptied too.
        Course.objects.filter(notified_by=person.name, notified_at__lt=person.closed_at).update(
            notified_by=""
        )
    TransferRequest.objects.filter(to_account__user__in=people).update(stated_name="")
    _forget_senders(people)
    for model, whose in ((SavedSearch, "owner"), (FeedAddress, "person"), (EnrolmentWatch, "person")):
        model._default_manager.filter(**{f"{whose}__in": people}).delete()


def _forget_senders(people: Sequence[User]) -> None:
    """Empty the names in campaigns that the people began, and in what the courses keep of them."""
    begun = Campaign.objects.filter(started_by__in=people)
    for sender in set(begun.exclude(sent_by="").values_list("sent_by", flat=True)):
        Course.objects.filter(notified_by=sender).update(notified_by="")
    begun.update(sent_by="")
