"""Whether a course may move, which courses could, and what the operator sees of a request."""

from collections.abc import Collection
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet

from accounts.enums import UNIT_ROLES
from accounts.models import BusinessAccount
from courses.enums import CourseState, TransferObstacle, TransferState
from courses.models import Course, TransferRequest
from kit.texts import fold


class Mismatch(StrEnum):
    """What a request, or a line of a pasted table, states otherwise than the system knows."""

    CODE = "code"
    TITLE = "title"
    NAME = "name"
    ACCOUNT = "account"
    HANDLER = "handler"


def why_not(course: Course, to: BusinessAccount) -> TransferObstacle | None:
    """Return why a course cannot move to an account; None when it can."""
    if not course.is_changeable:
        return TransferObstacle.NOT_UNCLOSED
    if course.handler_id == to.pk:
        return TransferObstacle.ALREADY_HELD
    if course.unit_id != to.unit_id:
        return TransferObstacle.OTHER_UNIT
    if to.role not in UNIT_ROLES or not to.is_active():
        return TransferObstacle.NOT_ACTIVE
    return None


def transferable_to(account: BusinessAccount) -> QuerySet[Course]:
    """Unclosed courses of colleagues at the account's unit, and drafts of those whose account has ended, without a pending request."""
    pending = TransferRequest.objects.filter(state=TransferState.PENDING).values("course_id")
    return (
        Course.objects.transferable()
        .of_unit(account.unit_id)
        .exclude(handler=account)
        .exclude(state=CourseState.DRAFT, handler__in=BusinessAccount.objects.active())
        .exclude(pk__in=pending)
        .select_related("handler__user", "co_handler__user")
        .order_by("handler__number", F("ends_on").asc(nulls_last=True), "id")
    )


def queue() -> QuerySet[TransferRequest]:
    """What waits for the operator, oldest first."""
    related = TransferRequest.objects.select_related(
        "course__unit__county",
        "course__handler__user",
        "course__co_handler__user",
        "from_account__user",
        "to_account__user",
        "requested_by",
    )
    return related.filter(state=TransferState.PENDING).order_by("requested_at", "id")


def flags(row: TransferRequest) -> list[Mismatch | TransferObstacle]:
    """Return what does not match between the four stated items and what the system knows; the operator decides."""
    differs = {
        Mismatch.CODE: row.stated_code != row.course.code,
        Mismatch.TITLE: fold(row.stated_title) != fold(row.course.title),
        Mismatch.NAME: fold(row.stated_name) != fold(row.to_account.user.name),
        Mismatch.ACCOUNT: row.stated_account != row.to_account.number,
        Mismatch.HANDLER: row.course.handler_id != row.from_account_id,
    }
    found: list[Mismatch | TransferObstacle] = [what for what, is_wrong in differs.items() if is_wrong]
    if obstacle := why_not(row.course, row.to_account):
        found.append(obstacle)
    return found


def unclosed_of(account: BusinessAccount) -> QuerySet[Course]:
    """What an account would leave behind: its unclosed courses and its drafts."""
    rows = Course.objects.transferable().filter(Q(handler=account))
    return rows.order_by(F("ends_on").asc(nulls_last=True), "id")


def unfinished_by_account(account_ids: Collection[int]) -> dict[int, int]:
    """Return how many unclosed courses and drafts each of these accounts would leave behind."""
    rows = Course.objects.transferable().filter(handler_id__in=account_ids).order_by()
    return dict(rows.values("handler_id").annotate(n=Count("pk")).values_list("handler_id", "n"))


def colleagues_of(account: BusinessAccount) -> QuerySet[BusinessAccount]:
    """Accounts in force at the same unit that could take courses over."""
    rows = BusinessAccount.objects.active().filter(unit_id=account.unit_id, role__in=UNIT_ROLES)
    return rows.exclude(pk=account.pk).select_related("user").order_by("number")
